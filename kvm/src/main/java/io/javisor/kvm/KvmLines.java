package io.javisor.kvm;

import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.InterruptChips;
import io.javisor.core.irq.LevelInput;
import java.util.HashMap;
import java.util.Map;

/** The inputs of KVM's interrupt chips: an irqfd for the devices of an edge-triggered one, {@code KVM_IRQ_LINE} for a level. */
public final class KvmLines implements InterruptChips {
    private final KvmIrqs irqs;
    private final Map<Integer, EdgeInput> edges = new HashMap<>(); // guarded by this
    private final Map<Integer, LevelInput> levels = new HashMap<>(); // guarded by this

    public KvmLines(KvmIrqs irqs) {
        this.irqs = irqs;
    }

    @Override
    public synchronized ConnectedLine connect(GsiInput input) {
        int gsi = input.gsi();
        if (gsi >= PIN_COUNT) {
            throw new IllegalArgumentException("GSI " + gsi + " is not an input");
        }
        return switch (input.trigger()) {
            case EDGE ->
                edges.computeIfAbsent(gsi, _ -> new EdgeInput(irqs, gsi)).connect(this::release);
            case LEVEL ->
                levels.computeIfAbsent(gsi, _ -> new LevelInput(level -> irqs.irqLine(gsi, level)))
                        .connect();
        };
    }

    private synchronized void release(EdgeInput input) {
        if (input.disconnect()) {
            edges.remove(input.gsi());
        }
    }
}
