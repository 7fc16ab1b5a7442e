package io.javisor.benchmarks;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * A guest's access to a device and back, through the real vCPU thread, exit handler and bus. After each measured iteration the C
 * baseline does the same with the same guest, so that the two are measured in pairs.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class ExitBenchmark {
    /**
     * Accesses an invocation: so many that handing over to the vCPU's thread and back, some 20 µs, hardly counts, and so few that C's
     * turn comes before the host's speed has changed.
     */
    static final int BATCH = 2000;

    /** System property: the file that takes the samples of C. Without it C is not measured. */
    static final String SAMPLES = "javisor.benchmarks.samples";

    @Param("out1")
    public String kind = "";

    private @Nullable AccessGuest guest;
    private @Nullable Baseline baseline;
    private @Nullable Samples samples;

    /** Makes the guest. */
    @Setup
    public void start() {
        guest = new AccessGuest(kind);
        String file = System.getProperty(SAMPLES);
        if (file != null) {
            samples = new Samples(Path.of(file));
            baseline = Baseline.start();
        }
    }

    /** One batch of exits. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long exit() {
        AccessGuest running = guest;
        if (running == null) {
            throw new IllegalStateException();
        }
        running.run(BATCH);
        return running.lastValue();
    }

    /** The same in C. */
    @TearDown(Level.Iteration)
    public void measureC(IterationParams iteration) {
        Baseline c = baseline;
        if (c != null && samples != null && iteration.getType() == IterationType.MEASUREMENT) {
            samples.add("exit/" + kind, "c", c.ask("exits " + kind + " " + BATCH)[0]);
        }
    }

    /** Ends the guest. */
    @TearDown
    public void stop() {
        if (guest != null) {
            guest.close();
        }
        if (baseline != null) {
            baseline.close();
        }
    }
}
