package io.javisor.machine.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.emulator.SoftwareEngineProvider;
import io.javisor.emulator.run.BlockOptions;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random programs end alike: by the software engine's blocks as by its steps, in QEMU, and by every engine as recorded. More of them are run by
 * {@code -Dprograms=N} and {@code -Dprograms.seed=N}.
 */
@Timeout(1200)
class RandomProgramsTest {
    private static final long SEED = Long.getLong("programs.seed", 1);
    private static final int PROGRAMS = Integer.getInteger("programs", 100);
    private static final int BATCH = 100;
    private static final int SHOWN = 8;
    private static final String RECORDED = "programs.txt";

    /** A file to write the digests of this run to, in the place of comparing. */
    private static final @Nullable String RECORD_TO = System.getProperty("programs.record");

    @TempDir
    private Path directory;

    private record Result(String sum, String differences, List<Long> seeds) {}

    @Test
    void blocksDoWhatStepsDo(TestReporter reporter) throws InterruptedException {
        for (RandomProgram.Kind kind : RandomProgram.Kind.values()) {
            Result result = compare(kind, new SoftwareEngineProvider());
            reporter.publishEntry("programs", result.sum);
            assertEquals("", result.differences);
        }
    }

    /** All of a program's code is in blocks, from its first instruction on, and there is too little memory for them. */
    @Test
    void blocksThatAreMadeAtOnceDoWhatStepsDo(TestReporter reporter) throws InterruptedException {
        EngineProvider eager = SoftwareEngineProvider.ofBlocks(new BlockOptions(1, BlockOptions.LEAST_CODE, null));
        for (RandomProgram.Kind kind : RandomProgram.Kind.values()) {
            Result result = compare(kind, eager);
            reporter.publishEntry("programs", result.sum);
            assertEquals("", result.differences);
        }
    }

    /** That of blocks which are compared while they run, and nothing of which may come twice. */
    @Test
    void checkedBlocksDoWhatStepsDo(TestReporter reporter) throws InterruptedException {
        for (RandomProgram.Kind kind : RandomProgram.Kind.values()) {
            Result result = compare(kind, SoftwareEngineProvider.ofChecks());
            reporter.publishEntry("programs", result.sum);
            assertEquals("", result.differences);
        }
    }

    /** Where they differ, the manual has been asked. */
    @Test
    void qemuDoesWhatStepsDo(TestReporter reporter) throws InterruptedException {
        Result result = compare(RandomProgram.Kind.COMMON, null);
        reporter.publishEntry("programs", result.sum);
        List<Long> unknown = new ArrayList<>(result.seeds);
        unknown.removeAll(KnownDifferences.OF_QEMU);
        assertEquals(List.of(), unknown, result.differences);
    }

    /** @param other whom steps are compared with; null for QEMU */
    private Result compare(RandomProgram.Kind kind, @Nullable EngineProvider other) throws InterruptedException {
        StringBuilder differences = new StringBuilder();
        List<Long> seeds = new ArrayList<>();
        long faults = 0;
        int programs = 0;
        for (; programs < PROGRAMS; programs += BATCH) {
            long first = SEED + programs;
            int count = Math.min(BATCH, PROGRAMS - programs);
            ProgramImage image = ProgramImage.make(kind, first, count);
            List<ProgramOutcome> expected = ProgramRunner.run(SoftwareEngineProvider.ofSteps(), image);
            List<ProgramOutcome> actual =
                    other == null ? ProgramRunner.runByQemu(directory, image) : ProgramRunner.run(other, image);
            for (int i = 0; i < count; i++) {
                faults += expected.get(i).faults();
                String difference = other == null
                        ? ProgramOutcome.difference(
                                expected.get(i).normalized(), actual.get(i).normalized())
                        : ProgramOutcome.difference(expected.get(i), actual.get(i));
                if (difference != null) {
                    seeds.add(first + i);
                    if (seeds.size() <= SHOWN) {
                        differences
                                .append("\nseed ")
                                .append(first + i)
                                .append(": ")
                                .append(difference);
                    }
                }
            }
        }
        String sum =
                PROGRAMS + " " + kind + ", " + faults + " faults and software interrupts, " + seeds.size() + " differ";
        return new Result(sum, differences.toString(), seeds);
    }

    /** Those in which QEMU is known to differ are left out. */
    @MachineTest
    void everyEngineDoesWhatIsRecorded(EngineProvider engine) throws InterruptedException, IOException {
        if (RECORD_TO != null) {
            List<String> lines = new ArrayList<>(digests(engine, seeds(false)));
            lines.addAll(digests(engine, seeds(true)));
            Files.write(Path.of(RECORD_TO), lines);
            return;
        }
        checkRecorded(engine, false);
    }

    /** Not in the emulated host, whose processor is QEMU's. */
    @MachineTest
    @NotInEmulatedHost
    void everyEngineDoesWhatIsRecordedWhereTheEmulatedHostDiffers(EngineProvider engine)
            throws InterruptedException, IOException {
        checkRecorded(engine, true);
    }

    private void checkRecorded(EngineProvider engine, boolean emulatedHostDiffers)
            throws InterruptedException, IOException {
        List<String> digests = digests(engine, seeds(emulatedHostDiffers));
        List<String> differ = new ArrayList<>(digests);
        differ.removeAll(Set.copyOf(recorded()));
        assertTrue(differ.isEmpty(), () -> differ.size() + " programs of " + digests.size() + " differ: " + differ);
    }

    /** Of those that are recorded. */
    private static List<Long> seeds(boolean emulatedHostDiffers) throws IOException {
        return recorded().stream()
                .map(line -> Long.valueOf(line.substring(0, line.indexOf(' '))))
                .filter(seed -> KnownDifferences.ofEmulatedHost(seed) == emulatedHostDiffers)
                .toList();
    }

    /** They depend also on the place that a program has in the image. */
    private List<String> digests(EngineProvider engine, List<Long> seeds) throws InterruptedException {
        List<ProgramOutcome> outcomes = ProgramRunner.run(engine, ProgramImage.of(RandomProgram.Kind.COMMON, seeds));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < seeds.size(); i++) {
            lines.add(seeds.get(i) + " " + outcomes.get(i).normalized().digest());
        }
        return lines;
    }

    private static List<String> recorded() throws IOException {
        try (InputStream file = Objects.requireNonNull(RandomProgramsTest.class.getResourceAsStream(RECORDED))) {
            return new String(file.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        }
    }
}
