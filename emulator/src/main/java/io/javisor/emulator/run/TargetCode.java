package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.JUMP_KEY_OFFSET;

import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;

/** What blocks call for a target that the first entry of the jump cache's set does not have: it looks at the second. */
final class TargetCode {
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;
    private static final int SECOND_ENTRY = JumpCache.ENTRY_SIZE;

    private final int probe;

    /** Writes the code. */
    TargetCode(CodeWriter writer, Assembler assembler) {
        probe = writer.position();
        assembler.arithmeticMemory(Assembler.CMP, FIRST, SECOND, SECOND_ENTRY + JumpCache.RIP_OFFSET);
        int other = assembler.jumpIf(Assembler.NE);
        assembler.load(false, FIRST, SECOND, SECOND_ENTRY + JumpCache.KEY_OFFSET);
        assembler.arithmeticBlock(Assembler.CMP, FIRST, JUMP_KEY_OFFSET);
        assembler.load(true, FIRST, SECOND, SECOND_ENTRY + JumpCache.RIP_OFFSET);
        int old = assembler.jumpIf(Assembler.NE);
        assembler.address(true, SECOND, SECOND, Assembler.NONE, 0, SECOND_ENTRY);
        writer.bytes1(0xf9); // stc
        writer.bytes1(0xc3);
        assembler.here(other);
        assembler.here(old);
        assembler.move(true, SECOND, FIRST);
        assembler.shift(Assembler.SHL, true, SECOND, 16);
        assembler.shift(Assembler.SAR, true, SECOND, 16);
        assembler.arithmeticRegister(Assembler.XOR, true, SECOND, FIRST); // CF is 0 now
        writer.bytes1(0xc3);
    }

    /**
     * What is to be called with the target in rbp and the first entry's address in r11: returns with CF and the second's address in r11, or without, and
     * with ZF if the target is canonical.
     */
    int probe() {
        return probe;
    }
}
