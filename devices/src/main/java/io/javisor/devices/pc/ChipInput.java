package io.javisor.devices.pc;

import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.EdgeLine;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.irq.LevelInput;

/** A global system interrupt: an input of the 8259As, or none, and one of the I/O APIC. Each chip has the lock of its own. */
final class ChipInput {
    private final InterruptLine pic;
    private final InterruptLine ioApic;
    private final LevelInput levels;

    ChipInput(InterruptLine pic, InterruptLine ioApic) {
        this.pic = pic;
        this.ioApic = ioApic;
        levels = new LevelInput(asserted -> {
            pic.set(asserted);
            ioApic.set(asserted);
        });
    }

    /** An edge. Two at a time are two at each chip. */
    private void pulse() {
        pic.pulse();
        ioApic.pulse();
    }

    /** A line to it as an edge-triggered one. */
    ConnectedLine connectEdge() {
        return new EdgeLine(this::pulse, () -> {});
    }

    /** A line to it as a level-triggered one. */
    ConnectedLine connectLevel() {
        return levels.connect();
    }
}
