package io.javisor.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** One group of measurements in a JVM of its own, run by {@code benchmarks/run} with the launcher's flags. */
public final class Measure {
    private Measure() {}

    /**
     * Appends samples to a file.
     *
     * @param arguments {@code quick} or {@code full}; the file; the group: exits, dispatch, tail, interrupts, starts, many, pause, engine, disk or net; for disk a directory on the disk to measure
     */
    public static void main(String[] arguments) throws IOException, InterruptedException, RunnerException {
        boolean full = arguments[0].equals("full");
        Path file = Path.of(arguments[1]);
        Samples samples = new Samples(file);
        Path directory = Files.createTempDirectory("javisor-benchmarks");
        Path halting = TinyMachine.kernel(directory, true);
        Path looping = TinyMachine.kernel(directory, false);
        try {
            switch (arguments[2]) {
                case "exits" ->
                    new JmhRuns(file, full)
                            .paired(
                                    full
                                            ? AccessGuest.KINDS
                                            : List.of("out1", "in4", "mmio-write4", "mmio-read8", "ins1"));
                case "dispatch" -> new JmhRuns(file, full).alone();
                case "tail" -> {
                    try (Baseline baseline = Baseline.start()) {
                        new ExitTail(samples, baseline).measure(full ? 8 : 5, full ? 150_000 : 50_000);
                    }
                }
                case "interrupts" -> {
                    try (Baseline baseline = Baseline.start()) {
                        new InterruptLatency(samples, baseline).measure(full ? 25 : 6, full ? 100 : 40);
                    }
                }
                case "starts" -> {
                    try (Baseline baseline = Baseline.start()) {
                        new MachineStarts(samples, MeasuredEngine.kvm(), baseline, halting)
                                .measureWarm(full ? 25 : 6, full ? 10 : 5);
                    }
                }
                case "many" -> {
                    try (Baseline baseline = Baseline.start()) {
                        new MachineStarts(samples, MeasuredEngine.kvm(), baseline, halting)
                                .measureMany(full ? 7 : 3, 200);
                    }
                }
                case "pause" -> new PauseLatency(samples, MeasuredEngine.kvm(), looping).measure(full ? 1000 : 200);
                case "engine" -> {
                    MeasuredEngine engine = MeasuredEngine.software();
                    new MachineStarts(samples, engine, null, halting).measureWarm(full ? 25 : 6, full ? 10 : 5);
                    new PauseLatency(samples, engine, looping).measure(full ? 1000 : 200);
                }
                case "disk" ->
                    new DiskRequests(samples, Path.of(arguments[3])).measure(full ? 12 : 3, full ? 1000 : 300);
                case "net" -> new NetFrames(samples).measure(full ? 25 : 5, full ? 40_000 : 30_000);
                default -> throw new IllegalArgumentException(arguments[2]);
            }
        } finally {
            Files.delete(halting);
            Files.delete(looping);
            Files.delete(directory);
        }
    }
}
