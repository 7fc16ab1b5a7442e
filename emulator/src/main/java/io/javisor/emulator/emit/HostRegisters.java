package io.javisor.emulator.emit;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.decode.OperandKind;

/**
 * Which registers an instruction uses, and in which registers of the host they are. Vector, MMX and x87 registers have the same number;
 * so have the general registers but for rsp, rbp, r14 and r15, which get one that the instruction leaves free. Allocates nothing.
 */
public final class HostRegisters {
    private static final int IDENTICAL = 0b0011_1111_1100_1111;
    private static final int[] FREE = {8, 9, 10, 11};

    /** Those for an instruction with AH, CH, DH or BH, which can have no REX prefix. */
    private static final int[] FREE_WITHOUT_REX = {6, 7, 1, 2};

    private final int[] hosts = new int[16];
    private int read;
    private int written;
    private int vectorsRead;
    private int vectorsWritten;
    private boolean high;

    /** Looks at an instruction whose form is of the class compute. */
    void assign(Instruction instruction) {
        look(instruction);
        int used = read | written;
        int[] free = high ? FREE_WITHOUT_REX : FREE;
        int next = 0;
        for (int guest = 0; guest < 16; guest++) {
            if ((used & 1 << guest) == 0) {
                continue;
            }
            if ((IDENTICAL & 1 << guest) != 0) {
                hosts[guest] = guest;
                continue;
            }
            while ((used & 1 << free[next]) != 0) {
                next++;
            }
            hosts[guest] = free[next++];
        }
    }

    /**
     * Looks at an instruction of a block, where registers have their places ({@link RunRegisters}). Those that live in the vCPU's block
     * get a scratch register: rbp unless the memory operand is there, then r11.
     *
     * @return whether the instruction can be made with those
     */
    public boolean assignMapped(Instruction instruction, boolean memoryOperand) {
        look(instruction);
        int used = read | written;
        int next = memoryOperand ? 1 : 0;
        for (int guest = 0; guest < 16; guest++) {
            if ((used & 1 << guest) == 0) {
                continue;
            }
            int host = RunRegisters.host(guest);
            if (host == RunRegisters.IN_BLOCK) {
                if (next == 2) {
                    return false;
                }
                host = next++ == 0 ? RunRegisters.FIRST : RunRegisters.SECOND;
            }
            if (high && host >= 8) {
                return false;
            }
            hosts[guest] = host;
        }
        return true;
    }

    private void look(Instruction instruction) {
        read = 0;
        written = 0;
        vectorsRead = 0;
        vectorsWritten = 0;
        high = false;
        Form form = instruction.form();
        // One that is written may be so in part: DX by MUL.
        general((form.implicitRead() | form.implicitWritten()) & 0xffff, form.implicitWritten() & 0xffff);
        if ((form.implicitRead() & Form.IMPLICIT_XMM0) != 0) {
            vectorsRead |= 1;
        }
        if ((form.implicitWritten() & Form.IMPLICIT_XMM0) != 0) {
            vectorsWritten |= 1;
        }
        for (int i = 0; i < form.operandCount(); i++) {
            Operand operand = form.operand(i);
            if (!instruction.inMemory(operand)) {
                register(instruction, operand);
            }
        }
    }

    private void general(int reads, int writes) {
        read |= reads;
        written |= writes;
    }

    private void register(Instruction instruction, Operand operand) {
        OperandKind kind = operand.kind();
        if (kind.isVector()) {
            int bit = 1 << instruction.register(operand);
            vectorsRead |= operand.read() ? bit : 0;
            vectorsWritten |= operand.written() ? bit : 0;
            return;
        }
        switch (kind) {
            case E, G, R, B, Z, GPR -> {
                int size = instruction.sizeOf(operand);
                int number = instruction.register(operand);
                if (isHigh(instruction, number, size)) {
                    high = true;
                    number -= 4;
                }
                int bit = 1 << number;
                // A write of one or two bytes leaves the rest of the register.
                general(operand.read() || size < 4 ? bit : 0, operand.written() ? bit : 0);
            }
            default -> {}
        }
    }

    /** Whether a register of a byte is AH, CH, DH or BH. */
    static boolean isHigh(Instruction instruction, int number, int size) {
        return size == 1
                && number >= 4
                && number < 8
                && !instruction.hasRex()
                && !instruction.form().opcode().vex();
    }

    /** The host's register for the guest's register {@code number}, of an operand of {@code size} bytes. */
    int host(Instruction instruction, int number, int size) {
        return isHigh(instruction, number, size) ? number : hosts[number];
    }

    public int host(int number) {
        return hosts[number];
    }

    /** Guest registers whose value before matters, a bit each. */
    public int read() {
        return read;
    }

    public int written() {
        return written;
    }

    public int vectorsRead() {
        return vectorsRead;
    }

    public int vectorsWritten() {
        return vectorsWritten;
    }

    boolean high() {
        return high;
    }
}
