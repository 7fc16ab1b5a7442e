package io.javisor.images.grub;

import io.javisor.images.grub.GrubNode.Part;
import io.javisor.images.grub.GrubNode.Word;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What commands may change that may be run or not, no matter which of them are. Most conditions of real menus whose outcome can't be known
 * decide how the screen looks.
 */
final class GrubEffects {
    private static final int DEPTH_MAX = 16;
    private static final Pattern NAME = Pattern.compile("\\w+");
    private static final Pattern IN_NAME = Pattern.compile("[\\w:=-]*");

    private final Map<String, List<GrubNode>> functions;
    private final Set<String> variables = new HashSet<>();
    private final Set<String> called = new HashSet<>();
    private int depth;

    private GrubEffects(Map<String, List<GrubNode>> functions) {
        this.functions = functions;
    }

    /** The variables that they may change; null if they may change more than variables, or it can't be said. */
    static @Nullable Set<String> of(List<List<GrubNode>> bodies, Map<String, List<GrubNode>> functions) {
        GrubEffects effects = new GrubEffects(functions);
        return bodies.stream().allMatch(effects::collect) ? effects.variables : null;
    }

    private boolean collect(List<GrubNode> nodes) {
        return nodes.stream().allMatch(this::collect);
    }

    private boolean collect(GrubNode node) {
        return switch (node) {
            case GrubNode.Command command -> command(command.words());
            case GrubNode.If conditional ->
                collect(conditional.condition()) && collect(conditional.then()) && collect(conditional.otherwise());
            case GrubNode.While loop -> collect(loop.condition()) && collect(loop.body());
            case GrubNode.For loop -> {
                String variable = literal(loop.variable());
                if (variable != null) {
                    variables.add(variable);
                }
                yield variable != null && collect(loop.body());
            }
            case GrubNode.Function _, GrubNode.Block _ -> false;
        };
    }

    private boolean command(List<Word> words) {
        String first = words.isEmpty() ? "" : literal(words.getFirst());
        if (first == null) {
            return assigns(words.getFirst());
        }
        List<Word> arguments = words.subList(Math.min(1, words.size()), words.size());
        return switch (first) {
            case "!" -> command(arguments);
            case "", "[", "test", "true", "false" -> true;
            case "set" -> arguments.isEmpty() || assigns(arguments.getFirst());
            case "hwmatch" -> {
                variables.add(GrubCommands.MATCH);
                yield true;
            }
            case "unset" -> arguments.stream().allMatch(this::names);
            case "search", "search.fs_uuid", "search.fs_label", "search.file", "probe" -> {
                variables.add("root");
                yield arguments.stream().allMatch(this::names);
            }
            default -> {
                List<GrubNode> function = functions.get(first);
                if (GrubCommands.HARMLESS.contains(first)) {
                    yield true;
                }
                if (GrubCommands.changesMore(first)) {
                    yield false;
                }
                if (function == null) {
                    yield assigns(words.getFirst()) || foreign(arguments);
                }
                if (depth == DEPTH_MAX) {
                    yield false;
                }
                if (!called.add(first)) {
                    // What it changes was collected.
                    yield true;
                }
                depth++;
                boolean known = collect(function);
                depth--;
                yield known;
            }
        };
    }

    /** A command that is not known: what its arguments may name is changed. */
    private boolean foreign(List<Word> arguments) {
        for (Word argument : arguments) {
            String text = literal(argument);
            if (text == null && mayName(argument)) {
                return false;
            }
            String variable = text == null ? null : GrubCommands.named(text);
            if (variable != null) {
                variables.add(variable);
            }
        }
        return true;
    }

    /** Whether one that depends on a variable may become a variable's name. */
    private static boolean mayName(Word argument) {
        boolean oneWord = argument.parts().stream().allMatch(part -> part.quoted() || !part.variable());
        return !oneWord
                || argument.parts().stream()
                        .allMatch(part ->
                                part.variable() || IN_NAME.matcher(part.text()).matches());
    }

    /** An argument that may name a variable, which is one from here on. */
    private boolean names(Word argument) {
        String text = literal(argument);
        if (text == null) {
            return false;
        }
        String name = text.substring(text.indexOf('=') + 1);
        if (NAME.matcher(name).matches()) {
            variables.add(name);
        }
        return true;
    }

    private boolean assigns(Word assignment) {
        Part first = assignment.parts().isEmpty() ? null : assignment.parts().getFirst();
        int equals = first == null || first.variable() ? -1 : first.text().indexOf('=');
        if (first == null || equals <= 0) {
            return false;
        }
        variables.add(first.text().substring(0, equals));
        return true;
    }

    /** Null if it depends on a variable. */
    private static @Nullable String literal(Word word) {
        StringBuilder text = new StringBuilder();
        for (Part part : word.parts()) {
            if (part.variable()) {
                return null;
            }
            text.append(part.text());
        }
        return text.toString();
    }
}
