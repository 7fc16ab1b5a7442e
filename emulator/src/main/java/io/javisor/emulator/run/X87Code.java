package io.javisor.emulator.run;

import static io.javisor.emulator.emit.CodeWriter.RCX;
import static io.javisor.emulator.state.StateLayout.RUN_PAGE_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_SCRATCH_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_X87_AWAY_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FCW_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FDP_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FIP_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FOP_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FTW_OFFSET;
import static io.javisor.emulator.state.VectorLayout.MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.ST_OFFSET;
import static io.javisor.emulator.state.VectorLayout.X87_AREA_OFFSET;
import static io.javisor.emulator.state.VectorLayout.XSAVE_OFFSET;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;

/**
 * Emits what x87 and MMX instructions of blocks need beside themselves. The guest's registers are loaded into the host's by the first of them and stay there, from
 * block to block, until code leaves for Java. All x87 exceptions are masked meanwhile ({@link RunMode#X87}).
 *
 * <p>The pointers to the last instruction and operand are the guest's, in the vCPU's block: the host's are never stored. That of
 * the operand is stored by each instruction that has one, the others by the last instruction of a block and on ways out.
 */
final class X87Code {
    /** In place of what {@link #last} tells: nothing is to be stored. */
    static final int NONE = -1;

    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;
    private static final int OFFSET_SHIFT = 16;
    private static final int OPCODE_MASK = 0x7ff;
    private static final int CONTROL_MASKS = 0x3f;
    private static final int REGISTERS = 8;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final int load;
    private boolean loaded;
    private boolean pointers;
    private int last;

    X87Code(RunCode code) {
        writer = code.writer();
        assembler = code.assembler();
        load = code.loadX87();
    }

    /** Writes what loads the registers, to be called. Uses r11; leaves all others and the flags alone. */
    static void writeLoad(CodeWriter writer, Assembler assembler) {
        VectorSwitch.writeKeepLower(writer, assembler); // FXRSTOR loads them, too
        writer.onBlock(false, 0x0fae, 3, MXCSR_OFFSET); // stmxcsr, as those
        writer.onBlock(true, 0x0fae, 1, XSAVE_OFFSET); // fxrstor64
        writer.code(0x41c7, 2); // mov dword [AWAY], 0
        writer.blockOperand(0, RUN_X87_AWAY_OFFSET);
        writer.bytes(0, 4);
        writer.bytes1(0xc3);
    }

    /** Writes what stores the registers if they are loaded, and leaves the host's as Java wants them. Clobbers r11, xmm0 and the flags: vectors are saved. */
    static void writeSave(CodeWriter writer, Assembler assembler) {
        assembler.compareBlock(RUN_X87_AWAY_OFFSET, 0);
        int away = assembler.jumpIf(Assembler.NE);
        writer.onBlock(true, 0x0fae, 0, X87_AREA_OFFSET); // fxsave64
        writer.code(0xdbe3, 2); // fninit
        assembler.arithmeticOnBlock(Assembler.OR, RUN_X87_AWAY_OFFSET, 1);
        int state = CodeWriter.STATE;
        int moved = X87_AREA_OFFSET - XSAVE_OFFSET;
        assembler.load(false, SECOND, state, FCW_OFFSET + moved - CodeWriter.BIAS); // FSW, too
        assembler.store(false, state, FCW_OFFSET - CodeWriter.BIAS, SECOND);
        assembler.load(false, SECOND, state, FTW_OFFSET + moved - CodeWriter.BIAS);
        writer.bytes1(0x66);
        assembler.store(false, state, FTW_OFFSET - CodeWriter.BIAS, SECOND);
        for (int i = 0; i < REGISTERS; i++) {
            writer.loadXmm(0, ST_OFFSET + moved + 16 * i);
            writer.storeXmm(0, ST_OFFSET + 16 * i);
        }
        assembler.here(away);
    }

    /** A block begins: nobody knows whether the registers are loaded. */
    void begin() {
        loaded = false;
        last = NONE;
    }

    /** An instruction of {@code form} comes next; has the registers loaded if it uses them. Uses rbp and r11; leaves the flags alone. */
    void prepare(Form form) {
        pointers = form.usesX87() && !form.usesMmx() && !form.has(Trait.CONTROL);
        if (!form.usesX87() || loaded) {
            return;
        }
        assembler.move(true, FIRST, RCX);
        assembler.load(false, RCX, CodeWriter.STATE, RUN_X87_AWAY_OFFSET - CodeWriter.BIAS);
        assembler.skipIfRcxZero(Assembler.CALL_SIZE);
        assembler.call(load);
        assembler.move(true, RCX, FIRST);
        loaded = true;
    }

    /** Whether they are known to be loaded. */
    boolean loaded() {
        return loaded;
    }

    /** Loads them where they are known not to be. */
    void emitLoad() {
        assembler.call(load);
    }

    /** Java has carried out an instruction, with all in the vCPU's block. */
    void left() {
        begin();
    }

    /** Puts the operand's linear address aside, which is in rbp, if the pointers are to tell it. */
    void keepOperand() {
        if (pointers) {
            writer.store(FIRST, RUN_SCRATCH_OFFSET);
        }
    }

    /** Has the pointers tell it: nothing keeps the instruction from its operand any more. Uses r11. */
    void setOperand() {
        if (pointers) {
            writer.load(SECOND, RUN_SCRATCH_OFFSET);
            writer.store(SECOND, FDP_OFFSET);
        }
    }

    /** The instruction is carried out, which is at {@code offset} in the page. */
    void setLast(Instruction instruction, int offset) {
        if (pointers) {
            int opcode = instruction.opcodeByte() << 8 | instruction.modrmByte();
            last = offset << OFFSET_SHIFT | (opcode & OPCODE_MASK);
        }
    }

    /** What {@link #emitPointers} has to store here, or {@link #NONE}. */
    int last() {
        return last;
    }

    /** Stores the pointers of this block's last instruction. Uses rbp. */
    void settle() {
        emitPointers(last);
        last = NONE;
    }

    /** Stores the pointers that {@link #last} told elsewhere. Uses rbp. */
    void emitPointers(int instruction) {
        if (instruction == NONE) {
            return;
        }
        writer.load(FIRST, RUN_PAGE_OFFSET);
        assembler.address(true, FIRST, FIRST, Assembler.NONE, 0, instruction >>> OFFSET_SHIFT);
        writer.store(FIRST, FIP_OFFSET);
        assembler.constant(FIRST, instruction & OPCODE_MASK);
        writer.bytes1(0x66);
        assembler.store(false, CodeWriter.STATE, FOP_OFFSET - CodeWriter.BIAS, FIRST);
    }

    /** Compares the control word at [rbp] with one that masks all exceptions: E then. Uses r11. */
    void testControl() {
        writer.code(0x440f_b75d_00L, 5); // movzx r11d, word [rbp]
        assembler.arithmetic(Assembler.AND, false, SECOND, CONTROL_MASKS);
        assembler.arithmetic(Assembler.CMP, false, SECOND, CONTROL_MASKS);
    }
}
