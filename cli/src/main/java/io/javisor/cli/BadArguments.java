package io.javisor.cli;

import io.javisor.core.text.EditDistance;
import io.javisor.core.text.Printable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with arguments and what may stand there, in the words of those who write them: picocli's are a programmer's. */
final class BadArguments {
    private static final Pattern WITHOUT_VALUE =
            Pattern.compile("(?s)option '([^']+)'.* should be specified without '(.*)' parameter");
    private static final Pattern WHOLE_NUMBER = Pattern.compile("[+-]?[0-9]+");

    private BadArguments() {}

    /** One line, without the program's name and an end. */
    static String line(ParameterException problem) {
        CommandSpec command = problem.getCommandLine().getCommandSpec();
        String text = Printable.line(text(problem, command));
        return text + " (see '" + command.qualifiedName() + " --help')";
    }

    private static String text(ParameterException problem, CommandSpec command) {
        ArgSpec argument = problem.getArgSpec();
        return switch (problem) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched, command);
            case MissingParameterException missing
            when !missing.getMissing().isEmpty() -> missing(missing.getMissing());
            case OverwrittenOptionException twice -> twice(twice.getOverwritten());
            case MaxValuesExceededException _ -> tooMuch(Printable.line(String.valueOf(problem.getMessage())));
            default -> {
                String value = problem.getValue();
                String allowed = argument == null ? null : allowed(argument, value);
                yield allowed == null
                        ? ErrorMessages.firstLower(Printable.line(String.valueOf(problem.getMessage())))
                        : name(argument) + " is " + allowed + ", not '" + value + "'";
            }
        };
    }

    private static String unmatched(UnmatchedArgumentException problem, CommandSpec command) {
        String written = problem.getUnmatched().getFirst();
        if (written.startsWith("-")) {
            return "there is no option '" + written.replaceFirst("(?s)=.*", "") + "'" + suggestions(problem);
        }
        if (!command.subcommands().isEmpty()) {
            return "there is no command '" + written + "'" + suggestions(problem);
        }
        String taken =
                command.positionalParameters().stream().map(ArgSpec::paramLabel).collect(Collectors.joining(" and "));
        return "'" + written + "' is too much: " + command.qualifiedName() + " takes "
                + (taken.isEmpty() ? "options" : taken) + " only";
    }

    private static String suggestions(UnmatchedArgumentException unmatched) {
        // picocli's have letters in common with what was written, in whatever order.
        String written = bare(unmatched.getUnmatched().getFirst());
        List<String> near = unmatched.getSuggestions().stream()
                .filter(suggestion -> EditDistance.isNear(written, bare(suggestion)))
                .toList();
        return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    }

    /** An option's name, without its value, or a command's. */
    private static String bare(String argument) {
        return argument.replaceFirst("^-+", "").replaceFirst("(?s)=.*", "");
    }

    private static String missing(List<ArgSpec> arguments) {
        ArgSpec first = arguments.getFirst();
        return first.isOption()
                ? name(first) + " needs a value: " + first.paramLabel()
                : first.paramLabel() + " is missing";
    }

    private static String twice(ArgSpec argument) {
        return name(argument) + " is given more than once; give it once";
    }

    private static String tooMuch(String message) {
        Matcher matcher = WITHOUT_VALUE.matcher(message);
        return matcher.matches() ? matcher.group(1) + " takes no value; leave out '" + matcher.group(2) + "'" : message;
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    /** What an argument's value may be; null if its type does not tell, or the value is none of the problem's. */
    private static @Nullable String allowed(ArgSpec argument, @Nullable String value) {
        if (value == null) {
            return null;
        }
        Class<?> type = argument.type();
        if (type == int.class || type == Integer.class) {
            return WHOLE_NUMBER.matcher(value).matches() ? "a whole number of at most 9 digits" : "a whole number";
        }
        if (type == double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        Object[] constants = type.getEnumConstants();
        return constants == null
                ? null
                : Arrays.stream(constants)
                        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(" or "));
    }
}
