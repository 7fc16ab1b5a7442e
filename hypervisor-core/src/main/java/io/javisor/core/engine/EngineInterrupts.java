package io.javisor.core.engine;

import io.javisor.core.irq.EndOfInterrupt;
import io.javisor.core.irq.InterruptChips;
import io.javisor.core.irq.InterruptController;
import io.javisor.core.irq.InterruptLine;

/** How devices reach the processors of a VM. */
public sealed interface EngineInterrupts {
    /** There are no local APICs, and nothing reaches the processors. */
    record None() implements EngineInterrupts {}

    /** The engine has the interrupt chips, and the 8254 is connected to them. */
    record Chips(InterruptChips chips) implements EngineInterrupts {}

    /**
     * The engine has local APICs only: the chips are devices that are plugged into this. Their I/O APIC sends by {@link EngineVm#messages}.
     */
    non-sealed interface Socket extends EngineInterrupts {
        /**
         * The pin LINT0 of every processor, to which the first 8259A's INTR output goes. Any thread; it does not call back, for the 8259As
         * drive it under their lock.
         */
        InterruptLine intr();

        /**
         * Plugs the chips in: once, before the first vCPU is made.
         *
         * @param pic what a processor asks that takes an interrupt of the kind ExtINT
         * @param ioApic who hears when a processor ends an interrupt that its local APIC holds to be level-triggered
         */
        void plug(InterruptController pic, EndOfInterrupt ioApic);
    }
}
