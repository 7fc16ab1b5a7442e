package io.javisor.emulator.run;

import static io.javisor.emulator.emit.CodeWriter.RCX;
import static io.javisor.emulator.state.StateLayout.ATTENTION_OFFSET;
import static io.javisor.emulator.state.StateLayout.JUMP_CACHE_OFFSET;
import static io.javisor.emulator.state.StateLayout.JUMP_CODE_OFFSET;
import static io.javisor.emulator.state.StateLayout.JUMP_KEY_OFFSET;
import static io.javisor.emulator.state.StateLayout.RFLAGS_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_PAGE_OFFSET;

import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.state.Bits;

/** Emits the ways from block to block: links within a page, the jump cache, and polls of the vCPU's attention. */
final class TransferCode {
    private static final int PAGE_SIZE = 4096;
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;

    /** In place of an offset in a page: one that nothing goes to. */
    static final int NOWHERE = -1;

    private final RunCode code;
    private final CodeWriter writer;
    private final Assembler assembler;
    private final FlagPlace flags;
    private final ExitStubs stubs;
    private int start;
    private int startSaved;
    private int startHost;

    TransferCode(RunCode code, FlagPlace flags, ExitStubs stubs) {
        this.code = code;
        this.flags = flags;
        this.stubs = stubs;
        writer = code.writer();
        assembler = code.assembler();
    }

    /** A block begins, at {@code offset} in its page, with its ways in; at {@link #NOWHERE} if it is not to be entered again by itself. */
    void begin(int offset, int entrySaved, int entryHost) {
        start = offset;
        startSaved = entrySaved;
        startHost = entryHost;
    }

    /** Goes to an address by its distance from the start of this block's page. */
    void to(int target, boolean backward) {
        if (backward) {
            poll(target);
        }
        if (target < 0 || target >= PAGE_SIZE) {
            flags.save();
            writer.load(FIRST, RUN_PAGE_OFFSET);
            assembler.address(true, FIRST, FIRST, Assembler.NONE, 0, target);
            away();
        } else if (target == start) {
            assembler.jumpTo(flags.inHost() ? startHost : startSaved);
        } else {
            int slot = code.newSlot();
            code.setPlace(slot, flags.place());
            int stub = stubs.add(ExitStubs.LINK, target);
            stubs.withSlot(stub, slot);
            if (!flags.saved()) {
                stubs.saving(stub);
            }
            assembler.jumpThrough(code.slotOffset(slot));
        }
    }

    private void poll(int target) {
        int stub = stubs.add(ExitStubs.LINK, target);
        if (flags.saved()) {
            assembler.compareBlock(ATTENTION_OFFSET, 0);
            flags.set(FlagPlace.SAVED);
            stubs.jumpIf(Assembler.NE, stub);
            return;
        }
        // JRCXZ looks without changing a flag.
        assembler.move(true, FIRST, RCX);
        assembler.load(false, RCX, CodeWriter.STATE, ATTENTION_OFFSET - CodeWriter.BIAS);
        assembler.skipIfRcxZero(Assembler.JUMP_SIZE);
        stubs.saving(stub);
        stubs.restoringRcx(stub);
        stubs.jump(stub);
        assembler.move(true, RCX, FIRST);
    }

    /** Goes to the address in rbp; the instruction is done. */
    void away() {
        int stub = stubs.add(ExitStubs.AWAY, 0);
        assembler.compareBlock(ATTENTION_OFFSET, 0);
        stubs.jumpIf(Assembler.NE, stub);
        find(stubs.target(stub));
        leave();
    }

    /** As {@link #away}, where nothing waits. */
    void onward() {
        find(stubs.target(stubs.add(ExitStubs.AWAY, 0)));
        leave();
    }

    /** The same; RF, which Java finds if it is wanted, goes. */
    void onwardWithoutResumeFlag() {
        find(stubs.target(stubs.add(ExitStubs.AWAY, 0)));
        assembler.arithmeticOnBlock(Assembler.AND, RFLAGS_OFFSET, (int) ~Bits.RF);
        leave();
    }

    /**
     * Goes to the address in rbp. If an interrupt waits, or it is not canonical, it leaves by {@code stub} before anything has changed, and a step does
     * it.
     *
     * @param popped how many bytes come off the stack
     */
    void through(int stub, int popped) {
        assembler.compareBlock(ATTENTION_OFFSET, 0);
        stubs.jumpIf(Assembler.NE, stub);
        find(stubs.target(stubs.away(popped), stub));
        if (popped != 0) {
            assembler.address(true, RunRegisters.STACK, RunRegisters.STACK, Assembler.NONE, 0, popped);
        }
        leave();
    }

    /** Leaves by {@code stub} if the address in rbp is not canonical. */
    void checkTarget(int stub) {
        assembler.move(true, SECOND, FIRST);
        assembler.shift(Assembler.SHL, true, SECOND, 16);
        assembler.shift(Assembler.SAR, true, SECOND, 16);
        assembler.arithmeticRegister(Assembler.CMP, true, SECOND, FIRST);
        stubs.jumpIf(Assembler.NE, stub);
    }

    /** Finds the entry of the jump cache for the address in rbp, to r11, or looks further by {@code stub}, with rbp as it was. */
    private void find(int stub) {
        assembler.move(false, SECOND, FIRST);
        assembler.shift(Assembler.SHR, false, SECOND, JumpCache.HASH_SHIFT);
        assembler.arithmeticRegister(Assembler.XOR, false, SECOND, FIRST);
        assembler.arithmetic(Assembler.AND, false, SECOND, JumpCache.SETS - 1);
        assembler.shift(Assembler.SHL, false, SECOND, JumpCache.SET_SHIFT);
        assembler.arithmeticBlock(Assembler.ADD, SECOND, JUMP_CACHE_OFFSET);
        assembler.arithmeticMemory(Assembler.CMP, FIRST, SECOND, JumpCache.RIP_OFFSET);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.load(false, FIRST, SECOND, JumpCache.KEY_OFFSET);
        assembler.arithmeticBlock(Assembler.CMP, FIRST, JUMP_KEY_OFFSET);
        assembler.load(true, FIRST, SECOND, JumpCache.RIP_OFFSET);
        stubs.jumpIf(Assembler.NE, stub);
        stubs.foundHere(stub);
    }

    private void leave() {
        assembler.arithmetic(Assembler.AND, true, FIRST, -PAGE_SIZE);
        writer.store(FIRST, RUN_PAGE_OFFSET);
        assembler.load(false, SECOND, SECOND, JumpCache.CODE_OFFSET);
        assembler.arithmeticBlock(Assembler.ADD, SECOND, JUMP_CODE_OFFSET);
        assembler.jumpRegister(SECOND);
    }
}
