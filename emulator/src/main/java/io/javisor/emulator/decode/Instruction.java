package io.javisor.emulator.decode;

/**
 * A decoded instruction: a form and what its bytes say of the operands. Made once and filled again and again by {@link Decoder#decode}.
 * Not for several threads.
 */
public final class Instruction {
    /** {@link #base} or {@link #index}: there is none. */
    public static final int NO_REGISTER = -1;
    /** {@link #base}: the address of the next instruction. */
    public static final int RIP = 16;
    /** {@link #segment}: ES, CS, SS, DS, FS, GS, as instructions number them. */
    public static final int ES = 0;

    public static final int CS = 1;
    public static final int SS = 2;
    public static final int DS = 3;
    public static final int FS = 4;
    public static final int GS = 5;

    /** REX bits. */
    static final int REX_B = 1;

    static final int REX_X = 2;
    static final int REX_R = 4;
    static final int REX_W = 8;
    /** Set if there was a REX prefix at all: it makes SPL, BPL, SIL and DIL of AH, CH, DH and BH. */
    static final int REX = 0x40;

    Form form;
    int length;
    int mode;
    int operandSize;
    int addressSize;
    int rex;
    int repeat;
    boolean lock;
    boolean operandSizePrefix;
    int segment;
    boolean segmentOverridden;
    int modrm;
    boolean memory;
    int base;
    int index;
    int scale;
    int displacementSize;
    long displacement;
    long immediate;
    int immediate2;
    int vvvv;
    int vectorLength;
    int opcodeByte;

    public Instruction(Form any) {
        form = any;
    }

    /** One that says nothing until it is decoded into. */
    public Instruction() {
        this(InstructionTable.forms().get(0));
    }

    public Form form() {
        return form;
    }

    /** In bytes, 1 to 15. */
    public int length() {
        return length;
    }

    /** 16, 32 or 64. */
    public int mode() {
        return mode;
    }

    /** The effective operand size in bytes: 2, 4 or 8. */
    public int operandSize() {
        return operandSize;
    }

    /** The effective address size in bytes: 2, 4 or 8. */
    public int addressSize() {
        return addressSize;
    }

    /** 0, 0xF3 or 0xF2: the last of them that was there. */
    public int repeat() {
        return repeat;
    }

    public boolean lock() {
        return lock;
    }

    /** Whether ModRM, or a moffs, names memory. */
    public boolean memory() {
        return memory;
    }

    /** The segment of the memory operand, by override or default. */
    public int segment() {
        return segment;
    }

    public boolean segmentOverridden() {
        return segmentOverridden;
    }

    /** 0 to 15, {@link #RIP} or {@link #NO_REGISTER}. */
    public int base() {
        return base;
    }

    /** 0 to 15, a vector register for VSIB, or {@link #NO_REGISTER}. */
    public int index() {
        return index;
    }

    /** What the index is shifted by: 0 to 3. */
    public int scale() {
        return scale;
    }

    /** Of the memory operand, sign-extended; the offset itself for a moffs. */
    public long displacement() {
        return displacement;
    }

    /** The immediate as its operand says: sign-extended if it is smaller than the operand; a branch's displacement; a far pointer's offset. */
    public long immediate() {
        return immediate;
    }

    /** ENTER's second immediate, or a far pointer's selector. */
    public int immediate2() {
        return immediate2;
    }

    /** VEX.vvvv as a register number. */
    public int vvvv() {
        return vvvv;
    }

    /** VEX.L: 16 or 32 bytes; 16 without VEX. */
    public int vectorLength() {
        return vectorLength;
    }

    /** ModRM.reg with REX.R: 0 to 15. */
    public int reg() {
        return (modrm >> 3 & 7) | (rex & REX_R) << 1;
    }

    /** ModRM.rm with REX.B, where it is a register. */
    public int rm() {
        return (modrm & 7) | (rex & REX_B) << 3;
    }

    /** The register in the opcode, with REX.B. */
    public int opcodeRegister() {
        return (opcodeByte & 7) | (rex & REX_B) << 3;
    }

    /** Whether byte registers 4 to 7 are SPL to DIL, not AH to BH. */
    public boolean hasRex() {
        return (rex & REX) != 0;
    }

    public boolean rexW() {
        return (rex & REX_W) != 0;
    }

    /** The ModRM byte; 0 if there is none. */
    public int modrmByte() {
        return modrm;
    }

    /** The last byte of the opcode. */
    public int opcodeByte() {
        return opcodeByte;
    }

    /** The number of the register that {@code operand} is, 0 to 15, if it is one; high byte registers have 4 to 7 and no REX. */
    public int register(Operand operand) {
        return switch (operand.kind()) {
            case G, V, C, D -> reg();
            case S, P -> reg() & 7;
            case E, R, W, U -> rm();
            case Q, N, STI -> modrm & 7;
            case B, H -> vvvv;
            case L -> (int) (immediate >> 4) & (mode == 64 ? 15 : 7);
            case Z -> opcodeRegister();
            default -> operand.number();
        };
    }

    /** Whether {@code operand} is in memory here. */
    public boolean inMemory(Operand operand) {
        return memory && operand.kind().mayBeMemory();
    }

    /** The bytes that {@code operand} has, as register or in memory; 0 where it has no size, 512 for FXSAVE's image. */
    public int sizeOf(Operand operand) {
        if (operand.kind() == OperandKind.VSIB) {
            return operand.number();
        }
        return switch (operand.size()) {
            case BYTE -> 1;
            case WORD -> 2;
            case DWORD -> 4;
            case QWORD -> 8;
            case OWORD, XMM -> 16;
            case VECTOR -> vectorLength;
            case HALF -> memory ? vectorLength / 2 : 16;
            case QUARTER -> memory ? vectorLength / 4 : 16;
            case EIGHTH -> memory ? vectorLength / 8 : 16;
            case V, SIGNED_BYTE -> operandSize;
            case Z -> Math.min(operandSize, 4);
            case Y -> rexW() && mode == 64 ? 8 : 4;
            case NATURAL -> mode == 64 ? 8 : 4;
            case BYTE_OR_DWORD -> memory ? 1 : 4;
            case WORD_OR_DWORD -> memory ? 2 : 4;
            case WORD_OR_V -> memory ? 2 : operandSize;
            case MOVSXD -> operandSize == 2 ? 2 : 4;
            case TBYTE -> 10;
            case FAR -> operandSize + 2;
            case SPECIAL -> special();
            case PAIR -> operandSize * 2;
            case IMAGE -> 512;
            case ENVIRONMENT -> operandSize == 2 ? 14 : 28;
            case NONE -> 0;
        };
    }

    private int special() {
        if (form.needs(Feature.X87)) {
            return operandSize == 2 ? 94 : 108;
        }
        return mode == 64 ? 10 : 6;
    }
}
