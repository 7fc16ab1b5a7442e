package io.javisor.core.vcpu;

/** What became of one run of a virtual CPU. All but {@link #CONTINUE} and {@link #KICKED} end its running for now. */
public enum VcpuExit {
    /** The exit was served; the guest goes on. */
    CONTINUE,
    /** Another thread wants something of the vCPU's thread. */
    KICKED,
    /** The guest executed HLT and has no local APIC that could wake it up. */
    HALT,
    /** A triple fault, or INIT on the boot CPU. */
    TRIPLE_FAULT,
    /** The guest asked the engine for power-off. */
    SYSTEM_SHUTDOWN,
    /** The guest asked the engine for a reset. */
    SYSTEM_RESET,
    /** The guest reported its crash to the engine. */
    SYSTEM_CRASH,
    /** A breakpoint or a single step that the host asked for. */
    DEBUG,
    /** The engine could not go on, most often at an instruction that it does not know. */
    INTERNAL_ERROR,
    /** The processor refused the guest's state. */
    FAIL_ENTRY,
    /** The host failed to run the guest. */
    RUN_FAILED,
    /** Something that is not expected of an x86 guest. */
    UNEXPECTED
}
