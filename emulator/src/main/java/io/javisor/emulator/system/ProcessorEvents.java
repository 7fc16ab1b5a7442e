package io.javisor.emulator.system;

/** What the local APIC has for its processor. Called on the vCPU's thread, between instructions; allocates nothing. */
public interface ProcessorEvents {
    int NMI = 1;
    int INIT = 1 << 1;
    int STARTUP = 1 << 2;

    /** No interrupt after all: it was withdrawn. */
    int NONE = -1;

    /** {@link Attention} was raised, or a wait ended: takes in what other threads and the timer left. */
    void poll();

    /** Whether any of the events is pending. */
    boolean isPending(int events);

    /** Takes one event, if it is pending. With INIT the APIC is initialized, too. */
    boolean take(int event);

    /** The vector of the start-up IPI that was taken last. */
    int startUpVector();

    /** Whether an interrupt is pending that the task priority lets through. */
    boolean interruptPending();

    /** Accepts the interrupt of the highest priority; its vector, or {@link #NONE}. */
    int acknowledge();

    /** How long until the timer's next interrupt, or {@link Attention#NEVER}. */
    long nanosToTimer();
}
