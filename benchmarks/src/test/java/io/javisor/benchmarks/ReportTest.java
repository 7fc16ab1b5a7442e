package io.javisor.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir
    private Path directory;

    private static Row row(String key) {
        return Row.all().stream()
                .filter(row -> row.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    private static Row.Result result(String key, List<Double> ours, List<Double> theirs) {
        Row row = row(key);
        Row.Result result = row.result(Map.of("javisor", ours, String.valueOf(row.peer()), theirs));
        assertNotNull(result);
        return result;
    }

    @Test
    void keysAreUnique() {
        assertEquals(
                Row.all().size(),
                Row.all().stream().map(Row::key).collect(Collectors.toSet()).size());
    }

    @Test
    void medianAndPercentileInterpolate() {
        assertEquals(2.5, Statistics.median(new double[] {4, 1, 3, 2}));
        assertEquals(1.99, Statistics.percentile(new double[] {2, 1}, 0.99), 1e-9);
        assertEquals(7, Statistics.percentile(new double[] {7}, 0.999));
    }

    @Test
    void theIntervalHoldsTheValueAndNarrowsWithLikeSamples() {
        Statistics.Interval wide = Statistics.medianOf(new double[] {1, 5, 9, 2, 8});
        assertEquals(5, wide.value());
        assertTrue(wide.low() < 5 && wide.high() > 5);
        Statistics.Interval narrow = Statistics.medianOf(new double[] {5, 5, 5, 5, 5});
        assertEquals(new Statistics.Interval(5, 5, 5), narrow);
    }

    @Test
    void pairsAreDrawnTogether() {
        // Both slow down alike: their ratio is certain although neither time is.
        Statistics.Interval ratio = Statistics.ratio(new double[] {2, 20, 200, 2000}, new double[] {1, 10, 100, 1000});
        assertEquals(new Statistics.Interval(2, 2, 2), ratio);
    }

    @Test
    void reachIsKeptOrNot() {
        assertEquals(
                "reached",
                result("exit/out1", List.of(1200.0, 1200.0), List.of(1000.0, 1000.0))
                        .standing());
        assertEquals(
                "NOT reached",
                result("exit/out1", List.of(1300.0, 1300.0), List.of(1000.0, 1000.0))
                        .standing());
        assertEquals(
                "reached, within the spread",
                result("exit/out1", List.of(1100.0, 1100.0, 1900.0), List.of(1000.0, 1000.0, 1000.0))
                        .standing());
        // a rate: half of C's time is twice its speed
        assertEquals(
                "reached",
                result("many/cpu", List.of(5.0, 5.0), List.of(10.0, 10.0)).standing());
        assertEquals(
                "NOT reached",
                result("many/cpu", List.of(20.0, 20.0), List.of(10.0, 10.0)).standing());
    }

    @Test
    void whatWasNotMeasuredOnBothSidesIsNoResult() {
        assertNull(row("boot").result(Map.of("javisor", List.of(1.0))));
        assertNull(row("boot").result(Map.of()));
    }

    @Test
    void worseMeansBeyondTheSpread() {
        Row.Result result = result("cold-start", List.of(2.0, 2.0), List.of(1.0, 1.0));
        assertTrue(result.worseThan(new Statistics.Interval(1.5, 1.4, 1.9)));
        assertTrue(!result.worseThan(new Statistics.Interval(1.5, 1.4, 2.1)));
    }

    @Test
    void writesReportPicturesAndRatios() throws IOException {
        Samples samples = new Samples(directory.resolve("samples.tsv"));
        for (int i = 0; i < 3; i++) {
            samples.add("exit/out1", "javisor", 1100 + i);
            samples.add("exit/out1", "c", 1000 + i);
            samples.add("dispatch/out1/64", "javisor", 40);
            samples.add("dispatch/out1/64", "bytes", 0);
            samples.add("cold-start", "javisor", 200e6);
            samples.add("cold-start", "qemu", 100e6);
            samples.add("stage/jvm", "javisor", 50e6);
        }
        Path committed = Files.writeString(
                directory.resolve("committed.tsv"), "# row\ncold-start\t1.5\t1.4\t1.6\nboot\t0.9\t0.8\t1.0\n");
        Path facts = Files.writeString(directory.resolve("facts.md"), "| host | here |\n");
        Report.main(new String[] {
            directory.resolve("samples.tsv").toString(),
            committed.toString(),
            facts.toString(),
            directory.resolve("REPORT.md").toString(),
            "all"
        });
        String report = Files.readString(directory.resolve("REPORT.md"));
        assertTrue(report.contains("| host | here |"), report);
        assertTrue(report.contains("2.00 (2.00 to 2.00) | ≤ 1.30 | NOT reached WORSE than committed | 1.50"), report);
        assertTrue(report.contains("| out1 | 1001 ns | 1101 ns | 100 ns | 1.100 | 1.10 |"), report);
        assertTrue(report.contains("| boot: exec to /init, default guest | not measured |"), report);
        assertFalse(report.contains("## Slow exits"), report); // of a group that did not run
        String ratios = Files.readString(directory.resolve("ratios.tsv"));
        assertTrue(ratios.contains("cold-start\t2.0000\t2.0000\t2.0000\n"), ratios);
        assertTrue(ratios.contains("boot\t0.9000\t0.8000\t1.0000\n"), ratios); // not measured: kept
        for (String picture : List.of("exits.svg", "dispatch.svg", "cold-start.svg")) {
            assertTrue(report.contains("![](" + picture + ")"), picture);
            assertTrue(Files.readString(directory.resolve(picture)).contains("<svg"), picture);
        }
    }

    @Test
    void rowsThatWereNotAskedForAreLeftOut() throws IOException {
        new Samples(directory.resolve("samples.tsv")).add("stage/jvm", "javisor", 50e6);
        Path none = Files.writeString(directory.resolve("none"), "");
        Report.main(new String[] {
            directory.resolve("samples.tsv").toString(),
            none.toString(),
            none.toString(),
            directory.resolve("ENGINE.md").toString(),
            "some"
        });
        String report = Files.readString(directory.resolve("ENGINE.md"));
        assertFalse(report.contains("not measured | |"), report);
        assertTrue(report.contains("| main, java alone | 50.0 ms |"), report);
    }

    @Test
    void twoVirtualCpusAreFasterByTheTimeThatAShareTakes() {
        // each of two does in 1.1 s what one alone does in 1 s
        Row row = row("engine/smp");
        Row.Result result = row.result(Map.of("javisor", List.of(0.55e9), "javisor, one", List.of(1e9)));
        assertNotNull(result);
        assertEquals("1.82 (1.82 to 1.82)", result.text());
        assertEquals("reached", result.standing());
    }

    @Test
    void instructionsASecondNeedACountOfThem() throws IOException {
        Path file = directory.resolve("samples.tsv");
        Samples samples = new Samples(file);
        for (int i = 0; i < 3; i++) {
            samples.add("engine/loop/crc", "javisor", 2e9 + i);
            samples.add("engine/loop/crc", "qemu", 1e9 + i);
            samples.add("engine/loop/crc", "native", 0.2e9 + i);
            samples.add("engine/boot", "javisor", 10e9 + i);
            samples.add("engine/boot", "qemu", 5e9 + i);
            samples.add("engine/smp", "javisor", 0.5e9);
            samples.add("engine/smp", "javisor, one", 0.9e9);
        }
        assertEquals(Map.of(), new EngineFigures(Samples.read(file)).loopMips());
        samples.add("engine/loop/crc", "instructions", 400e6);
        samples.add("engine/boot", "instructions", 1500e6);
        EngineFigures figures = new EngineFigures(Samples.read(file));
        assertEquals(200, figures.loopMips().getOrDefault("javisor", Map.of()).getOrDefault("crc", 0.0), 0.1);
        StringBuilder text = new StringBuilder();
        figures.write(text);
        assertTrue(text.toString().contains("| loop: crc | 400.0 | 2000 | 400 | 200 |"), text.toString());
        // what QEMU's guest does besides is not counted
        assertTrue(text.toString().contains("| boot to /init | 1500.0 |  |  | 150 |"), text.toString());
        assertTrue(text.toString().contains("| javisor | 900 ms | 1000 ms | 1.80 |"), text.toString());
        assertEquals(
                List.of("engine-loops.svg"),
                new Charts(Samples.read(file), directory)
                        .draw().stream()
                                .filter(picture -> picture.startsWith("engine"))
                                .toList());
    }
}
