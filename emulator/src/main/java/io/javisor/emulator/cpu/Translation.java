package io.javisor.emulator.cpu;

/** Whether code that runs often is emitted in blocks. */
public enum Translation {
    ON,
    /** All instructions are steps. */
    OFF,
    /** As {@link #ON}, and steps do first what each block does, for comparison. For machines of one vCPU. */
    CHECK
}
