package io.javisor.packaging.share;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A completion function for zsh, with descriptions. zshcompsys(1), "Utility Functions". picocli's own script serves zsh through
 * {@code bashcompinit}, without descriptions, and sets options and an alias in the user's shell to do it.
 */
final class ZshCompletion {
    private final StringBuilder out = new StringBuilder();

    private ZshCompletion() {}

    static String of(CommandSpec spec) {
        ZshCompletion completion = new ZshCompletion();
        completion.out.append("#compdef ").append(spec.name()).append('\n');
        completion.out.append("# Written at package time from the commands' options: changes belong there.\n");
        completion.function(spec);
        completion.out.append('\n').append(functionName(spec)).append(" \"$@\"\n");
        return completion.out.toString();
    }

    private static String functionName(CommandSpec spec) {
        return "_" + spec.qualifiedName("_").replace('-', '_');
    }

    /** The functions of the subcommands, then that of the command itself. */
    private void function(CommandSpec spec) {
        List<CommandSpec> commands = Texts.commands(spec);
        commands.forEach(this::function);
        out.append('\n').append(functionName(spec)).append("() {\n");
        List<String> arguments = new ArrayList<>();
        Texts.options(spec).forEach(option -> arguments.add(option(option, spec)));
        if (commands.isEmpty()) {
            for (PositionalParamSpec parameter : spec.positionalParameters()) {
                arguments.add(parameter(parameter, spec));
            }
            out.append("  _arguments -s -S").append(joined(arguments)).append('\n');
        } else {
            arguments.add(quoted("1:command:((" + described(commands) + "))"));
            arguments.add(quoted("*::argument:->argument"));
            out.append("  local context curcontext=\"$curcontext\" state state_descr line ret=1\n");
            out.append("  typeset -A opt_args\n");
            out.append("  _arguments -s -S -C").append(joined(arguments)).append(" && ret=0\n");
            out.append("  if [[ $state == argument ]]; then\n    case $line[1] in\n");
            for (CommandSpec command : commands) {
                out.append("      ").append(command.name()).append(") ").append(functionName(command));
                out.append(" && ret=0 ;;\n");
            }
            out.append("    esac\n  fi\n  return ret\n");
        }
        out.append("}\n");
    }

    private static String joined(List<String> arguments) {
        return arguments.stream().map(argument -> " \\\n    " + argument).collect(Collectors.joining());
    }

    /** {@code run\:"boots a guest" ...}, as it stands between double parentheses. */
    private static String described(List<CommandSpec> commands) {
        return commands.stream()
                .map(command -> command.name() + "\\:\"" + doubleQuoted(Texts.phrase(command)) + "\"")
                .collect(Collectors.joining(" "));
    }

    private static String option(OptionSpec option, CommandSpec spec) {
        List<String> names = names(option, spec);
        String message = !Texts.takesValue(option) ? "" : (option.arity().min() == 0 ? "::" : ":") + labelled(option);
        String description = "[" + bracketed(Texts.firstSentence(option.description())) + "]";
        String repeat = option.isMultiValue() ? "*" : "";
        String excluded = repeat.isEmpty() && names.size() > 1 ? "(" + String.join(" ", names) + ")" : "";
        if (names.size() == 1) {
            return quoted(repeat + withMark(option, names.getFirst()) + description + message);
        }
        String braces = names.stream().map(name -> withMark(option, name)).collect(Collectors.joining(","));
        return quoted(repeat + excluded) + "{" + braces + "}" + quoted(description + message);
    }

    private static List<String> names(OptionSpec option, CommandSpec spec) {
        List<String> names = new ArrayList<>(List.of(option.names()));
        if (option.negatable()) {
            for (String name : option.names()) {
                names.add(spec.negatableOptionTransformer().makeNegative(name, spec));
            }
        }
        return names;
    }

    /** How the value follows: {@code --memory=} with an equals sign or as the next word, {@code -m+} at once or as the next word. */
    private static String withMark(OptionSpec option, String name) {
        return !Texts.takesValue(option) ? name : name.startsWith("--") ? name + "=" : name + "+";
    }

    private static String parameter(PositionalParamSpec parameter, CommandSpec spec) {
        List<CommandSpec> siblings = spec.parent() == null ? List.of() : Texts.commands(spec.parent());
        boolean optional = parameter.arity().min() == 0;
        String start = parameter.isMultiValue() ? "*:" : optional ? "::" : ":";
        // The argument of a help command is another command's name.
        return quoted(
                spec.helpCommand() ? start + "command:((" + described(siblings) + "))" : start + labelled(parameter));
    }

    private static String labelled(ArgSpec argument) {
        return argument.paramLabel().replace(":", "\\:") + ":" + action(argument);
    }

    private static String action(ArgSpec argument) {
        if (MachineNameCompletion.complete(argument)) {
            return MachineNameCompletion.inZsh();
        }
        @Nullable Iterable<String> candidates = argument.completionCandidates();
        if (candidates != null && candidates.iterator().hasNext()) {
            return StreamSupport.stream(candidates.spliterator(), false).collect(Collectors.joining(" ", "(", ")"));
        }
        return Stream.of(argument.auxiliaryTypes()).anyMatch(type -> type == Path.class || type == File.class)
                ? "_files"
                : "";
    }

    private static String bracketed(String text) {
        return text.replace("\\", "\\\\")
                .replace("[", "\\[")
                .replace("]", "\\]")
                .replace(":", "\\:");
    }

    private static String doubleQuoted(String text) {
        return text.replaceAll("([\\\\\"$`:])", "\\\\$1");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
