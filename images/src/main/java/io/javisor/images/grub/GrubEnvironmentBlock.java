package io.javisor.images.grub;

import java.util.LinkedHashMap;
import java.util.Map;

/** The file {@code grubenv} (GRUB manual, "The GRUB environment block"): a line a variable, {@code #} to the end of its 1024 bytes. */
final class GrubEnvironmentBlock {
    static final int SIZE_MAX = 64 << 10;

    private static final String SIGNATURE = "# GRUB Environment Block\n";

    private GrubEnvironmentBlock() {}

    static boolean isOne(String text) {
        return text.startsWith(SIGNATURE);
    }

    /** Its variables; none if it is no environment block. */
    static Map<String, String> parse(String text) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (!isOne(text)) {
            return variables;
        }
        int position = SIGNATURE.length();
        StringBuilder line = new StringBuilder();
        for (; position < text.length(); position++) {
            char c = text.charAt(position);
            if (c == '\\' && position + 1 < text.length()) {
                // A backslash or a line's end in a value.
                line.append(text.charAt(++position));
            } else if (c == '\n') {
                add(variables, line.toString());
                line.setLength(0);
            } else {
                line.append(c);
            }
        }
        return variables;
    }

    private static void add(Map<String, String> variables, String line) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.startsWith("#")) {
            variables.put(line.substring(0, equals), line.substring(equals + 1));
        }
    }
}
