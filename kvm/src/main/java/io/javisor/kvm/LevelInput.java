package io.javisor.kvm;

/** A level-triggered input, asserted while any of its lines is. Each change is one ioctl, made under the lock. */
final class LevelInput {
    private final KvmIrqs irqs;
    private final int gsi;
    private int asserting;

    LevelInput(KvmIrqs irqs, int gsi) {
        this.irqs = irqs;
        this.gsi = gsi;
    }

    /** One line more asserts the input, or one less. Under the lock of this. */
    void change(boolean asserted) {
        int next = asserting + (asserted ? 1 : -1);
        if (next == (asserted ? 1 : 0)) {
            irqs.irqLine(gsi, asserted);
        }
        asserting = next;
    }
}
