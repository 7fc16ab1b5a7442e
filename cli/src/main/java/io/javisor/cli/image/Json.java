package io.javisor.cli.image;

import io.javisor.core.text.Printable;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON that holds what images say of themselves, which a terminal must not obey. */
final class Json {
    private static final JsonMapper INDENTED =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** What JSON may leave as it is, and a terminal or an editor takes for something. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}&&[^\\n\\r]]");

    private Json() {}

    /** In one line. */
    static String line(JsonNode node) {
        return escaped(JsonMapper.shared().writeValueAsString(node));
    }

    /** In lines that are indented. */
    static String lines(JsonNode node) {
        return escaped(INDENTED.writeValueAsString(node));
    }

    private static String escaped(String json) {
        return UNPRINTABLE.matcher(json).replaceAll(found -> {
            StringBuilder escape = new StringBuilder();
            found.group().chars().forEach(unit -> escape.append("\\\\u%04x".formatted(unit)));
            return escape.toString();
        });
    }

    /** Text with tabs and ends of lines as they are, and a question mark for each other character that does not print. */
    static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '\n' || text.charAt(i) == '\t') {
                shown.append(Printable.of(text.substring(start, i)));
                if (i < text.length()) {
                    shown.append(text.charAt(i));
                }
                start = i + 1;
            }
        }
        return shown.toString();
    }
}
