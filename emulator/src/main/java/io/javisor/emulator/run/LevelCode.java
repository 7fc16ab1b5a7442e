package io.javisor.emulator.run;

import static io.javisor.emulator.emit.CodeWriter.RCX;
import static io.javisor.emulator.state.StateLayout.*;

import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;

/**
 * Emits SYSCALL of CPL 3, SYSRET to 64-bit code, and IRETQ from CPL 0 to 0 and 3, as kernels have them: code and stacks in flat segments that the
 * GDT describes as Linux's does. All else leaves by the step's stub before anything has changed: what would fault, single steps, checks of
 * alignment, a nested task, NMIs that are let in, an interrupt that waits. The status flags are in the vCPU's block.
 *
 * <p>RF covers the instruction that IRETQ returns to, and nothing sees it there while no breakpoint is armed but what comes between the two. So it is
 * loaded, and cleared again if a block goes on there.
 */
final class LevelCode {
    /** Descriptors of flat segments that were used already: 64-bit code, and data. */
    private static final long CODE_DESCRIPTOR = 0x00AF_9B00_0000_FFFFL;

    private static final long DATA_DESCRIPTOR = 0x00CF_9300_0000_FFFFL;
    private static final long DESCRIPTOR_DPL3 = 3L << 45;

    /** What a segment register's hidden part has of those. */
    private static final int CODE_ATTRIBUTES = 0xA09B;

    private static final int DATA_ATTRIBUTES = 0xC093;
    private static final int DPL3 = 3 << SegmentAttributes.DPL_SHIFT;

    /** The flags that SYSRET takes, and RF apart those that IRETQ takes. */
    private static final int FLAGS = 0x3C_7FD7;

    private static final int[] DATA = {CpuBlock.ES, CpuBlock.DS, CpuBlock.FS, CpuBlock.GS};

    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;
    private static final int R11 = 11;

    /** IRETQ's frame. */
    private static final int FRAME_SIZE = 40;

    private static final int FRAME_CS = 8;
    private static final int FRAME_FLAGS = 16;
    private static final int FRAME_RSP = 24;
    private static final int FRAME_SS = 32;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final ExitStubs stubs;
    private final OperandCode operands;
    private final SystemCode system;
    private final TransferCode transfers;

    LevelCode(RunCode code, ExitStubs stubs, OperandCode operands, SystemCode system, TransferCode transfers) {
        writer = code.writer();
        assembler = code.assembler();
        this.stubs = stubs;
        this.operands = operands;
        this.system = system;
        this.transfers = transfers;
    }

    /** @param next where in its page the next instruction is */
    void syscall(int next, int stub) {
        begin(stub);
        assembler.testBlock(RFLAGS_OFFSET, (int) Bits.AC);
        stubs.jumpIf(Assembler.NE, stub);
        writer.load(RCX, RUN_PAGE_OFFSET);
        assembler.address(true, RCX, RCX, Assembler.NONE, 0, next);
        system.collectFlags();
        writer.store(SECOND, GPR_OFFSET + 8 * R11);
        writer.load(FIRST, FMASK_OFFSET);
        assembler.arithmetic(Assembler.XOR, true, FIRST, -1);
        assembler.arithmeticRegister(Assembler.AND, true, FIRST, SECOND);
        system.storeFlags();
        writer.load(FIRST, STAR_OFFSET);
        assembler.shift(Assembler.SHR, true, FIRST, 32);
        assembler.arithmetic(Assembler.AND, false, FIRST, 0xFFFC);
        select(CpuBlock.CS, 0, 0);
        select(CpuBlock.SS, 8, 0);
        flat(0);
        enter(SUPERVISOR_VIEW_OFFSET, 0);
        writer.load(FIRST, LSTAR_OFFSET);
        transfers.onward();
    }

    void sysret(int stub) {
        begin(stub);
        assembler.move(true, FIRST, RCX);
        transfers.checkTarget(stub);
        writer.load(FIRST, GPR_OFFSET + 8 * R11);
        assembler.test(false, FIRST, (int) (Bits.TF | Bits.AC));
        stubs.jumpIf(Assembler.NE, stub);
        letInterrupts(stub);
        assembler.arithmetic(Assembler.AND, false, FIRST, FLAGS);
        system.storeFlags();
        writer.load(FIRST, STAR_OFFSET);
        assembler.shift(Assembler.SHR, true, FIRST, 48);
        select(CpuBlock.CS, 16, 3);
        select(CpuBlock.SS, 8, 3);
        flat(DPL3);
        enter(USER_VIEW_OFFSET, 3);
        assembler.move(true, FIRST, RCX);
        transfers.onward();
    }

    private void begin(int stub) {
        assembler.compareBlock(ATTENTION_OFFSET, 0);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.testBlock(EFER_OFFSET, (int) Bits.EFER_SCE);
        stubs.jumpIf(Assembler.E, stub);
    }

    /** The flags in rbp may let interrupts in, but for one that waits. */
    private void letInterrupts(int stub) {
        assembler.test(false, FIRST, (int) Bits.IF);
        int none = assembler.jumpIf(Assembler.E);
        assembler.testBlock(RFLAGS_OFFSET, (int) Bits.IF);
        int already = assembler.jumpIf(Assembler.NE);
        assembler.compareBlock(INTERRUPT_WAITS_OFFSET, 0);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.here(none);
        assembler.here(already);
    }

    void iret(int stub) {
        assembler.compareBlock(ATTENTION_OFFSET, 0);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.compareBlock(NMI_BLOCKED_OFFSET, 0);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.testBlock(RFLAGS_OFFSET, (int) Bits.NT);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.move(true, FIRST, RunRegisters.STACK);
        operands.lookUp(FRAME_SIZE, false, stub);
        writer.store(FIRST, RUN_SCRATCH_OFFSET);
        assembler.load(true, FIRST, FIRST, 0);
        transfers.checkTarget(stub);
        frame();
        assembler.load(true, FIRST, FIRST, FRAME_FLAGS);
        assembler.test(false, FIRST, (int) Bits.TF);
        stubs.jumpIf(Assembler.NE, stub);
        letInterrupts(stub);
        frame();
        loadSelector(FRAME_CS);
        assembler.test(false, SECOND, 3);
        int inner = assembler.jumpIf(Assembler.E);
        toUser(stub);
        assembler.here(inner);
        toSupervisor(stub);
    }

    private void toUser(int stub) {
        assembler.load(true, SECOND, FIRST, FRAME_FLAGS);
        assembler.test(false, SECOND, (int) Bits.AC);
        stubs.jumpIf(Assembler.NE, stub);
        checkDescriptor(FRAME_CS, 3, CODE_DESCRIPTOR | DESCRIPTOR_DPL3, stub);
        checkDescriptor(FRAME_SS, 3, DATA_DESCRIPTOR | DESCRIPTOR_DPL3, stub);
        for (int segment : DATA) {
            checkData(segment, stub);
        }
        takeSelectors();
        flat(DPL3);
        takeFlags();
        enter(USER_VIEW_OFFSET, 3);
        leave();
    }

    /** What CPL 3 may not use would be no segment any more. */
    private void checkData(int segment, int stub) {
        load32(SECOND, segment, SEGMENT_ATTRIBUTES_OFFSET);
        assembler.test(false, SECOND, SegmentAttributes.UNUSABLE);
        int unusable = assembler.jumpIf(Assembler.NE);
        assembler.arithmetic(Assembler.AND, false, SECOND, DPL3);
        assembler.arithmetic(Assembler.CMP, false, SECOND, DPL3);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.here(unusable);
    }

    private void toSupervisor(int stub) {
        checkDescriptor(FRAME_CS, 0, CODE_DESCRIPTOR, stub);
        frame();
        loadSelector(FRAME_SS);
        assembler.arithmetic(Assembler.CMP, false, SECOND, 0);
        int none = assembler.jumpIf(Assembler.E);
        checkDescriptor(FRAME_SS, 0, DATA_DESCRIPTOR, stub);
        flat(0);
        int some = assembler.jump();
        assembler.here(none);
        flat(0);
        putInt(at(CpuBlock.SS) + SEGMENT_LIMIT_OFFSET, 0);
        putInt(at(CpuBlock.SS) + SEGMENT_ATTRIBUTES_OFFSET, SegmentAttributes.UNUSABLE);
        assembler.here(some);
        takeSelectors();
        takeFlags();
        system.clearAlignmentCheckMode();
        assembler.testBlock(RFLAGS_OFFSET, (int) Bits.AC);
        int clear = assembler.jumpIf(Assembler.E);
        system.setAlignmentCheckMode();
        assembler.here(clear);
        leave();
    }

    /** The frame's host address, to rbp. */
    private void frame() {
        writer.load(FIRST, RUN_SCRATCH_OFFSET);
    }

    /** A selector of the frame at [rbp], to r11. */
    private void loadSelector(int offset) {
        writer.code(0x440f_b75dL, 4); // movzx r11d, word [rbp + offset]
        writer.bytes1(offset);
    }

    /** The frame's selector has that RPL and means a segment of the GDT that is described so. */
    private void checkDescriptor(int selector, int level, long descriptor, int stub) {
        frame();
        loadSelector(selector);
        assembler.move(false, FIRST, SECOND);
        assembler.arithmetic(Assembler.AND, false, FIRST, 7);
        assembler.arithmetic(Assembler.CMP, false, FIRST, level);
        stubs.jumpIf(Assembler.NE, stub);
        assembler.arithmetic(Assembler.CMP, false, SECOND, 8); // below are null selectors, whatever the GDT begins with
        stubs.jumpIf(Assembler.B, stub);
        assembler.arithmetic(Assembler.OR, false, SECOND, 7); // its last byte
        assembler.load(false, FIRST, CodeWriter.STATE, GDTR_LIMIT_OFFSET - CodeWriter.BIAS);
        assembler.arithmeticRegister(Assembler.CMP, false, FIRST, SECOND);
        stubs.jumpIf(Assembler.B, stub);
        assembler.address(true, FIRST, SECOND, Assembler.NONE, 0, -7);
        assembler.arithmeticBlock(Assembler.ADD, FIRST, GDTR_BASE_OFFSET);
        operands.lookUpImplicit(8, stub);
        assembler.constant(SECOND, descriptor);
        assembler.arithmeticMemory(Assembler.CMP, SECOND, FIRST, 0);
        stubs.jumpIf(Assembler.NE, stub);
    }

    private void takeSelectors() {
        frame();
        loadSelector(FRAME_CS);
        storeSelector(CpuBlock.CS);
        loadSelector(FRAME_SS);
        storeSelector(CpuBlock.SS);
    }

    private void takeFlags() {
        frame();
        assembler.load(true, FIRST, FIRST, FRAME_FLAGS);
        assembler.arithmetic(Assembler.AND, false, FIRST, FLAGS | (int) Bits.RF);
        system.storeFlags();
    }

    private void leave() {
        frame();
        assembler.load(true, RunRegisters.STACK, FIRST, FRAME_RSP);
        assembler.load(true, FIRST, FIRST, 0);
        transfers.onwardWithoutResumeFlag();
    }

    /** Stores ebp plus a distance, with that RPL, as a selector. */
    private void select(int segment, int distance, int level) {
        assembler.address(false, SECOND, FIRST, Assembler.NONE, 0, distance);
        assembler.arithmetic(Assembler.OR, false, SECOND, level);
        assembler.arithmetic(Assembler.AND, false, SECOND, 0xFFFF);
        storeSelector(segment);
    }

    private void storeSelector(int segment) {
        assembler.store(false, CodeWriter.STATE, at(segment) + SEGMENT_SELECTOR_OFFSET - CodeWriter.BIAS, SECOND);
    }

    private void flat(int dpl) {
        flat(CpuBlock.CS, CODE_ATTRIBUTES | dpl);
        flat(CpuBlock.SS, DATA_ATTRIBUTES | dpl);
    }

    private void flat(int segment, int attributes) {
        putInt(at(segment) + SEGMENT_BASE_OFFSET, 0);
        putInt(at(segment) + SEGMENT_BASE_OFFSET + 4, 0);
        putInt(at(segment) + SEGMENT_LIMIT_OFFSET, -1);
        putInt(at(segment) + SEGMENT_ATTRIBUTES_OFFSET, attributes);
    }

    /** Changes the level, with all that blocks find by it. */
    private void enter(int view, int level) {
        putInt(CPL_OFFSET, level);
        assembler.arithmeticOnBlock(Assembler.AND, MODE_OFFSET, ~RunMode.AC);
        assembler.arithmeticOnBlock(Assembler.XOR, MODE_OFFSET, RunMode.USER | RunMode.SUPERVISOR);
        copy(view, TLB_DATA_OFFSET);
        copy(view + 8, TLB_FETCH_OFFSET);
        copy(view + 16, JUMP_CACHE_OFFSET);
        copy(view + 24, JUMP_KEY_OFFSET);
    }

    private void copy(int from, int to) {
        writer.load(SECOND, from);
        writer.store(SECOND, to);
    }

    private void load32(int register, int segment, int offset) {
        assembler.load(false, register, CodeWriter.STATE, at(segment) + offset - CodeWriter.BIAS);
    }

    private void putInt(int offset, int value) {
        writer.code(0x41c7, 2); // mov dword [block + offset], value
        writer.blockOperand(0, offset);
        writer.bytes(value, 4);
    }

    private static int at(int segment) {
        return SEGMENTS_OFFSET + segment * SEGMENT_SIZE;
    }
}
