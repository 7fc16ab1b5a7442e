package io.javisor.firmware.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The golden file that src/test/abi/firmware-abi.c makes from the system's headers. */
public final class Golden {
    private Golden() {}

    /** Asserts that the golden lines whose name matches are those of {@code expected}: none missing, none more, same values. */
    public static void assertMatches(Predicate<String> names, Map<String, ? extends Number> declared) {
        SortedMap<String, Long> golden = new TreeMap<>();
        for (String line : read().lines().toList()) {
            int space = line.indexOf(' ');
            if (names.test(line.substring(0, space))) {
                golden.put(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
            }
        }
        assertFalse(golden.isEmpty());
        SortedMap<String, Long> actual = new TreeMap<>();
        declared.forEach((name, value) -> actual.put(name, value.longValue()));
        assertEquals(golden, actual);
    }

    private static String read() {
        try (InputStream in = Objects.requireNonNull(Golden.class.getResourceAsStream("/abi/firmware.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
