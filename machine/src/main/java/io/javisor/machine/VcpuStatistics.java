package io.javisor.machine;

import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.StepCount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the engine has counted for a machine's vCPUs over all its lives. Any thread. */
final class VcpuStatistics {
    static final int MOST_STEPS = 10;

    private List<Map<String, Long>> past = List.of(); // guarded by this
    private List<StepCount> pastSteps = List.of(); // guarded by this
    private List<EngineVcpu> present = List.of(); // guarded by this

    /**
     * A life begins.
     *
     * @return ends it: to be closed when the vCPUs do not run any more, and before they are closed
     */
    synchronized AutoCloseable begin(List<EngineVcpu> vcpus) {
        present = List.copyOf(vcpus);
        return this::end;
    }

    private synchronized void end() {
        past = snapshot();
        pastSteps = steps().most(Long.MAX_VALUE);
        present = List.of();
    }

    /** The counters of each vCPU. */
    synchronized List<Map<String, Long>> snapshot() {
        List<Map<String, Long>> all = new ArrayList<>();
        for (int i = 0; i < Math.max(past.size(), present.size()); i++) {
            Map<String, Long> counters = new LinkedHashMap<>(i < past.size() ? past.get(i) : Map.of());
            if (i < present.size()) {
                present.get(i).counters().forEach((name, value) -> counters.merge(name, value, Long::sum));
            }
            all.add(counters);
        }
        return all;
    }

    /** What all vCPUs together carried out singly most often, at most {@value #MOST_STEPS}, the most frequent first. */
    synchronized List<StepCount> mostSteps() {
        return steps().most(MOST_STEPS);
    }

    private StepTotals steps() {
        StepTotals all = new StepTotals();
        all.add(pastSteps);
        present.forEach(vcpu -> all.add(vcpu.stepCounts()));
        return all;
    }
}
