package io.javisor.emulator.apic;

/** The processor that a local APIC belongs to. Neither call blocks, allocates or calls the APIC back. */
public interface ApicOwner {
    /** The answer for no time at all. */
    long NEVER = -1;

    /**
     * Something has come that the processor is to look at ({@link LocalApic#poll}): before its next instruction if it runs, at once if it
     * is halted. Any thread; what was stored before the call is seen after it.
     */
    void kick();

    /**
     * The timer's next interrupt has moved: the processor is to be kicked by then. Its own thread.
     *
     * @param delayNanos from now, or {@link #NEVER}
     */
    void timerDue(long delayNanos);
}
