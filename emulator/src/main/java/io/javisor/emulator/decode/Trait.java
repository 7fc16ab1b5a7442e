package io.javisor.emulator.decode;

import java.util.Locale;

/** What else there is to know of a form. The table writes the names in lower case. */
public enum Trait {
    /** LOCK is allowed if the first operand is in memory. */
    LOCK,
    /** Locked without the prefix, where an operand is in memory: XCHG. */
    ATOMIC,
    /** REP repeats it RCX times: MOVS, STOS, LODS, INS, OUTS. */
    REP,
    /** REPE and REPNE also look at ZF: CMPS, SCAS. */
    REPZ,
    /** In 64-bit mode operands have 64 bits, or 16 by the prefix 66: PUSH, POP. */
    D64,
    /** In 64-bit mode operands have 64 bits whatever the prefixes: near branches. */
    F64,
    /** #UD in real and virtual-8086 mode. */
    PROT,
    /** #GP unless CPL is 0. */
    CPL0,
    /** A memory operand that is no multiple of its size is #GP. */
    ALIGN,
    /** FXSAVE's and FXRSTOR's area is a multiple of 16, else #GP. */
    ALIGN16,
    /** XSAVE's and XRSTOR's area is a multiple of 64, else #GP. */
    ALIGN64,
    /** Can signal a SIMD floating-point exception: reads and writes MXCSR. */
    FP,
    /** x87: does not change the pointers to the last instruction and operand. */
    CONTROL,
    /** x87: does not look for a pending exception first. */
    NOWAIT,
    /** Can be #DE. */
    DIVIDE,
    /** The register operand is a bit offset that also moves the memory operand: BT, BTS, BTR, BTC. */
    BITSTRING,
    /** Only elements whose mask is set are read or written. */
    MASKED,
    /** A hint that does nothing, and touches no memory. */
    HINT,
    /** The operand is a far pointer. */
    FAR,
    /** ModRM.mod is not looked at: the operand is a register. */
    MODANY;

    @SuppressWarnings("EnumOrdinal") // a place in a mask that nobody keeps
    long bit() {
        return 1L << ordinal();
    }

    String token() {
        return name().toLowerCase(Locale.ROOT);
    }
}
