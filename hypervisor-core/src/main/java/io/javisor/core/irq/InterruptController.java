package io.javisor.core.irq;

/**
 * What a processor asks at the end of its INTR wire: the 8259As, which a local APIC reaches by an interrupt of the kind ExtINT. Calls may
 * come from any vCPU's thread, never block and allocate nothing.
 */
@FunctionalInterface
public interface InterruptController {
    /** Nothing is wired there: an acknowledgement gives 0xFF, as an empty bus does. */
    InterruptController NONE = () -> 0xFF;

    /**
     * The processor's acknowledge cycle: takes the most urgent request into service.
     *
     * @return its vector, 0 to 255; where the request is gone by now, that of a spurious interrupt
     */
    int acknowledge();
}
