package io.javisor.machine.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A trace of the guest's instructions.
 *
 * @param path the file to write
 * @param first the first linear address of the instructions that are traced
 * @param last the last one, as an unsigned number
 */
public record TraceConfig(Path path, long first, long last) {
    /** What {@link #parse} takes. */
    public static final String SYNTAX = "[path=]FILE[,range=FIRST..LAST|FIRST+SIZE]";

    private static final Set<String> KEYS = Set.of("path", "range");

    /** @throws IllegalArgumentException if the last address is below the first */
    public TraceConfig {
        if (Long.compareUnsigned(first, last) > 0) {
            throw new IllegalArgumentException("range 0x%x..0x%x ends before it begins".formatted(first, last));
        }
    }

    /**
     * Reads one as the command line has it. Addresses are numbers of up to 64 bits, in hexadecimal with {@code 0x}.
     *
     * @throws IllegalArgumentException if it is not {@link #SYNTAX}
     */
    public static TraceConfig parse(String text) {
        Map<String, String> words = OptionWords.parse(text, "path", KEYS);
        String path = words.getOrDefault("path", "");
        if (path.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' lacks the file's path: write " + SYNTAX);
        }
        String range = words.get("range");
        return range == null ? new TraceConfig(Path.of(path), 0, -1) : inRange(Path.of(path), range);
    }

    private static TraceConfig inRange(Path path, String range) {
        int dots = range.indexOf("..");
        int plus = range.indexOf('+');
        if (dots < 0 == plus < 0) {
            throw noRange(range);
        }
        if (dots >= 0) {
            return new TraceConfig(
                    path, number(range, range.substring(0, dots)), number(range, range.substring(dots + 2)));
        }
        long first = number(range, range.substring(0, plus));
        long size = number(range, range.substring(plus + 1));
        long last = first + size - 1;
        if (size == 0 || Long.compareUnsigned(last, first) < 0) {
            throw noRange(range);
        }
        return new TraceConfig(path, first, last);
    }

    private static long number(String range, String text) {
        try {
            return text.startsWith("0x")
                    ? Long.parseUnsignedLong(text, 2, text.length(), 16)
                    : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw noRange(range, e);
        }
    }

    private static IllegalArgumentException noRange(String range) {
        return noRange(range, null);
    }

    private static IllegalArgumentException noRange(String range, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "range='" + range + "' is none; write 0xffffffff81000000..0xffffffff81000fff or 0x1000+0x200", cause);
    }

    /** Whether it is of all instructions. */
    public boolean isOfAll() {
        return first == 0 && last == -1;
    }

    /** The same trace in another file. */
    public TraceConfig at(Path other) {
        return new TraceConfig(other, first, last);
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        String file = path.toString().replace(",", ",,");
        return isOfAll() ? file : "%s,range=0x%x..0x%x".formatted(file, first, last);
    }
}
