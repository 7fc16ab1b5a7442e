package io.javisor.core.cpu;

/** Whether a processor executes, or what it waits for. */
public enum RunState {
    /** It executes instructions. */
    RUNNABLE,
    /** It has executed HLT and waits for an interrupt. */
    HALTED,
    /** It is an application processor that has not had its INIT yet. */
    UNINITIALIZED,
    /** It has had an INIT and waits for its start-up message. */
    INIT_RECEIVED,
    /** It has had its start-up message and executes next. */
    SIPI_RECEIVED
}
