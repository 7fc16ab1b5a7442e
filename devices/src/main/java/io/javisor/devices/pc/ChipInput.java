package io.javisor.devices.pc;

import io.javisor.core.irq.InterruptLine;

/** A global system interrupt: an input of the 8259As, or none, and one of the I/O APIC. Each chip has the lock of its own. */
final class ChipInput {
    private final InterruptLine pic;
    private final InterruptLine ioApic;
    private int asserting; // lines that assert it; guarded by this

    ChipInput(InterruptLine pic, InterruptLine ioApic) {
        this.pic = pic;
        this.ioApic = ioApic;
    }

    /** An edge. Two at a time are two at each chip. */
    void pulse() {
        pic.pulse();
        ioApic.pulse();
    }

    /** One line more asserts the level, or one less. Under the lock of this, so that the last change is the last at the chips too. */
    void change(boolean asserted) {
        int next = asserting + (asserted ? 1 : -1);
        if (next == (asserted ? 1 : 0)) {
            pic.set(asserted);
            ioApic.set(asserted);
        }
        asserting = next;
    }
}
