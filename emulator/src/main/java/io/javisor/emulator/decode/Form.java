package io.javisor.emulator.decode;

import java.util.List;

/**
 * One encoding of an instruction: a line of the table, or one of those that a line stands for. Immutable; one object for the process.
 *
 * <p>What the decoder and the emitter ask of it for each instruction is found out once.
 */
public final class Form {
    /** XMM0's bit in {@link #implicitRead}. */
    public static final int IMPLICIT_XMM0 = 1 << 16;

    private final int id;
    private final List<String> names;
    private final Opcode opcode;
    private final Opcode emitted;
    private final boolean plus;
    private final int matchMask;
    private final int matchValue;
    private final List<Operand> operands;
    private final InstructionClass kind;
    private final FlagEffects flags;
    private final int implicitRead;
    private final int implicitWritten;
    private final long features;
    private final long traits;
    private final Operand[] operandArray;
    private final boolean usesX87;
    private final boolean usesMmx;
    private final boolean usesVectors;
    private final int memoryOperand;
    private final boolean dependsOnOperandSize;
    private final boolean hasModrm;
    private final boolean emittedHasModrm;

    /**
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
    Form(
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
        this.id = id;
        this.names = names;
        this.opcode = opcode;
        this.emitted = emitted;
        this.plus = plus;
        this.matchMask = matchMask;
        this.matchValue = matchValue;
        this.operands = operands;
        this.kind = kind;
        this.flags = flags;
        this.implicitRead = implicitRead;
        this.implicitWritten = implicitWritten;
        this.features = features;
        this.traits = traits;
        operandArray = operands.toArray(Operand[]::new);
        usesMmx = operands.stream().anyMatch(operand -> operand.kind().isMmx()) || needs(Feature.MMX);
        usesX87 = usesMmx || needs(Feature.X87);
        usesVectors = operands.stream().anyMatch(operand -> operand.kind().isVector())
                || ((implicitRead | implicitWritten) & IMPLICIT_XMM0) != 0;
        memoryOperand = findMemoryOperand();
        dependsOnOperandSize = hasSize(OperandSize.V)
                || hasSize(OperandSize.Z)
                || hasSize(OperandSize.SIGNED_BYTE)
                || hasSize(OperandSize.MOVSXD)
                || hasSize(OperandSize.WORD_OR_V)
                || hasSize(OperandSize.ENVIRONMENT)
                || hasSize(OperandSize.SPECIAL)
                || (operands.isEmpty() && names.size() > 1);
        hasModrm = opcode.extension() >= 0
                || opcode.rm() >= 0
                || (matchMask & Decoder.MATCH_REGISTER) != 0
                || operands.stream().anyMatch(operand -> operand.kind().needsModrm());
        emittedHasModrm = hasModrm || !emitted.equals(opcode);
    }

    private int findMemoryOperand() {
        for (int i = 0; i < operandArray.length; i++) {
            if (operandArray[i].kind().mayBeMemory()) {
                return i;
            }
        }
        return -1;
    }

    /** Its number, from 0. */
    public int id() {
        return id;
    }

    /** The mnemonic, or three: for operand sizes of 2, 4 and 8 bytes. */
    public List<String> names() {
        return names;
    }

    /** Its bytes, and what the emitter writes, but for {@code emitted}. */
    public Opcode opcode() {
        return opcode;
    }

    /** What the emitter writes where the bytes themselves mean something else in 64-bit mode or name an address. */
    public Opcode emitted() {
        return emitted;
    }

    /** Whether the opcode's low three bits are a register. */
    public boolean plus() {
        return plus;
    }

    /** Which bits of {@link Decoder}'s context decide. */
    public int matchMask() {
        return matchMask;
    }

    /** What the bits of {@link #matchMask} must be. */
    public int matchValue() {
        return matchValue;
    }

    /** In the order of the manual. */
    public List<Operand> operands() {
        return operands;
    }

    /** Who carries it out. */
    public InstructionClass kind() {
        return kind;
    }

    /** What it does to the status flags. */
    public FlagEffects flags() {
        return flags;
    }

    /** Registers that no operand names: bits 0 to 15 general, bit 16 XMM0. */
    public int implicitRead() {
        return implicitRead;
    }

    /** Likewise, written. */
    public int implicitWritten() {
        return implicitWritten;
    }

    /** The {@link Feature#mask}s of what it needs: all must be offered. */
    public long features() {
        return features;
    }

    /** The bits of its {@link Trait}s. */
    public long traits() {
        return traits;
    }

    /** How many operands there are. */
    public int operandCount() {
        return operandArray.length;
    }

    /** One of the operands. */
    public Operand operand(int index) {
        return operandArray[index];
    }

    /** Whether what the emitter writes has a ModRM byte. */
    public boolean emittedHasModrm() {
        return emittedHasModrm;
    }

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
        return usesX87;
    }

    public boolean usesMmx() {
        return usesMmx;
    }

    /** Whether it names a vector register. */
    public boolean usesVectors() {
        return usesVectors;
    }

    /** The operand that the ModRM byte may put into memory, or a moffs; −1 if there is none. */
    public int memoryOperand() {
        return memoryOperand;
    }

    /** Whether 66 and REX.W mean the operand size to it. */
    public boolean dependsOnOperandSize() {
        return dependsOnOperandSize;
    }

    /** Whether an operand is written with that size. */
    public boolean hasSize(OperandSize size) {
        for (Operand operand : operandArray) {
            if (operand.size() == size) {
                return true;
            }
        }
        return false;
    }

    /** Whether a ModRM byte follows the opcode. */
    public boolean hasModrm() {
        return hasModrm;
    }

    /** For messages: its number and mnemonics. */
    @Override
    public String toString() {
        return "form " + id + " " + names;
    }
}
