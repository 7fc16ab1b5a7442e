package io.javisor.emulator.run;

import static io.javisor.emulator.emit.CodeWriter.RCX;
import static io.javisor.emulator.state.VectorLayout.UPPERS_OFFSET;
import static io.javisor.emulator.state.VectorLayout.VECTORS_AWAY_OFFSET;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;

/**
 * Emits what vector instructions of blocks need beside themselves. The guest's registers are loaded into the host's by the first that wants
 * them and stay there, from block to block, until code leaves for Java ({@link VectorSwitch}).
 */
final class VectorCode {
    /** What is known to be loaded: nothing. */
    static final int NONE = 0;

    /** The lower halves, all that SSE knows of. */
    static final int LOWER = 1;

    static final int WHOLE = 2;

    private static final int FIRST = RunRegisters.FIRST;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final FlagPlace flags;
    private final VectorSwitch loads;
    private final int[] jumps = new int[BlockPlan.MAX_INSTRUCTIONS];
    private final int[] backs = new int[BlockPlan.MAX_INSTRUCTIONS];
    private final int[] levels = new int[BlockPlan.MAX_INSTRUCTIONS];
    private int count;
    private int loaded;

    VectorCode(RunCode code, FlagPlace flags) {
        writer = code.writer();
        assembler = code.assembler();
        loads = code.vectors();
        this.flags = flags;
    }

    /** A block begins: nobody knows what is loaded. */
    void begin() {
        loaded = NONE;
        count = 0;
    }

    /**
     * An instruction of {@code form} is done next, its memory operand at [rbp] if it has one; has the registers loaded that it uses. Uses r11,
     * and rbp where the status flags, of which {@code live} matter, are in the host's alone: not so where memory was looked up.
     */
    void prepare(Form form, int live) {
        int wanted = form.opcode().vex() ? WHOLE : LOWER;
        if (!form.usesVectors() || loaded >= wanted) {
            return;
        }
        int away = wanted == WHOLE ? UPPERS_OFFSET : VECTORS_AWAY_OFFSET;
        if (live == 0 || !flags.inHost()) {
            flags.clobber(live);
            assembler.compareBlock(away, 0);
            jumps[count] = assembler.jumpIf(Assembler.NE);
            backs[count] = writer.position();
            levels[count++] = wanted;
        } else {
            assembler.move(true, FIRST, RCX);
            assembler.load(false, RCX, CodeWriter.STATE, away - CodeWriter.BIAS);
            assembler.skipIfRcxZero(Assembler.CALL_SIZE);
            emitLoad(wanted);
            assembler.move(true, RCX, FIRST);
        }
        loaded = wanted;
    }

    /** What is known to be loaded. */
    int loaded() {
        return loaded;
    }

    /** Loads what is told, where it is known to be away. Uses r11; leaves the flags alone. */
    void emitLoad(int wanted) {
        if (wanted != NONE) {
            assembler.call(wanted == WHOLE ? loads.whole() : loads.lower());
        }
    }

    /** VZEROUPPER. Leaves the flags alone. */
    void clearUpperHalves() {
        VectorSwitch.writeClearUpperHalves(writer);
        loaded = Math.min(loaded, LOWER);
    }

    /** Java has carried out an instruction, with all in the vCPU's block. */
    void left() {
        loaded = NONE;
    }

    /** Writes what lies behind the block. */
    void write() {
        for (int i = 0; i < count; i++) {
            assembler.here(jumps[i]);
            emitLoad(levels[i]);
            assembler.jumpTo(backs[i]);
        }
    }
}
