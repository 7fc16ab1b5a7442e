package io.javisor.machine;

import io.javisor.core.engine.StepCount;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Steps of several vCPUs, or of several lives, added up. Not for several threads. */
final class StepTotals {
    private record Step(String instruction, String reason) {}

    private final Map<Step, Long> totals = new HashMap<>();

    void add(Collection<StepCount> steps) {
        for (StepCount step : steps) {
            totals.merge(new Step(step.instruction(), step.reason()), step.count(), Long::sum);
        }
    }

    /** At most {@code limit} of them, the most frequent first, in the order of the alphabet where they are as frequent. */
    List<StepCount> most(long limit) {
        return totals.entrySet().stream()
                .map(step ->
                        new StepCount(step.getKey().instruction(), step.getKey().reason(), step.getValue()))
                .sorted(StepTotals::compare)
                .limit(limit)
                .toList();
    }

    /** Without Comparator's own, whose lambdas no cache of classes takes: each run ends with this. */
    private static int compare(StepCount a, StepCount b) {
        int byCount = Long.compare(b.count(), a.count());
        int byInstruction = a.instruction().compareTo(b.instruction());
        return byCount != 0
                ? byCount
                : byInstruction != 0 ? byInstruction : a.reason().compareTo(b.reason());
    }
}
