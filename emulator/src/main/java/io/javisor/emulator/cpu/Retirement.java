package io.javisor.emulator.cpu;

/** How an instruction ended that did not fault, as {@link io.javisor.emulator.system.EventGate} wants to know it. */
enum Retirement {
    PLAIN,
    /** IRET. */
    RETURNED,
    /** INT n, INT1, INT3, INTO. */
    INTERRUPTED,
    /** An iteration of a repeated string instruction; others follow. */
    REPEATS
}
