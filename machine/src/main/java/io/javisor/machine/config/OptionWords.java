package io.javisor.machine.config;

import io.javisor.core.text.EditDistance;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An option's value as {@code key=value,key,key=value}: each key once; a comma in a value is written twice. */
final class OptionWords {
    private OptionWords() {}

    /**
     * Takes it apart.
     *
     * @param firstKey what a first word without {@code =} is the value of
     * @param known the keys that there are
     * @return values by key, empty for a key alone
     * @throws IllegalArgumentException naming the first key that is unknown or repeats
     */
    static Map<String, String> parse(String text, String firstKey, Set<String> known) {
        return words(text, firstKey, known);
    }

    /**
     * As above, with all values behind their keys.
     *
     * @throws IllegalArgumentException naming the first key that is unknown or repeats
     */
    static Map<String, String> parse(String text, Set<String> known) {
        return words(text, null, known);
    }

    private static Map<String, String> words(String text, @Nullable String firstKey, Set<String> known) {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> words = split(text);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            int equals = word.indexOf('=');
            String key = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? "" : word.substring(equals + 1);
            if (i == 0 && firstKey != null && !known.contains(key)) { // a path, which may have a = in it
                key = firstKey;
                value = word;
            }
            if (!known.contains(key)) {
                throw new IllegalArgumentException("'" + key + "' is not known; " + advice(key, known));
            }
            if (values.putIfAbsent(key, value) != null) {
                throw new IllegalArgumentException("'" + key + "' is there twice");
            }
        }
        return values;
    }

    /** The words of {@code text}, at least one, with the commas that were written twice. */
    static List<String> split(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != ',') {
                word.append(c);
            } else if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
                word.append(c);
                i++;
            } else {
                words.add(word.toString());
                word.setLength(0);
            }
        }
        words.add(word.toString());
        return words;
    }

    private static String advice(String given, Set<String> known) {
        String unknown = given.toLowerCase(Locale.ROOT);
        return known.stream()
                .filter(key -> EditDistance.isNear(unknown, key))
                .min(Comparator.comparingInt(key -> EditDistance.between(key, unknown)))
                .map(key -> "did you mean '" + key + "'?")
                .orElseGet(() ->
                        "known are " + String.join(", ", known.stream().sorted().toList()));
    }
}
