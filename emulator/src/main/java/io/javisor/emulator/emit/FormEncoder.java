package io.javisor.emulator.emit;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Opcode;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.decode.OperandSize;
import io.javisor.emulator.decode.Trait;

/**
 * Makes a decoded instruction anew for 64-bit mode: with the host's registers, its memory operand at [rbp], and no prefix but those that
 * its form needs. Allocates nothing.
 */
public final class FormEncoder {
    private static final int REX = 0x40;
    private static final int REX_W = 8;
    private static final int REX_R = 4;
    private static final int REX_B = 1;
    private static final int[] MANDATORY = {0, 0x66, 0xf3, 0xf2};

    private final CodeWriter writer;
    private final HostRegisters registers;

    private int reg;
    private int rm;
    private int vvvv;
    private int selector;
    private boolean memory;
    private boolean byteNeedsRex;

    public FormEncoder(CodeWriter writer, HostRegisters registers) {
        this.writer = writer;
        this.registers = registers;
    }

    /**
     * Writes the instruction; {@link HostRegisters#assign} has seen it.
     *
     * @param immediate the instruction's own, or what takes its place
     */
    public void encode(Instruction instruction, long immediate) {
        Form form = instruction.form();
        Opcode opcode = form.emitted();
        place(instruction, form, opcode);
        if (opcode.vex()) {
            vexPrefix(instruction, form, opcode);
        } else {
            legacyPrefixes(instruction, form, opcode);
        }
        writer.bytes1(opcode.code() + selector);
        if (form.emittedHasModrm()) {
            modrm();
        }
        immediates(instruction, form, immediate);
    }

    /** Puts each operand into the field that names it. */
    private void place(Instruction instruction, Form form, Opcode opcode) {
        reg = Math.max(opcode.extension(), 0);
        rm = Math.max(opcode.rm(), 0);
        vvvv = 0;
        selector = 0;
        memory = false;
        byteNeedsRex = false;
        for (int i = 0; i < form.operandCount(); i++) {
            Operand operand = form.operand(i);
            OperandKind kind = operand.kind();
            if (instruction.inMemory(operand)) {
                memory = true;
                continue;
            }
            switch (kind) {
                case E, R -> rm = general(instruction, operand);
                case W, U, Q, N, STI -> rm = instruction.register(operand);
                case G -> {
                    if (!form.has(Trait.BITSTRING)) {
                        reg = general(instruction, operand);
                    }
                }
                case V, P -> reg = instruction.register(operand);
                case B -> vvvv = general(instruction, operand);
                case H -> vvvv = instruction.register(operand);
                case Z -> {
                    int number = general(instruction, operand);
                    if (opcode.extension() >= 0) {
                        rm = number;
                    } else {
                        selector = number & 7;
                        rm = number & 8;
                    }
                }
                default -> {}
            }
        }
    }

    private int general(Instruction instruction, Operand operand) {
        int size = instruction.sizeOf(operand);
        int number = registers.host(instruction, instruction.register(operand), size);
        byteNeedsRex |= size == 1 && number >= 4 && !registers.high();
        return number;
    }

    private void legacyPrefixes(Instruction instruction, Form form, Opcode opcode) {
        boolean sized = form.dependsOnOperandSize();
        boolean size16 = sized ? instruction.operandSize() == 2 : opcode.prefix() == Opcode.P66;
        boolean wide = sized ? instruction.operandSize() == 8 : isWide(instruction, form, opcode);
        if (size16) {
            writer.bytes1(0x66);
        }
        if (opcode.prefix() >= Opcode.PF3) {
            writer.bytes1(MANDATORY[opcode.prefix()]);
        }
        if (instruction.lock()) {
            writer.bytes1(0xf0);
        }
        int rex = (wide ? REX_W : 0) | (reg >= 8 ? REX_R : 0) | (rm >= 8 ? REX_B : 0);
        if (rex != 0 || byteNeedsRex) {
            writer.bytes1(REX | rex);
        }
        switch (opcode.space()) {
            case 1 -> writer.bytes1(0x0f);
            case 2 -> writer.code(0x0f38, 2);
            case 3 -> writer.code(0x0f3a, 2);
            default -> {}
        }
    }

    /** REX.W or VEX.W of a form whose operands do not depend on the operand size. */
    private static boolean isWide(Instruction instruction, Form form, Opcode opcode) {
        if (opcode.w() >= 0) {
            return opcode.w() == 1;
        }
        return instruction.rexW() && (instruction.mode() == 64 || !form.hasSize(OperandSize.Y));
    }

    private void vexPrefix(Instruction instruction, Form form, Opcode opcode) {
        int inverted = (reg >= 8 ? 0 : 0x80) | 0x40 | (rm >= 8 ? 0 : 0x20);
        int wide = isWide(instruction, form, opcode) ? 0x80 : 0;
        int length = instruction.vectorLength() == 32 ? 4 : 0;
        writer.bytes1(0xc4);
        writer.bytes1(inverted | opcode.space() - Opcode.VEX);
        writer.bytes1(wide | (~vvvv & 15) << 3 | length | opcode.prefix());
    }

    private void modrm() {
        if (memory) {
            // [rbp] has no encoding without a displacement.
            writer.bytes1(0x40 | (reg & 7) << 3 | CodeWriter.RBP);
            writer.bytes1(0);
        } else {
            writer.bytes1(0xc0 | (reg & 7) << 3 | (rm & 7));
        }
    }

    private void immediates(Instruction instruction, Form form, long immediate) {
        if (form.has(Trait.BITSTRING)) {
            writer.bytes1((int) immediate);
            return;
        }
        for (int i = 0; i < form.operandCount(); i++) {
            Operand operand = form.operand(i);
            if (operand.kind() == OperandKind.L) {
                writer.bytes1(instruction.register(operand) << 4 | ((int) immediate & 15));
            } else if (operand.kind() == OperandKind.I) {
                switch (operand.size()) {
                    case BYTE, SIGNED_BYTE -> writer.bytes1((int) immediate);
                    case Z -> writer.bytes(immediate, Math.min(instruction.operandSize(), 4));
                    default -> writer.bytes(immediate, instruction.operandSize());
                }
            }
        }
    }
}
