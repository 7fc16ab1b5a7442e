package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.ATTENTION_OFFSET;
import static io.javisor.emulator.state.StateLayout.INTERRUPT_WAITS_OFFSET;
import static io.javisor.emulator.state.StateLayout.KERNEL_GS_BASE_OFFSET;
import static io.javisor.emulator.state.StateLayout.MODE_OFFSET;
import static io.javisor.emulator.state.StateLayout.RFLAGS_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_FLAGS_OFFSET;
import static io.javisor.emulator.state.StateLayout.SEGMENTS_OFFSET;
import static io.javisor.emulator.state.StateLayout.SEGMENT_SIZE;
import static io.javisor.emulator.state.StateLayout.SUPERVISOR_VIEW_OFFSET;
import static io.javisor.emulator.state.StateLayout.TLB_AC_OFFSET;
import static io.javisor.emulator.state.StateLayout.TLB_DATA_OFFSET;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;

/**
 * Emits the system instructions that a kernel executes most, for CPL 0, where they can't fault. What would let an interrupt through that
 * waits is for a step. The status flags are in the vCPU's block, and the host's are clobbered.
 */
final class SystemCode {
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;
    private static final int OF_BIT = 11;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final ExitStubs stubs;

    SystemCode(RunCode code, ExitStubs stubs) {
        writer = code.writer();
        assembler = code.assembler();
        this.stubs = stubs;
    }

    /** Clears a flag that is no status flag. */
    void clear(long flag) {
        assembler.arithmeticOnBlock(Assembler.AND, RFLAGS_OFFSET, (int) ~flag);
    }

    /** STI: its shadow is of no account while no interrupt is there to wait for it. */
    void setInterruptFlag(int stub) {
        assembler.testBlock(RFLAGS_OFFSET, (int) Bits.IF);
        int set = assembler.jumpIf(Assembler.NE);
        leaveIfInterrupted(stub);
        assembler.arithmeticOnBlock(Assembler.OR, RFLAGS_OFFSET, (int) Bits.IF);
        assembler.here(set);
    }

    private void leaveIfInterrupted(int stub) {
        assembler.compareBlock(ATTENTION_OFFSET, 0);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.compareBlock(INTERRUPT_WAITS_OFFSET, 0);
        stubs.jumpIf(Assembler.NE, stub);
    }

    /** What PUSHF pushes, to r11; rbp is clobbered. RF and VM are not set while blocks run. */
    void collectFlags() {
        writer.onBlock(false, 0x0fb7, FIRST, RUN_FLAGS_OFFSET); // movzx
        assembler.move(false, SECOND, FIRST);
        assembler.shift(Assembler.SHR, false, SECOND, 8);
        assembler.arithmetic(Assembler.AND, false, SECOND, Flags.STATUS & 0xff);
        assembler.arithmetic(Assembler.AND, false, FIRST, 1);
        assembler.shift(Assembler.SHL, false, FIRST, OF_BIT);
        assembler.arithmeticRegister(Assembler.ADD, false, SECOND, FIRST);
        writer.load(FIRST, RFLAGS_OFFSET);
        assembler.arithmetic(Assembler.AND, true, FIRST, ~Flags.STATUS);
        assembler.arithmeticRegister(Assembler.ADD, true, SECOND, FIRST);
    }

    /** POPF of the value in rbp, if it changes only status flags, DF and IF, and lets no interrupt through. */
    void takeFlags(int stub) {
        assembler.move(true, SECOND, FIRST);
        assembler.arithmeticBlock(Assembler.XOR, SECOND, RFLAGS_OFFSET);
        assembler.test(true, SECOND, ~(int) (Flags.STATUS | Bits.DF | Bits.IF));
        stubs.jumpIf(Assembler.NE, stub);
        assembler.test(false, SECOND, (int) Bits.IF);
        int same = assembler.jumpIf(Assembler.E);
        leaveIfInterrupted(stub);
        assembler.here(same);
        storeFlags();
    }

    /** The flags in rbp are the vCPU's from now on; bit 1 is set in any case. */
    void storeFlags() {
        assembler.arithmetic(Assembler.OR, false, FIRST, (int) Bits.RFLAGS_FIXED);
        writer.store(FIRST, RFLAGS_OFFSET);
        assembler.move(false, SECOND, FIRST);
        assembler.shift(Assembler.SHR, false, SECOND, OF_BIT);
        assembler.arithmetic(Assembler.AND, false, SECOND, 1);
        assembler.arithmetic(Assembler.AND, false, FIRST, Flags.STATUS & 0xff);
        assembler.shift(Assembler.SHL, false, FIRST, 8);
        assembler.arithmeticRegister(Assembler.ADD, false, FIRST, SECOND);
        writer.bytes1(0x66);
        assembler.store(false, CodeWriter.STATE, RUN_FLAGS_OFFSET - CodeWriter.BIAS, FIRST);
    }

    /** STAC. Which pages may be accessed then, Java is told by the mode. */
    void setAlignmentCheck() {
        assembler.arithmeticOnBlock(Assembler.OR, RFLAGS_OFFSET, (int) Bits.AC);
        setAlignmentCheckMode();
    }

    /** CLAC. */
    void clearAlignmentCheck() {
        clear(Bits.AC);
        clearAlignmentCheckMode();
    }

    /** What follows from RFLAGS.AC at CPL 0. */
    void setAlignmentCheckMode() {
        assembler.arithmeticOnBlock(Assembler.OR, MODE_OFFSET, RunMode.AC);
        writer.load(SECOND, TLB_AC_OFFSET);
        writer.store(SECOND, TLB_DATA_OFFSET);
    }

    void clearAlignmentCheckMode() {
        assembler.arithmeticOnBlock(Assembler.AND, MODE_OFFSET, ~RunMode.AC);
        writer.load(SECOND, SUPERVISOR_VIEW_OFFSET);
        writer.store(SECOND, TLB_DATA_OFFSET);
    }

    /** SWAPGS. */
    void swapGs() {
        int base = SEGMENTS_OFFSET + CpuBlock.GS * SEGMENT_SIZE;
        writer.load(FIRST, base);
        writer.load(SECOND, KERNEL_GS_BASE_OFFSET);
        writer.store(FIRST, KERNEL_GS_BASE_OFFSET);
        writer.store(SECOND, base);
    }
}
