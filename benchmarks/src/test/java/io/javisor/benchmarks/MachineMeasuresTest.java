package io.javisor.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** What is measured of machines without a peer, by each engine, with counts that say nothing of speed. */
class MachineMeasuresTest {
    @TempDir
    private Path directory;

    @MachineTest
    void machinesStartPauseAndStop(EngineProvider provider) throws IOException, InterruptedException {
        MeasuredEngine engine = new MeasuredEngine(provider);
        Samples samples = new Samples(directory.resolve("samples.tsv"));
        new MachineStarts(samples, engine, null, TinyMachine.kernel(directory, true)).measureWarm(1, 1);
        new PauseLatency(samples, engine, TinyMachine.kernel(directory, false)).measure(4);
        Map<String, Map<String, List<Double>>> rows = Samples.read(samples.file());
        for (String row : List.of("warm-start", "pause", "resume", "stop")) {
            Map<String, List<Double>> series = rows.getOrDefault(engine.row(row), Map.of());
            assertEquals(List.of("javisor"), List.copyOf(series.keySet()), row);
            assertTrue(series.getOrDefault("javisor", List.of()).stream().allMatch(nanos -> nanos > 0), row);
        }
    }
}
