package io.javisor.benchmarks.boot;

import io.javisor.machine.BootStep;
import java.util.List;
import java.util.Map;

/**
 * What was seen of a boot. Times are of {@link System#nanoTime}.
 *
 * @param jvmNanos when the JVM began, to 1 ms
 * @param mainNanos when {@code main} began
 * @param configuredNanos when the configuration was there
 * @param steps when each step was first done
 * @param lines the console's output
 * @param linesLost whether there was more output than is kept
 * @param endNanos when the guest was gone
 */
record BootTrace(
        long jvmNanos,
        long mainNanos,
        long configuredNanos,
        Map<BootStep, Long> steps,
        List<Line> lines,
        boolean linesLost,
        long endNanos) {

    /**
     * A line of the console.
     *
     * @param nanos when its first byte came
     * @param text printable ASCII, its end perhaps left out
     */
    record Line(long nanos, String text) {}

    BootTrace {
        steps = Map.copyOf(steps);
        lines = List.copyOf(lines);
    }
}
