package io.javisor.firmware.acpi;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Names in AML: name segments, name strings (ACPI 6.5 §20.2.2) and compressed EISA ids (§19.6.37). */
final class AmlName {
    private static final int DUAL_NAME_PREFIX = 0x2E;
    private static final int MULTI_NAME_PREFIX = 0x2F;
    private static final int NULL_NAME = 0x00;
    private static final int SEGMENT_SIZE = 4;
    private static final int EISA_ID_LENGTH = 7;

    private AmlName() {}

    /**
     * One segment, padded with underscores: {@code _CRS}, {@code COM1}, {@code X}.
     *
     * @throws IllegalArgumentException unless 1 to 4 of A-Z, 0-9 and underscore, not first a digit
     */
    static AmlTerm segment(String name) {
        boolean legal = !name.isEmpty() && name.length() <= SEGMENT_SIZE && !isDigit(name.charAt(0));
        int[] units = {'_', '_', '_', '_'};
        for (int i = 0; legal && i < name.length(); i++) {
            char character = name.charAt(i);
            legal = character == '_' || isDigit(character) || (character >= 'A' && character <= 'Z');
            units[i] = character;
        }
        if (!legal) {
            throw new IllegalArgumentException("not an AML name segment: '" + name + "'");
        }
        return AmlTerm.ofBytes(units);
    }

    /**
     * A path as ASL writes it: {@code \_SB.COM1}, {@code ^X}, {@code \}.
     *
     * @throws IllegalArgumentException if a segment is not one, or there are more than 255
     */
    static AmlTerm path(String path) {
        int start = 0;
        if (path.startsWith("\\")) {
            start = 1;
        } else {
            while (start < path.length() && path.charAt(start) == '^') {
                start++;
            }
        }
        AmlTerm prefix = AmlTerm.of(path.substring(0, start).getBytes(StandardCharsets.US_ASCII));
        String rest = path.substring(start);
        if (rest.isEmpty() && start > 0) {
            return AmlTerm.concat(prefix, AmlTerm.ofBytes(NULL_NAME));
        }
        String[] segments = rest.split("\\.", -1);
        AmlTerm count =
                switch (segments.length) {
                    case 1 -> AmlTerm.ofBytes();
                    case 2 -> AmlTerm.ofBytes(DUAL_NAME_PREFIX);
                    default -> AmlTerm.ofBytes(MULTI_NAME_PREFIX, segments.length);
                };
        if (segments.length > 0xFF) {
            throw new IllegalArgumentException("an AML path of " + segments.length + " segments");
        }
        AmlTerm[] terms = new AmlTerm[segments.length + 2];
        terms[0] = prefix;
        terms[1] = count;
        for (int i = 0; i < segments.length; i++) {
            terms[i + 2] = segment(segments[i]);
        }
        return AmlTerm.concat(terms);
    }

    /**
     * The number of an EISA id such as {@code PNP0501}: three letters of 5 bits, then four hexadecimal digits; stored big-endian, so
     * that the value as a little-endian integer looks swapped.
     *
     * @throws IllegalArgumentException unless it is three of A-Z and four of 0-9, A-F
     */
    static long eisaId(String id) {
        boolean legal = id.length() == EISA_ID_LENGTH;
        int value = 0;
        for (int i = 0; legal && i < 3; i++) {
            char letter = id.charAt(i);
            legal = letter >= 'A' && letter <= 'Z';
            value = (value << 5) | (letter - 'A' + 1);
        }
        for (int i = 3; legal && i < EISA_ID_LENGTH; i++) {
            int digit = Character.digit(id.charAt(i), 16);
            legal = digit >= 0 && id.equals(id.toUpperCase(Locale.ROOT));
            value = (value << 4) | digit;
        }
        if (!legal) {
            throw new IllegalArgumentException("not an EISA id: '" + id + "'");
        }
        return Integer.toUnsignedLong(Integer.reverseBytes(value));
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }
}
