package io.javisor.emulator.run;

import static io.javisor.emulator.emit.CodeWriter.RAX;
import static io.javisor.emulator.state.StateLayout.RUN_FLAGS_OFFSET;

import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;

/**
 * Where the guest's status flags are at the place where code is being emitted: in the host's flags, in the vCPU's block, or in both. Only
 * those that somebody may still read need be there.
 */
final class FlagPlace {
    static final int HOST = 1;
    static final int SAVED = 2;

    private final CodeWriter writer;
    private final Assembler assembler;
    private int place;

    FlagPlace(CodeWriter writer, Assembler assembler) {
        this.writer = writer;
        this.assembler = assembler;
    }

    int place() {
        return place;
    }

    void set(int newPlace) {
        place = newPlace;
    }

    boolean inHost() {
        return (place & HOST) != 0;
    }

    boolean saved() {
        return (place & SAVED) != 0;
    }

    /** The host's flags are about to be clobbered; {@code live} flags must survive. Uses rbp. */
    void clobber(int live) {
        if (live != 0 && !saved()) {
            save();
        }
        place = SAVED;
    }

    /** Has the flags in the block, too. Uses rbp. */
    void save() {
        if (!saved()) {
            emitSave();
            place |= SAVED;
        }
    }

    /** Has them in the host's flags, too. Uses r11. */
    void toHost() {
        if (!inHost()) {
            emitRestore();
            place |= HOST;
        }
    }

    /** An instruction has written host flags. */
    void written() {
        place = HOST;
    }

    /** lahf and seto leave the host's flags as they are. */
    void emitSave() {
        assembler.move(true, RunRegisters.FIRST, RAX);
        writer.bytes1(0x9f); // lahf
        writer.code(0x0f90c0, 3); // seto al
        writer.bytes1(0x66);
        assembler.store(false, CodeWriter.STATE, RUN_FLAGS_OFFSET - CodeWriter.BIAS, RAX);
        assembler.move(true, RAX, RunRegisters.FIRST);
    }

    void emitRestore() {
        assembler.move(true, RunRegisters.SECOND, RAX);
        writer.onBlock(false, 0x0fb7, RAX, RUN_FLAGS_OFFSET); // movzx eax, word
        writer.code(0x047f, 2); // add al, 0x7f
        writer.bytes1(0x9e); // sahf
        assembler.move(true, RAX, RunRegisters.SECOND);
    }
}
