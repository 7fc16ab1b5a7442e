package io.javisor.core.kvm;

import io.javisor.core.irq.InterruptLine;

/**
 * A level-triggered line: the input follows the device's level. Each change is one ioctl, made under a lock, so that the last change
 * wins at the controller too.
 */
public final class LevelLine implements InterruptLine {
    private final KvmIrqs irqs;
    private final int gsi;
    private boolean asserted;

    /**
     * Connects to {@code gsi}, which is low.
     *
     * @param gsi 0 to 23
     */
    public LevelLine(KvmIrqs irqs, int gsi) {
        this.irqs = irqs;
        this.gsi = gsi;
    }

    @Override
    public void raise() {
        set(true);
    }

    @Override
    public void lower() {
        set(false);
    }

    @Override
    public synchronized void set(boolean level) {
        if (asserted != level) {
            irqs.irqLine(gsi, level);
            asserted = level;
        }
    }
}
