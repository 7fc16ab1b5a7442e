package io.javisor.emulator.decode;

/** Where an operand is. The names are the letters of the table, which are those of Intel's opcode map (SDM volume 2, appendix A.2.1). */
public enum OperandKind {
    /** General register or memory, by ModRM.rm. */
    E(true),
    /** General register, by ModRM.reg. */
    G(true),
    /** General register, by ModRM.rm. */
    R(true),
    /** Memory, by ModRM.rm. */
    M(true),
    /** General register, by VEX.vvvv. */
    B(true),
    /** General register, by the opcode's low three bits. */
    Z(false),
    /** Immediate. */
    I(false),
    /** Branch displacement. */
    J(false),
    /** Memory at an absolute offset in the instruction. */
    O(false),
    /** Far pointer in the instruction. */
    A(false),
    /** Memory at DS:rSI. */
    X(false),
    /** Memory at ES:rDI. */
    Y(false),
    /** Segment register, by ModRM.reg. */
    S(true),
    /** Control register, by ModRM.reg. */
    C(true),
    /** Debug register, by ModRM.reg. */
    D(true),
    /** Vector register, by ModRM.reg. */
    V(true),
    /** Vector register or memory, by ModRM.rm. */
    W(true),
    /** Vector register, by ModRM.rm. */
    U(true),
    /** Vector register, by VEX.vvvv. */
    H(true),
    /** Vector register, by the immediate's high half. */
    L(false),
    /** Memory whose index register is a vector. */
    VSIB(true),
    /** MMX register, by ModRM.reg. */
    P(true),
    /** MMX register or memory, by ModRM.rm. */
    Q(true),
    /** MMX register, by ModRM.rm. */
    N(true),
    /** A general register that the opcode implies: AL, CL, AX, DX, rAX. */
    GPR(false),
    /** A segment register that the opcode implies. */
    SEGMENT(false),
    /** XMM0. */
    XMM0(false),
    /** The top of the x87 stack. */
    ST0(false),
    /** A register of the x87 stack, by ModRM.rm. */
    STI(true),
    /** The number 1. */
    ONE(false);

    private final boolean modrm;

    OperandKind(boolean modrm) {
        this.modrm = modrm;
    }

    /** Whether the instruction has a ModRM byte on its account. */
    boolean needsModrm() {
        return modrm;
    }

    /** Whether ModRM.rm may be this operand, as register or memory. */
    public boolean isRm() {
        return switch (this) {
            case E, R, M, W, U, Q, N, VSIB -> true;
            default -> false;
        };
    }

    /** Whether it may be in memory at the address that ModRM (or the moffs) gives. */
    public boolean mayBeMemory() {
        return switch (this) {
            case E, M, W, Q, O, VSIB -> true;
            default -> false;
        };
    }

    /** Whether it is a vector register when it is a register. */
    public boolean isVector() {
        return switch (this) {
            case V, W, U, H, L, XMM0 -> true;
            default -> false;
        };
    }

    /** Whether it is an MMX register when it is a register. */
    public boolean isMmx() {
        return this == P || this == Q || this == N;
    }
}
