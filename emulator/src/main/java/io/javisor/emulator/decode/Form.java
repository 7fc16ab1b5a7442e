package io.javisor.emulator.decode;

import java.util.List;

/**
 * One encoding of an instruction: a line of the table, or one of those that a line stands for. Immutable; one object for the process.
 *
 * @param id its number, from 0
 * @param names the mnemonic, or three: for operand sizes of 2, 4 and 8 bytes
 * @param opcode its bytes, and what the emitter writes, but for {@code emitted}
 * @param emitted what the emitter writes where the bytes themselves mean something else in 64-bit mode or name an address
 * @param plus whether the opcode's low three bits are a register
 * @param matchMask which bits of {@link Decoder}'s context decide, and {@code matchValue} what they must be
 * @param implicitRead registers that no operand names: bits 0 to 15 general, bit 16 XMM0
 * @param implicitWritten likewise
 * @param features the {@link Feature#mask}s of what it needs: all must be offered
 * @param traits the bits of its {@link Trait}s
 */
public record Form(
        int id,
        List<String> names,
        Opcode opcode,
        Opcode emitted,
        boolean plus,
        int matchMask,
        int matchValue,
        List<Operand> operands,
        InstructionClass kind,
        FlagEffects flags,
        int implicitRead,
        int implicitWritten,
        long features,
        long traits) {
    /** XMM0's bit in {@link #implicitRead}. */
    public static final int IMPLICIT_XMM0 = 1 << 16;

    public boolean has(Trait trait) {
        return (traits & trait.bit()) != 0;
    }

    public boolean needs(Feature feature) {
        return (features & feature.mask()) != 0;
    }

    /** The mnemonic for an operand size of 2, 4 or 8 bytes. */
    public String name(int operandSize) {
        return names.size() == 1 ? names.get(0) : names.get(operandSize == 2 ? 0 : operandSize == 4 ? 1 : 2);
    }

    /** Whether 64-bit mode has it. */
    public boolean isIn64BitMode() {
        return (matchMask & Decoder.MATCH_LONG) == 0 || (matchValue & Decoder.MATCH_LONG) != 0;
    }

    /** Whether it uses the x87 registers, which are also those of MMX. */
    public boolean usesX87() {
        return needs(Feature.X87) || usesMmx();
    }

    public boolean usesMmx() {
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).kind().isMmx()) {
                return true;
            }
        }
        return needs(Feature.MMX);
    }

    /** Whether it names a vector register. */
    public boolean usesVectors() {
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).kind().isVector()) {
                return true;
            }
        }
        return ((implicitRead | implicitWritten) & IMPLICIT_XMM0) != 0;
    }

    /** The operand that the ModRM byte may put into memory, or a moffs; −1 if there is none. */
    public int memoryOperand() {
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).kind().mayBeMemory()) {
                return i;
            }
        }
        return -1;
    }

    /** Whether 66 and REX.W mean the operand size to it. */
    public boolean dependsOnOperandSize() {
        return hasSize(OperandSize.V)
                || hasSize(OperandSize.Z)
                || hasSize(OperandSize.SIGNED_BYTE)
                || hasSize(OperandSize.MOVSXD)
                || hasSize(OperandSize.WORD_OR_V)
                || hasSize(OperandSize.ENVIRONMENT)
                || hasSize(OperandSize.SPECIAL)
                || (operands.isEmpty() && names.size() > 1);
    }

    /** Whether an operand is written with that size. */
    public boolean hasSize(OperandSize size) {
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).size() == size) {
                return true;
            }
        }
        return false;
    }

    /** Whether a ModRM byte follows the opcode. */
    public boolean hasModrm() {
        if (opcode.extension() >= 0 || opcode.rm() >= 0 || (matchMask & Decoder.MATCH_REGISTER) != 0) {
            return true;
        }
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).kind().needsModrm()) {
                return true;
            }
        }
        return false;
    }
}
