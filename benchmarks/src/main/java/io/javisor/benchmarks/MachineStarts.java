package io.javisor.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A further machine in a running JVM, and many of them at once. */
final class MachineStarts {
    /**
     * Starts on both sides before the first that counts: the compilers have come to most of a start by then. The shipped flags let them
     * wait ten times longer than by default.
     */
    private static final int WARM_UP = 200;

    private static final double KIB_A_MIB = 1024;

    private final Samples samples;
    private final MeasuredEngine engine;
    private final @Nullable Baseline baseline;
    private final Path kernel;

    /**
     * Measures nothing yet.
     *
     * @param baseline C's side, or null for none: it has KVM alone
     */
    MachineStarts(Samples samples, MeasuredEngine engine, @Nullable Baseline baseline, Path kernel) {
        this.samples = samples;
        this.engine = engine;
        this.baseline = baseline;
        this.kernel = kernel;
    }

    /** From the configuration to the first guest instruction; a pair is the median of {@code count} machines on each side. */
    void measureWarm(int pairs, int count) {
        warmUp();
        for (int pair = 0; pair < pairs; pair++) {
            samples.add(engine.row("warm-start"), "javisor", Statistics.median(starts(count)));
            if (baseline != null) {
                samples.add(
                        engine.row("warm-start"), "c", Statistics.median(askForMachines(baseline, "create", count)));
            }
        }
    }

    private void warmUp() {
        double[] _ = starts(WARM_UP);
        if (baseline != null) {
            double[] _ = askForMachines(baseline, "create", WARM_UP);
        }
    }

    private static double[] askForMachines(Baseline baseline, String command, int count) {
        return baseline.ask(command + " " + count + " " + (TinyMachine.MEMORY_BYTES >> 20));
    }

    private double[] starts(int count) {
        double[] nanos = new double[count];
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            try (TinyMachine machine = new TinyMachine("warm", engine, kernel)) {
                machine.awaitFirstInstruction();
                nanos[i] = System.nanoTime() - begin;
            }
        }
        return nanos;
    }

    /** {@code count} machines that all live at the end: memory, and time of the wall and of the processors, of each. */
    void measureMany(int rounds, int count) throws IOException {
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        warmUp(); // else the first round counts the heap's young generation as the machines'
        for (int round = 0; round < rounds; round++) {
            System.gc();
            long[] before = residentKib();
            List<TinyMachine> machines = new ArrayList<>();
            long cpu = process.getProcessCpuTime();
            long begin = System.nanoTime();
            try {
                for (int i = 0; i < count; i++) {
                    TinyMachine machine = new TinyMachine("many-" + i, engine, kernel);
                    machines.add(machine);
                    machine.awaitFirstInstruction();
                }
                samples.add(engine.row("many/wall"), "javisor", (double) (System.nanoTime() - begin) / count);
                samples.add(engine.row("many/cpu"), "javisor", (double) (process.getProcessCpuTime() - cpu) / count);
                long[] after = residentKib();
                samples.add(engine.row("many/memory"), "javisor", (after[0] - before[0]) / KIB_A_MIB / count);
                samples.add(engine.row("many/guest-memory"), "javisor", (after[1] - before[1]) / KIB_A_MIB / count);
            } finally {
                machines.forEach(TinyMachine::close);
            }
            if (baseline != null) {
                double[] c = askForMachines(baseline, "many", count);
                samples.add(engine.row("many/wall"), "c", c[0]);
                samples.add(engine.row("many/cpu"), "c", c[1]);
            }
        }
    }

    /** Resident KiB of this process, and of the guests' memory in it: what is left out of core dumps. */
    private static long[] residentKib() throws IOException {
        long all = 0;
        long guests = 0;
        long mapping = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.startsWith("Rss:")) {
                mapping = Long.parseLong(line.replaceAll("[^0-9]", ""));
                all += mapping;
            } else if (line.startsWith("VmFlags:")
                    && (line + " ").toLowerCase(Locale.ROOT).contains(" dd ")
                    && !line.contains(" io ")) {
                guests += mapping;
            }
        }
        return new long[] {all, guests};
    }
}
