package io.javisor.core.vcpu;

/** What became of one run of a virtual CPU. All but {@link #CONTINUE} end its running for now. */
public enum VcpuExit {
    /** The exit was served; the guest goes on. */
    CONTINUE,
    /** HLT with no interrupt controller in the kernel to wake it up. */
    HALT,
    /** A triple fault, or INIT on the boot CPU (KVM_EXIT_SHUTDOWN). */
    TRIPLE_FAULT,
    /** The guest asked for power-off through KVM (KVM_SYSTEM_EVENT_SHUTDOWN). */
    SYSTEM_SHUTDOWN,
    /** The guest asked for a reset through KVM (KVM_SYSTEM_EVENT_RESET). */
    SYSTEM_RESET,
    /** The guest reported its crash through KVM (KVM_SYSTEM_EVENT_CRASH). */
    SYSTEM_CRASH,
    /** A guest debug event (KVM_EXIT_DEBUG): breakpoint or single step. */
    DEBUG,
    /** KVM could not go on, most often an instruction that it cannot emulate (KVM_EXIT_INTERNAL_ERROR). */
    INTERNAL_ERROR,
    /** The processor refused the guest's state (KVM_EXIT_FAIL_ENTRY). */
    FAIL_ENTRY,
    /** KVM_RUN itself failed with an errno. */
    RUN_FAILED,
    /** An exit reason that is not expected of an x86 guest. */
    UNEXPECTED
}
