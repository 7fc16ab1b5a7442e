package io.javisor.firmware.linux;

import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.BootException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** A kernel command line that fits: printable ASCII and tabs, short enough for the kernel and for its place. */
public record CommandLine(String text) {
    /** What x86 Linux takes, the NUL included ({@code COMMAND_LINE_SIZE}, arch/x86/include/asm/setup.h). It cuts the rest off silently. */
    public static final int COMMAND_LINE_SIZE = 2048;

    private static final int SHOWN_CHARACTERS = 20;

    public CommandLine {
        if (text.length() >= COMMAND_LINE_SIZE) {
            throw new BootException("the kernel command line has %d characters; x86 Linux takes at most %d"
                    .formatted(text.length(), COMMAND_LINE_SIZE - 1));
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c >= 0x7F) {
                throw new BootException(
                        "the kernel command line has U+%04X after '%s'; it takes printable ASCII characters"
                                .formatted((int) c, text.substring(Math.max(0, i - SHOWN_CHARACTERS), i)));
            }
        }
    }

    /** Its size in memory, with the NUL. */
    public int sizeBytes() {
        return text.length() + 1;
    }

    /** Writes it and its NUL to {@code gpa}. */
    public void write(GuestMemory memory, long gpa) {
        byte[] bytes = (text + '\0').getBytes(StandardCharsets.US_ASCII);
        // As a segment: the JDK's copy from an array makes a class at its first use, which no start should wait for.
        memory.copyIn(MemorySegment.ofArray(bytes), 0, gpa, bytes.length);
    }
}
