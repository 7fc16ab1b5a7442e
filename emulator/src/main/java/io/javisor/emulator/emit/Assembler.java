package io.javisor.emulator.emit;

/**
 * The instructions that blocks of code are held together by, in 64-bit mode. Operands are host registers by number; {@code wide} is an operand
 * size of 8 bytes in place of 4. Allocates nothing.
 */
public final class Assembler {
    public static final int NONE = -1;

    /** ModRM extensions, times 8 the opcodes, of the eight arithmetic instructions. */
    public static final int ADD = 0;

    public static final int OR = 1;
    public static final int AND = 4;
    public static final int SUB = 5;
    public static final int XOR = 6;
    public static final int CMP = 7;

    public static final int SHL = 4;
    public static final int SHR = 5;
    public static final int SAR = 7;

    /** Condition codes. */
    public static final int B = 2;

    public static final int AE = 3;

    public static final int E = 4;
    public static final int NE = 5;
    public static final int BE = 6;
    public static final int A = 7;

    /** The lengths, in bytes, of what {@link #jump} and {@link #call} write. */
    public static final int JUMP_SIZE = 5;

    public static final int CALL_SIZE = 5;

    private final CodeWriter writer;

    public Assembler(CodeWriter writer) {
        this.writer = writer;
    }

    /** mov target, source */
    public void move(boolean wide, int target, int source) {
        rex(wide, source, 0, target);
        writer.bytes1(0x89);
        writer.bytes1(0xc0 | (source & 7) << 3 | (target & 7));
    }

    /** mov target, [base + displacement] */
    public void load(boolean wide, int target, int base, int displacement) {
        memory(wide, 0x8b, target, base, NONE, 0, displacement);
    }

    /** mov [base + displacement], source */
    public void store(boolean wide, int base, int displacement, int source) {
        memory(wide, 0x89, source, base, NONE, 0, displacement);
    }

    /** lea target, [base + index << scale + displacement]; base and index may be {@link #NONE} */
    public void address(boolean wide, int target, int base, int index, int scale, int displacement) {
        memory(wide, 0x8d, target, base, index, scale, displacement);
    }

    /** mov target, value (8 bytes), as short as it goes */
    public void constant(int target, long value) {
        if (value == (int) value) {
            rex(true, 0, 0, target);
            writer.bytes1(0xc7);
            writer.bytes1(0xc0 | (target & 7));
            writer.bytes(value, 4);
        } else {
            rex(true, 0, 0, target);
            writer.bytes1(0xb8 | (target & 7));
            writer.bytes(value, 8);
        }
    }

    /** Arithmetic with an immediate. */
    public void arithmetic(int operation, boolean wide, int target, int immediate) {
        rex(wide, 0, 0, target);
        boolean small = immediate == (byte) immediate;
        writer.bytes1(small ? 0x83 : 0x81);
        writer.bytes1(0xc0 | operation << 3 | (target & 7));
        writer.bytes(immediate, small ? 1 : 4);
    }

    /** Arithmetic with another register as the source. */
    public void arithmeticRegister(int operation, boolean wide, int target, int source) {
        rex(wide, source, 0, target);
        writer.bytes1(operation << 3 | 1);
        writer.bytes1(0xc0 | (source & 7) << 3 | (target & 7));
    }

    /** Arithmetic of 8 bytes with memory as the source: [base + displacement]. */
    public void arithmeticMemory(int operation, int target, int base, int displacement) {
        memory(true, operation << 3 | 3, target, base, NONE, 0, displacement);
    }

    /** Arithmetic of 8 bytes with the vCPU's block as the source. */
    public void arithmeticBlock(int operation, int target, int offset) {
        memory(true, operation << 3 | 3, target, CodeWriter.STATE, NONE, 0, offset - CodeWriter.BIAS);
    }

    /** add [block + offset], source (8 bytes) */
    public void addToBlock(int offset, int source) {
        memory(true, 0x01, source, CodeWriter.STATE, NONE, 0, offset - CodeWriter.BIAS);
    }

    /** neg target */
    public void negate(boolean wide, int target) {
        rex(wide, 0, 0, target);
        writer.bytes1(0xf7);
        writer.bytes1(0xd8 | (target & 7));
    }

    /** xchg of two registers, 8 bytes */
    public void exchange(int one, int other) {
        rex(true, one, 0, other);
        writer.bytes1(0x87);
        writer.bytes1(0xc0 | (one & 7) << 3 | (other & 7));
    }

    /** cmovb target, source */
    public void moveIfBelow(boolean wide, int target, int source) {
        rex(wide, target, 0, source);
        writer.code(0x0f42, 2);
        writer.bytes1(0xc0 | (target & 7) << 3 | (source & 7));
    }

    /** Moves the low 2 or 4 bytes of {@code source}, sign-extended to 8. */
    public void signExtend(int target, int source, int size) {
        rex(true, target, 0, source);
        if (size == 2) {
            writer.code(0x0fbf, 2); // movsx
        } else {
            writer.bytes1(0x63); // movsxd
        }
        writer.bytes1(0xc0 | (target & 7) << 3 | (source & 7));
    }

    /** cmp dword [block + offset], immediate of a byte */
    public void compareBlock(int offset, int immediate) {
        writer.code(0x4183, 2);
        writer.blockOperand(CMP, offset);
        writer.bytes1(immediate);
    }

    /** Arithmetic of 4 bytes on the vCPU's block with an immediate. */
    public void arithmeticOnBlock(int operation, int offset, int immediate) {
        writer.code(0x4181, 2);
        writer.blockOperand(operation, offset);
        writer.bytes(immediate, 4);
    }

    /** test register, immediate */
    public void test(boolean wide, int register, int immediate) {
        rex(wide, 0, 0, register);
        writer.bytes1(0xf7);
        writer.bytes1(0xc0 | (register & 7));
        writer.bytes(immediate, 4);
    }

    /** test dword [block + offset], immediate */
    public void testBlock(int offset, int immediate) {
        writer.code(0x41f7, 2);
        writer.blockOperand(0, offset);
        writer.bytes(immediate, 4);
    }

    /** A shift by a constant. */
    public void shift(int operation, boolean wide, int target, int count) {
        rex(wide, 0, 0, target);
        writer.bytes1(0xc1);
        writer.bytes1(0xc0 | operation << 3 | (target & 7));
        writer.bytes1(count);
    }

    /** test the low byte of rbp with an immediate */
    public void testFirst(int immediate) {
        writer.code(0x40f6c5, 3);
        writer.bytes1(immediate);
    }

    /** A conditional jump to somewhere; {@link #here} later tells where. */
    public int jumpIf(int condition) {
        writer.bytes1(0x0f);
        writer.bytes1(0x80 | condition);
        writer.bytes(0, 4);
        return writer.position() - 4;
    }

    public void jumpIfTo(int condition, int offset) {
        patch(jumpIf(condition), offset);
    }

    /** A jump to somewhere. */
    public int jump() {
        writer.bytes1(0xe9);
        writer.bytes(0, 4);
        return writer.position() - 4;
    }

    public void jumpTo(int offset) {
        patch(jump(), offset);
    }

    /** call offset */
    public void call(int offset) {
        writer.bytes1(0xe8);
        writer.bytes(offset - (writer.position() + 4), 4);
    }

    /** jmp [address of offset in the code memory] */
    public void jumpThrough(int offset) {
        writer.code(0xff25, 2);
        writer.bytes(offset - (writer.position() + 4), 4);
    }

    /** jmp [base + displacement] */
    public void jumpMemory(int base, int displacement) {
        memory(false, 0xff, 4, base, NONE, 0, displacement);
    }

    /** jmp register, of r8 to r15 */
    public void jumpRegister(int register) {
        writer.code(0x41ff, 2);
        writer.bytes1(0xe0 | (register & 7));
    }

    /** jrcxz over {@code bytes} bytes */
    public void skipIfRcxZero(int bytes) {
        writer.bytes1(0xe3);
        writer.bytes1(bytes);
    }

    /** A jump to somewhere if RCX, or ECX, is not zero: jrcxz over a jump. No flag changes. */
    public int jumpIfCxNotZero(boolean wide) {
        if (!wide) {
            writer.bytes1(0x67);
        }
        skipIfRcxZero(JUMP_SIZE);
        return jump();
    }

    /** Lets a jump go to the present position. */
    public void here(int jump) {
        patch(jump, writer.position());
    }

    /** lea target, [address of offset in the code memory] */
    public void codeAddress(int target, int offset) {
        rex(true, target, 0, 0);
        writer.bytes1(0x8d);
        writer.bytes1((target & 7) << 3 | 5);
        writer.bytes(offset - (writer.position() + 4), 4);
    }

    private void patch(int jump, int offset) {
        writer.patch(jump, offset - (jump + 4));
    }

    private void rex(boolean wide, int reg, int index, int base) {
        int rex = (wide ? 8 : 0) | (reg >= 8 ? 4 : 0) | (index >= 8 ? 2 : 0) | (base >= 8 ? 1 : 0);
        if (rex != 0) {
            writer.bytes1(0x40 | rex);
        }
    }

    private void memory(boolean wide, int opcode, int reg, int base, int index, int scale, int displacement) {
        rex(wide, reg, index, base);
        writer.bytes1(opcode);
        int field = (reg & 7) << 3;
        if (base == NONE) {
            // Without a base there are a SIB byte and 4 bytes of displacement; an index of 4 is none.
            writer.bytes1(field | 4);
            writer.bytes1(scale << 6 | (index == NONE ? 4 : index & 7) << 3 | 5);
            writer.bytes(displacement, 4);
            return;
        }
        boolean none = displacement == 0 && (base & 7) != 5;
        boolean small = displacement == (byte) displacement;
        int mode = none ? 0 : small ? 0x40 : 0x80;
        if (index == NONE && (base & 7) != 4) {
            writer.bytes1(mode | field | (base & 7));
        } else {
            writer.bytes1(mode | field | 4);
            writer.bytes1(scale << 6 | (index == NONE ? 4 : index & 7) << 3 | (base & 7));
        }
        if (!none) {
            writer.bytes(displacement, small ? 1 : 4);
        }
    }
}
