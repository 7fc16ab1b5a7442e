package io.javisor.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measured values in a text file, one a line: row, series, value, separated by tabs. Several programs append to it in turn. The n-th
 * value of one series of a row was measured right beside the n-th of another one.
 */
final class Samples {
    private final Path file;

    Samples(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    void add(String row, String series, double value) {
        String line = String.format(Locale.ROOT, "%s\t%s\t%.3f\n", row, series, value);
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All values, by row and series, in the order of their lines. */
    static Map<String, Map<String, List<Double>>> read(Path file) throws IOException {
        Map<String, Map<String, List<Double>>> rows = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] fields = line.split("\t", -1);
            rows.computeIfAbsent(fields[0], _ -> new LinkedHashMap<>())
                    .computeIfAbsent(fields[1], _ -> new ArrayList<>())
                    .add(Double.valueOf(fields[2]));
        }
        return rows;
    }
}
