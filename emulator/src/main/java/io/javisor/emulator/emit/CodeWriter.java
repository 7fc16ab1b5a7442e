package io.javisor.emulator.emit;

import static io.javisor.emulator.state.VectorLayout.XMM_OFFSET;
import static io.javisor.emulator.state.VectorLayout.YMM_HIGH_OFFSET;

import java.lang.foreign.MemorySegment;

/**
 * Writes machine code: bytes, and the few moves between registers and the vCPU's block that templates are made of. Allocates nothing.
 *
 * <p>A piece of code is put together in an array and copied to where it runs when it is whole: a store to an array is quick in the JVM's
 * interpreter and for each of its compilers, one to memory outside the heap for the last of them only.
 */
public final class CodeWriter {
    public static final int RAX = 0;
    public static final int RCX = 1;
    public static final int RSP = 4;
    public static final int RBP = 5;

    /** Points into the vCPU's block. */
    public static final int STATE = 15;

    /** Where {@link #STATE} points, in bytes: so that what is used most is within reach of a displacement of one byte. */
    public static final int BIAS = 0x80;

    private static final int REX = 0x40;
    private static final int REX_W = 8;
    private static final int REX_R = 4;
    private static final int REX_B = 1;

    private final MemorySegment target;
    private final byte[] piece;
    private final MemorySegment pieceSegment;
    private int start;
    private int position;

    /**
     * @param target where code goes; offsets are from its start
     * @param longest the most bytes that a piece of code has
     */
    public CodeWriter(MemorySegment target, int longest) {
        this.target = target;
        piece = new byte[longest];
        pieceSegment = MemorySegment.ofArray(piece);
    }

    /** Where the next byte goes. */
    public int position() {
        return position;
    }

    /** Begins a piece of code at {@code offset}. */
    public void begin(int offset) {
        start = offset;
        position = offset;
    }

    /** Ends a piece of code: from now on it is in its place, and the next one begins behind it. */
    public void end() {
        MemorySegment.copy(pieceSegment, 0, target, start, position - start);
        start = position;
    }

    public void bytes1(int value) {
        piece[position++ - start] = (byte) value;
    }

    /** Writes 4 bytes over those at {@code offset}, which are of this piece. */
    public void patch(int offset, int value) {
        int at = offset - start;
        piece[at] = (byte) value;
        piece[at + 1] = (byte) (value >>> 8);
        piece[at + 2] = (byte) (value >>> 16);
        piece[at + 3] = (byte) (value >>> 24);
    }

    /** Writes the low {@code count} bytes of {@code value}, lowest first. */
    public void bytes(long value, int count) {
        for (int i = 0; i < count; i++) {
            bytes1((int) (value >>> (8 * i)));
        }
    }

    /** Writes bytes as they are read: the highest first. {@code count} is at most 8. */
    public void code(long value, int count) {
        for (int i = count - 1; i >= 0; i--) {
            bytes1((int) (value >>> (8 * i)));
        }
    }

    /** mov register, [block + offset] (8 bytes) */
    public void load(int register, int offset) {
        bytes1(REX | REX_W | (register >= 8 ? REX_R : 0) | REX_B);
        bytes1(0x8b);
        blockOperand(register, offset);
    }

    /** mov [block + offset], register (8 bytes) */
    public void store(int register, int offset) {
        bytes1(REX | REX_W | (register >= 8 ? REX_R : 0) | REX_B);
        bytes1(0x89);
        blockOperand(register, offset);
    }

    /** pop [block + offset] (8 bytes) */
    public void pop(int offset) {
        bytes1(REX | REX_B);
        bytes1(0x8f);
        blockOperand(0, offset);
    }

    /**
     * Loads guest vectors to the host's registers of the same numbers. All of them with VEX instructions alone or with SSE ones alone: on some
     * processors each change between them costs 50 ns while an upper half is in use.
     *
     * @param numbers a bit for each
     * @param wide all of 256 bits, not the low halves alone
     */
    public void loadVectors(int numbers, boolean wide) {
        for (int i = 0; i < 16; i++) {
            if ((numbers & 1 << i) != 0) {
                if (wide) {
                    loadLowerHalf(i);
                    loadUpperHalf(i, YMM_HIGH_OFFSET + 16 * i);
                } else {
                    loadXmm(i, XMM_OFFSET + 16 * i);
                }
            }
        }
    }

    /** Stores them, as {@link #loadVectors}. */
    public void storeVectors(int numbers, boolean wide) {
        for (int i = 0; i < 16; i++) {
            if ((numbers & 1 << i) != 0) {
                if (wide) {
                    storeLowerHalf(i);
                    storeUpperHalf(i, YMM_HIGH_OFFSET + 16 * i);
                } else {
                    storeXmm(i, XMM_OFFSET + 16 * i);
                }
            }
        }
    }

    /** Loads the upper halves alone, as {@link #loadVectors}. */
    public void loadUpperHalves(int numbers) {
        for (int i = 0; i < 16; i++) {
            if ((numbers & 1 << i) != 0) {
                loadUpperHalf(i, YMM_HIGH_OFFSET + 16 * i);
            }
        }
    }

    /** vmovups xmm, [the guest's of that number], which makes the upper half zeros */
    public void loadLowerHalf(int register) {
        lowerHalf(register, 0x10);
    }

    /** vmovups [the guest's of that number], xmm */
    public void storeLowerHalf(int register) {
        lowerHalf(register, 0x11);
    }

    private void lowerHalf(int register, int opcode) {
        code(0xc4, 1);
        bytes1((register >= 8 ? 0 : 0x80) | 0x40 | 1);
        bytes1(0x78);
        bytes1(opcode);
        blockOperand(register, XMM_OFFSET + 16 * register);
    }

    /** movups xmm, [block + offset] */
    public void loadXmm(int register, int offset) {
        bytes1(REX | (register >= 8 ? REX_R : 0) | REX_B);
        code(0x0f10, 2);
        blockOperand(register, offset);
    }

    /** movups [block + offset], xmm */
    public void storeXmm(int register, int offset) {
        bytes1(REX | (register >= 8 ? REX_R : 0) | REX_B);
        code(0x0f11, 2);
        blockOperand(register, offset);
    }

    /** vinsertf128 ymm, ymm, [block + offset], 1 */
    private void loadUpperHalf(int register, int offset) {
        int r = register >= 8 ? 0 : 0x80;
        code(0xc4, 1);
        bytes1(r | 0x40 | 3);
        bytes1((~register & 15) << 3 | 4 | 1);
        bytes1(0x18);
        blockOperand(register, offset);
        bytes1(1);
    }

    /** vextractf128 [block + offset], ymm, 1 */
    private void storeUpperHalf(int register, int offset) {
        int r = register >= 8 ? 0 : 0x80;
        code(0xc4, 1);
        bytes1(r | 0x40 | 3);
        bytes1(0x7d);
        bytes1(0x19);
        blockOperand(register, offset);
        bytes1(1);
    }

    /** An instruction with a REX prefix that has W or not, two bytes of opcode and, as operand, ModRM.reg and what is in the block. */
    public void onBlock(boolean wide, int opcode, int reg, int offset) {
        bytes1(REX | (wide ? REX_W : 0) | REX_B);
        code(opcode, 2);
        blockOperand(reg, offset);
    }

    /** ModRM and displacement for what is at {@code offset} in the block. */
    public void blockOperand(int reg, int offset) {
        int displacement = offset - BIAS;
        boolean small = displacement == (byte) displacement;
        bytes1((small ? 0x40 : 0x80) | (reg & 7) << 3 | (STATE & 7));
        bytes(displacement, small ? 1 : 4);
    }
}
