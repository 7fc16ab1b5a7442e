package io.javisor.core.engine;

import io.javisor.core.irq.InterruptChips;
import io.javisor.core.irq.InterruptLine;

/** How devices reach the processors of a VM. */
public sealed interface EngineInterrupts {
    /** There are no local APICs, and nothing reaches the processors. */
    record None() implements EngineInterrupts {}

    /** The engine has the interrupt chips, and the 8254 is connected to them. */
    record Chips(InterruptChips chips) implements EngineInterrupts {}

    /** The engine has local APICs only: the chips are devices that are plugged into this. */
    non-sealed interface Socket extends EngineInterrupts {
        /** The pin LINT0 of every processor, to which the first 8259A's INTR output goes. */
        InterruptLine intr();

        /** Plugs the chips in, before the first vCPU runs. The I/O APIC sends through {@link EngineVm#messages}. */
        void plug(PluggedChips chips);
    }

    /** What local APICs ask of interrupt chips that are devices. Called on vCPU threads; never blocks and allocates nothing. */
    interface PluggedChips {
        /**
         * The processor acknowledges INTR (8259A, INTA sequence).
         *
         * @return the vector, 0 to 255
         */
        int acknowledge();

        /** A processor ended an interrupt that its local APIC holds to be level-triggered: the I/O APIC looks at its inputs again. */
        void endOfInterrupt(int vector);
    }
}
