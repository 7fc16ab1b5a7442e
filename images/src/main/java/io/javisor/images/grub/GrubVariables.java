package io.javisor.images.grub;

import io.javisor.images.ImageException;
import io.javisor.images.grub.GrubNode.Part;
import io.javisor.images.grub.GrubNode.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The variables of a script, and how words take their values. Text that doubles itself is stopped. */
final class GrubVariables {
    private static final int VALUE_LENGTH_MAX = 16 << 10;
    private static final int TOTAL_LENGTH_MAX = 2 << 20;
    private static final Pattern REFERENCE = Pattern.compile("\\$(?:\\{(\\w+)\\}|(\\w+))");

    private final String name;
    private final GrubUnknowns unknowns;
    private final Supplier<GrubNode.Place> place;
    private Map<String, String> values = new HashMap<>();
    private final Set<String> exported = new HashSet<>();
    /** Null outside of functions and entries. */
    private @Nullable List<String> arguments;

    private String status = "0";
    private long expanded;

    /** What to go back to after an entry that does not boot. */
    record Saved(Map<String, String> values, Set<String> exported) {}

    /**
     * @param name the script's, for messages
     * @param place where it is, for what is not known
     */
    GrubVariables(String name, GrubUnknowns unknowns, Supplier<GrubNode.Place> place) {
        this.name = name;
        this.unknowns = unknowns;
        this.place = place;
    }

    /** Sets it; {@code root} loses parentheses as it is written, as in GRUB. */
    void set(String variable, String value) {
        values.put(variable, variable.equals("root") ? GrubDisk.withoutParentheses(value) : value);
    }

    void unset(String variable) {
        values.remove(variable);
    }

    /** It is there in menus within this one, too. */
    void export(String variable) {
        exported.add(variable);
    }

    /** As a submenu or another menu's file begins: with what was exported, alone. */
    void openContext() {
        values = new HashMap<>(values);
        values.keySet().retainAll(exported);
    }

    Saved save() {
        return new Saved(new HashMap<>(values), new HashSet<>(exported));
    }

    void restore(Saved saved) {
        values = new HashMap<>(saved.values);
        exported.clear();
        exported.addAll(saved.exported);
        status = "0";
    }

    /** What {@code $?} stands for: 0, or the number of an error. */
    void status(GrubStatus ended) {
        status = ended.doubt() == null && ended.success() ? "0" : "";
    }

    boolean isSet(String variable) {
        return values.containsKey(variable);
    }

    /** Empty if it is not set. */
    String get(String variable) {
        List<String> given = arguments == null ? List.of() : arguments;
        if (variable.equals("?")) {
            return status.isEmpty() ? unknown("the number of an error, $?,") : status;
        }
        if (variable.equals("@") || variable.equals("*")) {
            return String.join(" ", given);
        }
        if (variable.equals("#")) {
            return arguments == null ? "" : counted(given, given.size(), Integer.toString(given.size()));
        }
        if (Character.isDigit(variable.charAt(0))) {
            int index = Integer.parseInt(variable) - 1;
            return index < 0 ? "" : counted(given, index, index < given.size() ? given.get(index) : "");
        }
        String value = values.get(variable);
        if (value == null && variable.equals("cmdpath")) {
            return unknown("where GRUB was started from, $cmdpath,");
        }
        return value == null ? "" : value;
    }

    private String unknown(String what) {
        return unknowns.mark("%s: %s is not known".formatted(place.get(), what));
    }

    /** What is not known may have been several words, or none. */
    private String counted(List<String> given, int index, String value) {
        String doubt = unknowns.reason(given.subList(0, Math.min(index, given.size())));
        return doubt == null ? value : unknowns.mark(doubt);
    }

    /** What {@code $1} and so on stand for from now on; gives what they stood for. Null for outside of functions and entries. */
    @Nullable
    List<String> arguments(@Nullable List<String> newArguments) {
        List<String> old = arguments;
        arguments = newArguments;
        return old;
    }

    @Nullable
    List<String> arguments() {
        return arguments;
    }

    /** A word that is being made; the pattern has a backslash before what is no wildcard. */
    private static final class Growing {
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder pattern = new StringBuilder();
        private boolean any;
        private boolean wild;

        void quoted(String value) {
            any = true;
            text.append(value);
            for (int i = 0; i < value.length(); i++) {
                pattern.append("*?\\".indexOf(value.charAt(i)) >= 0 ? "\\" : "").append(value.charAt(i));
            }
        }

        /** @param escaped whether it is behind a backslash, that a value has and a script has not */
        void plain(char c, boolean escaped) {
            any = true;
            boolean wildcard = c == '*' || c == '?';
            wild |= wildcard && !escaped;
            text.append(c);
            pattern.append(c == '\\' || (wildcard && escaped) ? "\\" : "").append(c);
        }
    }

    /**
     * The words of a command, with values put in: one without quotes is split at blanks, those at its ends left out (grub-core/script/argv.c), and gives no
     * word if it is empty.
     *
     * @param files gives the paths that a pattern stands for; none leave it as it is
     */
    List<String> expand(List<Word> words, Function<String, List<String>> files) {
        List<String> results = new ArrayList<>();
        for (Word word : words) {
            expand(word, results, files);
        }
        return results;
    }

    private void expand(Word word, List<String> results, Function<String, List<String>> files) {
        Growing current = new Growing();
        for (Part part : word.parts()) {
            if (part.variable() && part.quoted() && part.text().equals("@")) {
                current = all(current, results, files);
                continue;
            }
            String value = part.variable() ? get(part.text()) : part.text();
            charge(value.length());
            if (part.quoted()) {
                current.quoted(value);
                continue;
            }
            boolean begun = false;
            boolean split = false;
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (part.variable() && (c == ' ' || c == '\t' || c == '\n')) {
                    split = begun;
                    continue;
                }
                if (split) {
                    end(current, results, files);
                    current = new Growing();
                    split = false;
                }
                begun = true;
                current.plain(c, i > 0 && value.charAt(i - 1) == '\\');
            }
        }
        end(current, results, files);
    }

    /** {@code "$@"}: a word for each. */
    private Growing all(Growing first, List<String> results, Function<String, List<String>> files) {
        Growing current = first;
        List<String> given = arguments == null ? List.of() : arguments;
        for (int i = 0; i < given.size(); i++) {
            if (i > 0) {
                end(current, results, files);
                current = new Growing();
            }
            charge(given.get(i).length());
            current.quoted(given.get(i));
        }
        return current;
    }

    private void end(Growing word, List<String> results, Function<String, List<String>> files) {
        if (word.text.length() > VALUE_LENGTH_MAX) {
            throw new ImageException("%s: a word of %d characters".formatted(name, word.text.length()));
        }
        if (!word.any) {
            return;
        }
        boolean path = !word.text.isEmpty() && "/(*".indexOf(word.text.charAt(0)) >= 0;
        List<String> found = word.wild && path ? files.apply(word.pattern.toString()) : List.of();
        found.forEach(file -> charge(file.length()));
        results.addAll(found.isEmpty() ? List.of(word.text.toString()) : found);
    }

    /** Text that is no script, but in which GRUB puts values: that of a boot entry. */
    String expand(String text) {
        return REFERENCE.matcher(text).replaceAll(match -> {
            String value = get(match.group(1) != null ? match.group(1) : match.group(2));
            charge(value.length());
            return Matcher.quoteReplacement(value);
        });
    }

    private void charge(int length) {
        expanded += length;
        if (expanded > TOTAL_LENGTH_MAX) {
            throw new ImageException(
                    "%s: its variables make more than %d characters".formatted(name, TOTAL_LENGTH_MAX));
        }
    }
}
