package io.javisor.machine.matrix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Cases with what the manuals foretell of each. */
final class MatrixTable {
    private static final int SHOWN = 25;

    private record Row(String name, MatrixCase input, String expected, Function<MatrixResult, String> observed) {}

    /** What makes the rows of a table. */
    @FunctionalInterface
    interface Cases {
        /** Adds the cases that {@code guest} will run. */
        void addTo(MatrixTable table, MatrixGuest guest);
    }

    private final List<Row> rows = new ArrayList<>();

    /** Runs a table in a guest of its own; fails if any case ends otherwise than expected. */
    static void check(EngineProvider engine, MatrixGuest.Mode mode, Cases cases) throws InterruptedException {
        try (MatrixGuest guest = MatrixGuest.of(engine, mode)) {
            MatrixTable table = new MatrixTable();
            cases.addTo(table, guest);
            table.check(guest);
        }
    }

    void add(String name, MatrixCase input, String expected, Function<MatrixResult, String> observed) {
        rows.add(new Row(name, input, expected, observed));
    }

    int size() {
        return rows.size();
    }

    /** Runs them all; fails if any ends otherwise than expected. */
    void check(MatrixGuest guest) throws InterruptedException {
        assertTrue(!rows.isEmpty());
        List<MatrixResult> results = guest.run(rows.stream().map(Row::input).toList());
        StringBuilder differences = new StringBuilder();
        int count = 0;
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            String observed = row.observed.apply(results.get(i));
            if (!observed.equals(row.expected)) {
                count++;
                if (count <= SHOWN) {
                    differences
                            .append("\n")
                            .append(row.name)
                            .append("\n  expected ")
                            .append(row.expected)
                            .append("\n  was      ")
                            .append(observed);
                }
            }
        }
        assertEquals("", differences.toString(), count + " of " + rows.size() + " cases differ");
    }
}
