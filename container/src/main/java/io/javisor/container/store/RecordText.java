package io.javisor.container.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

/** Records in the making, as JSON objects, a line each. Made by hand: a process may write a GB. Not for several threads. */
final class RecordText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LOG = "{\"log\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BYTES = "{\"bytes\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_ESCAPE = 6;
    private static final int LEAST_SIZE = 64 << 10;

    private byte[] endOfOutput = {};
    private byte[] endOfErrors = {};
    private byte[] bytes = new byte[LEAST_SIZE];
    private int length;

    /** Of what follows: when it came. */
    void begin(Instant time) {
        String text = TIME.format(time);
        endOfOutput = end(OutputKind.STDOUT, text);
        endOfErrors = end(OutputKind.STDERR, text);
    }

    private static byte[] end(OutputKind kind, String time) {
        return ("\",\"stream\":\"" + kind + "\",\"time\":\"" + time + "\"}\n").getBytes(StandardCharsets.US_ASCII);
    }

    void add(OutputKind kind, byte[] source, int start, int end) {
        int before = length;
        append(LOG);
        if (!appendText(source, start, end)) {
            length = before;
            append(BYTES);
            append(Base64.getEncoder().encode(Arrays.copyOfRange(source, start, end)));
        }
        append(kind == OutputKind.STDOUT ? endOfOutput : endOfErrors);
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    private void require(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    private void append(byte[] added) {
        require(added.length);
        System.arraycopy(added, 0, bytes, length, added.length);
        length += added.length;
    }

    /** Returns false if it is no UTF-8. */
    private boolean appendText(byte[] source, int start, int end) {
        require(LONGEST_ESCAPE * (end - start));
        byte[] target = bytes;
        int at = length;
        int i = start;
        while (i < end) {
            byte value = source[i];
            if (value < 0) {
                int size = characterSize(source, i, end);
                if (size == 0) {
                    return false;
                }
                for (int last = i + size; i < last; i++) {
                    target[at++] = source[i];
                }
                continue;
            }
            if (value >= ' ' && value != '"' && value != '\\') {
                target[at++] = value;
            } else {
                at = escape(target, at, value);
            }
            i++;
        }
        length = at;
        return true;
    }

    private static int escape(byte[] target, int start, byte value) {
        int at = start;
        target[at++] = '\\';
        switch (value) {
            case '"', '\\' -> target[at++] = value;
            case '\n' -> target[at++] = 'n';
            case '\r' -> target[at++] = 'r';
            case '\t' -> target[at++] = 't';
            default -> {
                target[at++] = 'u';
                target[at++] = '0';
                target[at++] = '0';
                target[at++] = HEX[value >> 4];
                target[at++] = HEX[value & 0xF];
            }
        }
        return at;
    }

    /** How many bytes the character has that begins there (RFC 3629 §4); 0 if it is none, or not all of it is there. */
    private static int characterSize(byte[] source, int at, int end) {
        int first = source[at] & 0xFF;
        int size = size(first);
        if (size == 0 || at + size > end) {
            return 0;
        }
        int second = source[at + 1] & 0xFF;
        int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = at + 2; i < at + size; i++) {
            if ((source[i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return size;
    }

    private static int size(int first) {
        if (first >= 0xC2 && first <= 0xDF) {
            return 2;
        }
        if (first >= 0xE0 && first <= 0xEF) {
            return 3;
        }
        return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
    }

    /** Where a part of a text is to end, so that it cuts no character; where there is none to cut, at its end. */
    static int endOfCharacter(byte[] source, int start, int end) {
        int at = end - 1;
        while (at > start && end - at < 4 && (source[at] & 0xC0) == 0x80) {
            at--;
        }
        int size = size(source[at] & 0xFF);
        return at > start && size > end - at ? at : end;
    }
}
