package io.javisor.testkit.guest;

import io.javisor.core.memory.GuestMemory;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * Machine code written as a disassembler prints it, one instruction a line: {@code 1000: e6 80 ; out 0x80,al}. The bytes count; what
 * follows the semicolon is for the reader, and so are lines that start with one. Each line's address is checked, so that the
 * jumps in the comments can be trusted.
 */
final class Listing {
    private final long startGpa;
    private final byte[] bytes;

    private Listing(long startGpa, byte[] bytes) {
        this.startGpa = startGpa;
        this.bytes = bytes;
    }

    static Listing parse(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long start = -1;
        for (String line : text.lines().toList()) {
            int comment = line.indexOf(';');
            String code = (comment < 0 ? line : line.substring(0, comment)).strip();
            if (code.isEmpty()) {
                continue;
            }
            int colon = code.indexOf(':');
            long gpa = Long.parseLong(code, 0, colon, 16);
            start = start < 0 ? gpa : start;
            if (gpa != start + bytes.size()) {
                throw new IllegalArgumentException("is at 0x" + Long.toHexString(start + bytes.size()) + ": " + line);
            }
            bytes.writeBytes(HexFormat.ofDelimiter(" ")
                    .parseHex(code.substring(colon + 1).strip()));
        }
        if (start < 0) {
            throw new IllegalArgumentException("no code in: " + text);
        }
        return new Listing(start, bytes.toByteArray());
    }

    void writeTo(GuestMemory memory) {
        memory.copyIn(bytes, 0, startGpa, bytes.length);
    }
}
