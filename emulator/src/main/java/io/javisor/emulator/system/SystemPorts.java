package io.javisor.emulator.system;

/** What lies beside the processor's core: its local APIC, its clock. Called on the vCPU's thread; allocates nothing. */
public interface SystemPorts {
    /** CR8: bits 4 to 7 of the task priority (SDM vol. 3A §11.8.6), 0 to 15. */
    int taskPriority();

    void setTaskPriority(int priority);

    /** The machine's time-stamp counter, before the vCPU's offset is added. */
    long timeStampCounter();

    /** The vCPU's own counter jumped: a deadline by it is nearer or farther, or past. */
    default void timeStampCounterMoved() {}

    /** Whether this MSR is answered here: the APIC's, clocks of a hypervisor. */
    boolean hasMsr(int index);

    /** Whether an MSR of these may be read: if not, RDMSR faults. */
    boolean isReadable(int index);

    /** Reads an MSR for which {@link #hasMsr} and {@link #isReadable} are true. */
    long readMsr(int index);

    /**
     * Writes an MSR for which {@link #hasMsr} is true.
     *
     * @return false for #GP(0)
     */
    boolean writeMsr(int index, long value);

    /**
     * Puts a saved value of an MSR for which {@link #hasMsr} is true back. What came of its writing is the guest's already: nothing else happens.
     *
     * @return false if a snapshot does not {@linkplain #keptMsrs keep} it, or it can't have the value
     */
    boolean restoreMsr(int index, long value);

    /** Which of these MSRs a snapshot keeps: those that no other state of theirs holds. */
    int[] keptMsrs();
}
