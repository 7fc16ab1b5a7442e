package io.javisor.core.irq;

/** Who is told when a processor has ended a level-triggered interrupt: the I/O APICs. */
@FunctionalInterface
public interface EndOfInterrupt {
    /**
     * A local APIC broadcasts the end of an interrupt. Any vCPU's thread; never blocks, allocates nothing.
     *
     * @param vector 16 to 255
     */
    void ended(int vector);
}
