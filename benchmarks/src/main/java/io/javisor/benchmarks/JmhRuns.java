package io.javisor.benchmarks;

import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the JMH benchmarks; each forked JVM gets the flags of this one. */
final class JmhRuns {
    /** So that one iteration is one batch of exits, as C runs one batch. */
    private static final TimeValue ONE_INVOCATION = TimeValue.milliseconds(1);

    /** The launcher's flags let the second compiler come to the vCPU's loop after some 20000. */
    private static final int WARM_UP_EXITS = 60_000;

    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final String BYTES = "bytes";
    private static final String OURS = "javisor";

    private final Path file;
    private final Samples samples;
    private final boolean full;

    JmhRuns(Path file, boolean full) {
        this.file = file;
        this.samples = new Samples(file);
        this.full = full;
    }

    /** Exits of every kind and a trivial ioctl, each iteration beside one of C. */
    void paired(List<String> kinds) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(ExitBenchmark.class.getSimpleName())
                .param("kind", kinds.toArray(String[]::new))
                .forks(full ? 3 : 1)
                .warmupTime(ONE_INVOCATION)
                .warmupIterations(WARM_UP_EXITS / ExitBenchmark.BATCH)
                .measurementTime(ONE_INVOCATION)
                .measurementIterations(full ? 20 : 40)
                .jvmArgsAppend("-D" + ExitBenchmark.SAMPLES + "=" + file);
        for (RunResult result : new Runner(options.build()).run()) {
            record("exit/" + result.getParams().getParam("kind"), OURS, result);
        }
        options = new OptionsBuilder()
                .include(BindingBenchmark.class.getSimpleName())
                .forks(full ? 3 : 1)
                .warmupTime(TimeValue.milliseconds(100))
                .warmupIterations(20)
                .measurementTime(TimeValue.milliseconds(100))
                .measurementIterations(full ? 10 : 6)
                .jvmArgsAppend("-D" + ExitBenchmark.SAMPLES + "=" + file);
        for (RunResult result : new Runner(options.build()).run()) {
            record(BindingBenchmark.row(result.getParams().getBenchmark()), OURS, result);
        }
    }

    /** What needs no C: dispatch, guest memory and queues, with what they allocate. */
    void alone() throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(DispatchBenchmark.class.getSimpleName())
                .include(GuestMemoryBenchmark.class.getSimpleName())
                .include(QueueBenchmark.class.getSimpleName())
                .forks(full ? 2 : 1)
                // The second compiler takes seconds to come to a method whose every call is 256 descriptors.
                .warmupTime(TimeValue.milliseconds(full ? 1000 : 500))
                .warmupIterations(6)
                .measurementTime(TimeValue.milliseconds(full ? 300 : 100))
                .measurementIterations(full ? 10 : 5)
                .addProfiler(GCProfiler.class);
        for (RunResult result : new Runner(options.build()).run()) {
            BenchmarkParams params = result.getParams();
            String method =
                    params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
            if (method.equals("dispatch")) {
                String row = "dispatch/" + params.getParam("kind") + "/" + params.getParam("devices");
                record(row, OURS, result);
                recordAllocation(row, result);
            } else if (method.equals("walk")) {
                String row = "queue/" + params.getParam("chain");
                record(row, OURS, result);
                recordAllocation(row, result);
            } else {
                record("guest-memory", method.equals("rawSegment") ? "raw" : OURS, result);
                recordAllocation("guest-memory", result);
            }
        }
    }

    private void record(String row, String series, RunResult result) {
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                samples.add(row, series, iteration.getPrimaryResult().getScore());
            }
        }
    }

    private void recordAllocation(String row, RunResult result) {
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                iteration.getSecondaryResults().forEach((label, value) -> {
                    if (label.endsWith(ALLOCATED)) {
                        samples.add(row, BYTES, value.getScore());
                    }
                });
            }
        }
    }
}
