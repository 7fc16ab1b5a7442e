package io.javisor.machine.program;

import java.io.ByteArrayOutputStream;
import java.util.random.RandomGenerator;

/**
 * Encodes single instructions of any mode with random operands (SDM vol. 2A §2). Some registers are pointers or a small index, which addresses are made
 * of and which no instruction here has as its destination.
 */
final class Encoder {
    static final int RAX = 0;
    static final int RCX = 1;
    static final int RDX = 2;
    static final int RBX = 3;
    static final int RSP = 4;
    static final int RBP = 5;
    static final int RSI = 6;
    static final int RDI = 7;

    /** Holds a small number in 64-bit mode. */
    static final int INDEX = 14;

    private static final int[] POINTERS = {RBX, RBP, RSI, RDI};
    /** Not CS, which QEMU lets be written. */
    private static final int[] SEGMENT_PREFIXES = {0x26, 0x36, 0x3e, 0x64, 0x65};

    private final RandomGenerator random;
    private final int mode;
    private final long codeLinear;
    private final long dataBase;
    private final ByteArrayOutputStream out;

    private static final int RIP_RELATIVE = 0x100;

    /** What the last instruction's operand size was, in bytes, for a form that is not of bytes. */
    private int operandSize;

    /**
     * Encodes for one mode.
     *
     * @param mode 64, 32 or 16
     * @param codeLinear where the first byte of {@code out} will be, as a linear address
     * @param dataBase what an offset in the window is added to for an address in DS
     */
    Encoder(RandomGenerator random, int mode, long codeLinear, long dataBase, ByteArrayOutputStream out) {
        this.random = random;
        this.mode = mode;
        this.codeLinear = codeLinear;
        this.dataBase = dataBase;
        this.out = out;
    }

    int operandSize() {
        return operandSize;
    }

    /** Which operands an instruction with a ModRM byte may have. */
    enum Operand {
        MEMORY,
        REGISTER,
        EITHER
    }

    /** A register that may be a destination; bytes are those of the first four in 32- and 16-bit mode and never AH to BH. */
    int free() {
        if (mode != 64) {
            return random.nextInt(3);
        }
        int[] registers = {0, 1, 2, 8, 9, 10, 11, 12, 13, 15};
        return registers[random.nextInt(registers.length)];
    }

    /** Any register that may be a source. */
    int any() {
        return mode == 64 ? random.nextInt(16) : random.nextInt(8);
    }

    void bytes(int... values) {
        for (int value : values) {
            out.write(value);
        }
    }

    void number(long value, int size) {
        for (int i = 0; i < size; i++) {
            out.write((int) (value >>> (8 * i)));
        }
    }

    /** An instruction with a ModRM byte. */
    final class Instruction {
        private int mandatory;
        private boolean lock;
        private boolean byteForm;
        private boolean fixedSize;
        private boolean wideByDefault;
        private boolean plainAddress;
        private boolean ripRelative = true;
        private int[] opcode = {};
        private int reg;
        private int rm = -1;
        private int immediateSize;
        private long immediate;

        Instruction opcode(int... bytes) {
            opcode = bytes;
            return this;
        }

        /** A prefix that is a part of the opcode; the operand size is none then. */
        Instruction mandatory(int prefix) {
            mandatory = prefix;
            fixedSize = true;
            return this;
        }

        /** Has no operand-size prefix and no REX.W. */
        Instruction fixed() {
            fixedSize = true;
            return this;
        }

        Instruction bytes() {
            byteForm = true;
            return this;
        }

        /** Has 64-bit operands in 64-bit mode without a prefix, as PUSH. */
        Instruction stack() {
            wideByDefault = true;
            return this;
        }

        Instruction lock(boolean value) {
            lock = value;
            return this;
        }

        /** No address that is not within the window. */
        Instruction plain() {
            plainAddress = true;
            return this;
        }

        /** Whether an address may be relative to RIP. */
        Instruction ripRelative(boolean value) {
            ripRelative = value;
            return this;
        }

        Instruction reg(int value) {
            reg = value;
            return this;
        }

        /** With a register operand; otherwise it is in memory. */
        Instruction rm(int value) {
            rm = value;
            return this;
        }

        /** With a random immediate of a number of bytes; -1: of the operand size, at most 4. */
        Instruction immediate(int size) {
            immediateSize = size;
            immediate = random.nextInt(3) == 0 ? random.nextInt(-2, 3) : random.nextInt();
            return this;
        }

        Instruction immediate(int size, long value) {
            immediateSize = size;
            immediate = value;
            return this;
        }

        void emit() {
            boolean wide = mode == 64 && !fixedSize && random.nextInt(2) == 0;
            boolean sized = !fixedSize && !byteForm && !wide && random.nextInt(4) == 0;
            int usual = mode == 16 ? 2 : mode == 64 && wideByDefault ? 8 : 4;
            operandSize = byteForm ? 1 : wide ? 8 : sized ? (mode == 16 ? 4 : 2) : usual;
            boolean addressSized = rm < 0 && !plainAddress && random.nextInt(12) == 0 && mode != 32;
            if (rm < 0 && !plainAddress && random.nextInt(16) == 0) {
                out.write(SEGMENT_PREFIXES[random.nextInt(SEGMENT_PREFIXES.length)]);
            }
            if (addressSized) {
                out.write(0x67);
            }
            if (sized) {
                out.write(0x66);
            }
            if (lock) {
                out.write(0xf0);
            }
            if (mandatory != 0) {
                out.write(mandatory);
            }
            ByteArrayOutputStream tail = new ByteArrayOutputStream();
            int extensions = rm >= 0 ? registerOperand(tail) : memoryOperand(tail, addressSized ? 32 : mode);
            int rex = (wide ? 8 : 0) | (reg >= 8 ? 4 : 0) | (extensions & 3);
            boolean newBytes = byteForm && (reg >= 4 || rm >= 4);
            if (mode == 64 && (rex != 0 || newBytes)) {
                out.write(0x40 | rex);
            }
            for (int value : opcode) {
                out.write(value);
            }
            int size = immediateSize < 0 ? Math.min(4, operandSize) : immediateSize;
            byte[] bytes = tail.toByteArray();
            if ((extensions & RIP_RELATIVE) != 0) {
                long next = codeLinear + out.size() + bytes.length + size;
                long target = RandomProgram.WINDOW + pointer();
                for (int i = 0; i < 4; i++) {
                    bytes[1 + i] = (byte) ((target - next) >>> (8 * i));
                }
            }
            out.writeBytes(bytes);
            number(immediate, size);
        }

        private int registerOperand(ByteArrayOutputStream tail) {
            tail.write(0xc0 | (reg & 7) << 3 | (rm & 7));
            return rm >= 8 ? 1 : 0;
        }

        private int memoryOperand(ByteArrayOutputStream tail, int addressMode) {
            if (addressMode == 16) {
                return memory16(tail);
            }
            int field = (reg & 7) << 3;
            int choice = random.nextInt(16);
            if (choice == 0 && mode == 64 && ripRelative) {
                tail.write(field | 5);
                tail.writeBytes(new byte[4]);
                return RIP_RELATIVE;
            }
            if (choice == 1 || (choice == 0 && mode == 64)) {
                long address = dataBase + pointer();
                if (mode == 64) {
                    tail.write(field | 4);
                    tail.write(0x25);
                } else {
                    tail.write(field | 5);
                }
                put(tail, address, 4);
                return 0;
            }
            boolean wild = choice == 2 && !plainAddress && random.nextInt(4) == 0;
            int base = wild ? any() : POINTERS[random.nextInt(POINTERS.length)];
            int displacement = random.nextInt(3);
            int value = displacement == 1 ? random.nextInt(-128, 128) : random.nextInt(-0x200, 0x200);
            if (displacement == 0 && (base & 7) == 5) {
                displacement = 1;
                value = 0;
            }
            int extensions = base >= 8 ? 1 : 0;
            boolean indexed = mode == 64 && random.nextInt(4) == 0;
            if (indexed || (base & 7) == 4) {
                tail.write(displacement << 6 | field | 4);
                int index = indexed ? INDEX : 4;
                tail.write(random.nextInt(4) << 6 | (index & 7) << 3 | (base & 7));
                extensions |= index >= 8 ? 2 : 0;
            } else {
                tail.write(displacement << 6 | field | (base & 7));
            }
            put(tail, value, displacement == 0 ? 0 : displacement == 1 ? 1 : 4);
            return extensions;
        }

        /** SDM vol. 2A table 2-1. */
        private int memory16(ByteArrayOutputStream tail) {
            int form = random.nextInt(8);
            int displacement = random.nextInt(3);
            tail.write(displacement << 6 | (reg & 7) << 3 | form);
            if (displacement == 0 && form == 6) {
                put(tail, pointer(), 2);
            } else {
                put(tail, random.nextInt(-0x200, 0x200), displacement);
            }
            return 0;
        }
    }

    private static void put(ByteArrayOutputStream to, long value, int size) {
        for (int i = 0; i < size; i++) {
            to.write((int) (value >>> (8 * i)));
        }
    }

    /** An offset in the window: mostly in its writable data. */
    int pointer() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2 -> 0x1000 * random.nextInt(1, 4) - random.nextInt(1, 33);
            case 3 -> 0x4000 - random.nextInt(1, 33);
            case 4 -> 0x4000 + random.nextInt(0x1000);
            case 5 -> 0x6000 + random.nextInt(0x2000);
            case 6 -> 0xb000 + random.nextInt(0xff0);
            case 7 -> random.nextInt(0x10000);
            case 8, 9, 10, 11 -> 0x400 + 16 * random.nextInt(0x300);
            default -> 0x200 + random.nextInt(0x3c00);
        };
    }

    Instruction instruction() {
        return new Instruction();
    }
}
