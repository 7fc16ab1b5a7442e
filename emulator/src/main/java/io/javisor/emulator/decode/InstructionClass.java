package io.javisor.emulator.decode;

/** Who carries an instruction out. */
public enum InstructionClass {
    /** The host's processor, from emitted code: registers, flags, vectors, at most one memory operand. */
    COMPUTE,
    /** Java moves the value and the stack pointer: PUSH, POP, ENTER, LEAVE, PUSHF. */
    STACK,
    /** Java walks the elements: MOVS, STOS, LODS, CMPS, SCAS. */
    STRING,
    /** Java changes user-mode state that only the state block has. */
    STATE,
    /** Near branches, calls and returns. */
    FLOW,
    /** Privileged, segments, far transfers, interrupts, I/O, CPUID, time: Java alone. */
    SYSTEM,
    /** Undefined for ever: UD0, UD1, UD2. */
    UNDEFINED
}
