package io.javisor.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.javisor.testkit.junit.KvmTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The C baseline and what is measured beside it, with counts that say nothing of speed. */
@KvmTest
class SideBySideTest {
    private static final Path LISTINGS = Path.of("src/main/resources/io/javisor/benchmarks/guests");

    @TempDir
    private static Path directory;

    private static Path program;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        program = directory.resolve("baseline");
        List<String> command = new ArrayList<>(
                List.of("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program.toString()));
        try (Stream<Path> sources = Files.list(Path.of("baseline"))) {
            sources.filter(path -> path.toString().endsWith(".c")).forEach(path -> command.add(path.toString()));
        }
        int status = -1;
        try {
            status = new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            abort("needs gcc (Debian: apt-get install gcc libc6-dev linux-libc-dev)");
        }
        assertEquals(0, status);
    }

    private static Samples samples() throws IOException {
        return new Samples(Files.createTempFile(directory, "samples", ".tsv"));
    }

    private static List<String> series(Samples samples, String row) throws IOException {
        return List.copyOf(
                Samples.read(samples.file()).getOrDefault(row, Map.of()).keySet());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exits out1 20",
                "exits mmio-read8 20",
                "exits ins1 5",
                "tail outs1 50",
                "ioctl 20",
                "interrupts irq-halted 2",
                "interrupts irq-busy 2",
                "create 2 16",
                "many 3 16"
            })
    void theBaselineAnswersWithTimes(String command) {
        try (Baseline baseline = new Baseline(program, LISTINGS)) {
            double[] answer = baseline.ask(command);
            assertTrue(answer.length > 0);
            for (double value : answer) {
                assertTrue(value > 0, command + ": " + value);
            }
        }
    }

    @Test
    void interruptsArriveOnBothSides() throws IOException, InterruptedException {
        Samples samples = samples();
        try (Baseline baseline = new Baseline(program, LISTINGS)) {
            new InterruptLatency(samples, baseline).measure(1, 2);
        }
        assertEquals(
                List.of("irq-halted", "irq-busy"),
                List.copyOf(Samples.read(samples.file()).keySet()));
    }

    @Test
    void slowExits() throws IOException {
        Samples samples = samples();
        try (Baseline baseline = new Baseline(program, LISTINGS)) {
            new ExitTail(samples, baseline).measure(1, 200);
        }
        assertEquals(List.of("javisor, garbage made", "javisor", "c"), series(samples, "exit-tail/p99.9"));
    }

    @Test
    void machinesStartAndStop() throws IOException, InterruptedException {
        Samples samples = samples();
        Path halting = TinyMachine.kernel(directory, true);
        Path looping = TinyMachine.kernel(directory, false);
        try (Baseline baseline = new Baseline(program, LISTINGS)) {
            MachineStarts starts = new MachineStarts(samples, MeasuredEngine.kvm(), baseline, halting);
            starts.measureWarm(1, 1);
            starts.measureMany(1, 2);
        }
        new PauseLatency(samples, MeasuredEngine.kvm(), looping).measure(4);
        for (String row : List.of("warm-start", "many/wall", "many/cpu")) {
            assertEquals(List.of("javisor", "c"), series(samples, row));
        }
        for (String row : List.of("many/memory", "many/guest-memory", "pause", "resume", "stop")) {
            assertEquals(List.of("javisor"), series(samples, row));
        }
    }
}
