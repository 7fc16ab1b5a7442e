package io.javisor.firmware.grub;

import io.javisor.firmware.grub.GrubNode.Part;
import io.javisor.firmware.grub.GrubNode.Word;
import io.javisor.firmware.image.BootException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The variables of a script, and how words take their values. Text that doubles itself is stopped. */
final class GrubVariables {
    private static final int VALUE_LENGTH_MAX = 16 << 10;
    private static final int TOTAL_LENGTH_MAX = 2 << 20;
    private static final Pattern REFERENCE = Pattern.compile("\\$(?:\\{(\\w+)\\}|(\\w+))");

    private final String name;
    private final Map<String, String> values = new HashMap<>();
    private List<String> arguments = List.of();
    private long expanded;

    /** @param name the script's, for messages */
    GrubVariables(String name) {
        this.name = name;
    }

    void set(String variable, String value) {
        values.put(variable, value);
    }

    void unset(String variable) {
        values.remove(variable);
    }

    /** Empty if it is not set. */
    String get(String variable) {
        if (variable.equals("@") || variable.equals("*")) {
            return String.join(" ", arguments);
        }
        if (variable.equals("#")) {
            return Integer.toString(arguments.size());
        }
        if (variable.length() == 1 && Character.isDigit(variable.charAt(0))) {
            int index = variable.charAt(0) - '1';
            return index >= 0 && index < arguments.size() ? arguments.get(index) : "";
        }
        return values.getOrDefault(variable, "");
    }

    /** What {@code $1} and so on stand for from now on; gives what they stood for. */
    List<String> arguments(List<String> newArguments) {
        List<String> old = arguments;
        arguments = newArguments;
        return old;
    }

    /** The words of a command, with values put in: one without quotes is split at blanks, and gives no word if it is empty. */
    List<String> expand(List<Word> words) {
        List<String> results = new ArrayList<>();
        for (Word word : words) {
            expand(word, results);
        }
        return results;
    }

    private void expand(Word word, List<String> results) {
        StringBuilder current = new StringBuilder();
        boolean any = false;
        for (Part part : word.parts()) {
            String value = part.variable() ? get(part.text()) : part.text();
            charge(value.length());
            if (!part.variable() || part.quoted()) {
                current.append(value);
                any = true;
                continue;
            }
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c != ' ' && c != '\t' && c != '\n') {
                    current.append(c);
                    any = true;
                } else if (any) {
                    results.add(current.toString());
                    current.setLength(0);
                    any = false;
                }
            }
        }
        if (current.length() > VALUE_LENGTH_MAX) {
            throw new BootException("%s: a word of %d characters".formatted(name, current.length()));
        }
        if (any) {
            results.add(current.toString());
        }
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
            throw new BootException("%s: its variables make more than %d characters".formatted(name, TOTAL_LENGTH_MAX));
        }
    }
}
