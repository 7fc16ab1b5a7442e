package io.javisor.api.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the text format strictly: each metric in one piece, after its HELP and TYPE, no sample twice. */
final class PrometheusReader {
    private static final Pattern HEADER = Pattern.compile("# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+)");
    private static final Pattern SAMPLE =
            Pattern.compile("([a-z_][a-z0-9_]*)\\{((?:[a-z]+=\"[^\"\\\\]*\",?)*)\\} ([0-9.]+)");

    private final Map<String, Double> samples = new HashMap<>();

    private PrometheusReader() {}

    static PrometheusReader read(String text) {
        PrometheusReader reader = new PrometheusReader();
        assertTrue(text.endsWith("\n"));
        Set<String> begun = new HashSet<>();
        String present = "";
        for (String line : text.lines().toList()) {
            Matcher header = HEADER.matcher(line);
            if (header.matches()) {
                if (header.group(1).equals("HELP")) {
                    present = header.group(2);
                    assertTrue(begun.add(present), () -> "in two pieces: " + line);
                } else {
                    assertEquals(present, header.group(2));
                    assertTrue(Set.of("counter", "gauge").contains(header.group(3)), line);
                }
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            assertTrue(sample.matches(), line);
            assertEquals(present, sample.group(1));
            assertNull(
                    reader.samples.put(sample.group(1) + sample.group(2), Double.valueOf(sample.group(3))),
                    () -> "twice: " + line);
        }
        return reader;
    }

    double value(String metric, String labels) {
        Double value = samples.get(metric + labels);
        assertNotNull(value, () -> "no " + metric + labels + " in " + samples.keySet());
        return value;
    }
}
