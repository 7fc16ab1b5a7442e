package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.GPR_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_PAGE_OFFSET;
import static io.javisor.emulator.state.StateLayout.SEGMENTS_OFFSET;
import static io.javisor.emulator.state.StateLayout.SEGMENT_SIZE;
import static io.javisor.emulator.state.StateLayout.TLB_DATA_OFFSET;
import static io.javisor.emulator.state.StateLayout.TLB_IMPLICIT_OFFSET;

import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.mmu.Tlb;
import io.javisor.emulator.state.CpuBlock;

/** Emits what finds a memory operand: its linear address, then the host address by the TLB. Both come to rbp; r11 and the flags are clobbered. */
final class OperandCode {
    private static final int PAGE_END = 0x1001;
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final ExitStubs stubs;

    OperandCode(RunCode code, ExitStubs stubs) {
        this.writer = code.writer();
        this.assembler = code.assembler();
        this.stubs = stubs;
    }

    /**
     * The linear address, to rbp.
     *
     * @param next where in its page the next instruction is
     */
    void linear(Instruction instruction, int next) {
        offset(instruction, next, FIRST);
        if (instruction.segment() >= CpuBlock.FS) {
            assembler.arithmeticBlock(Assembler.ADD, FIRST, SEGMENTS_OFFSET + instruction.segment() * SEGMENT_SIZE);
        }
    }

    /** The offset in the segment, cut to the address size. Leaves the flags alone. */
    void offset(Instruction instruction, int next, int target) {
        boolean wide = instruction.addressSize() == 8;
        int base = instruction.base();
        long displacement = instruction.displacement();
        if (base == Instruction.RIP) {
            writer.load(FIRST, RUN_PAGE_OFFSET);
            base = FIRST;
            displacement += next;
        } else if (base != Instruction.NO_REGISTER) {
            base = register(base, FIRST);
        } else {
            base = Assembler.NONE;
        }
        int index = instruction.index();
        index = index == Instruction.NO_REGISTER ? Assembler.NONE : register(index, SECOND);
        if (displacement == (int) displacement) {
            assembler.address(wide, target, base, index, instruction.scale(), (int) displacement);
        } else if (base == Assembler.NONE) {
            assembler.constant(target, wide ? displacement : displacement & 0xffff_ffffL);
        } else {
            // Only with RIP, near the ends of what 4 bytes can say.
            assembler.address(true, FIRST, base, Assembler.NONE, 0, (int) instruction.displacement());
            assembler.address(wide, target, FIRST, Assembler.NONE, 0, next);
        }
    }

    private int register(int guest, int scratch) {
        int host = RunRegisters.host(guest);
        if (host != RunRegisters.IN_BLOCK) {
            return host;
        }
        writer.load(scratch, GPR_OFFSET + 8 * guest);
        return scratch;
    }

    /**
     * From the linear address in rbp to the host's; leaves by {@code stub} if the access is not a plain one of RAM. What the TLB's first way does
     * not have is looked for behind the block ({@link MissCode}). No flag is live, and r11 has nothing.
     */
    void lookUp(int size, boolean write, int stub) {
        int again = writer.position();
        compareTag(TLB_DATA_OFFSET, size, write);
        int miss = stubs.miss(stub, again, size, write);
        stubs.jumpIf(Assembler.AE, miss);
        assembler.arithmeticMemory(Assembler.ADD, FIRST, SECOND, Tlb.HOST_PAGE_OFFSET);
        stubs.foundHere(miss);
    }

    /** As {@link #lookUp} for a read of the processor itself, by the TLB's first way alone. */
    void lookUpImplicit(int size, int stub) {
        compareTag(TLB_IMPLICIT_OFFSET, size, false);
        stubs.jumpIf(Assembler.AE, stub);
        assembler.arithmeticMemory(Assembler.ADD, FIRST, SECOND, Tlb.HOST_PAGE_OFFSET);
    }

    private void compareTag(int set, int size, boolean write) {
        assembler.move(false, SECOND, FIRST);
        assembler.shift(Assembler.SHR, false, SECOND, 12 - Integer.numberOfTrailingZeros(Tlb.ENTRY_SIZE));
        assembler.arithmetic(Assembler.AND, false, SECOND, (Tlb.ENTRIES - 1) * Tlb.ENTRY_SIZE);
        assembler.arithmeticBlock(Assembler.ADD, SECOND, set);
        assembler.arithmeticMemory(Assembler.XOR, FIRST, SECOND, write ? Tlb.WRITE_TAG_OFFSET : Tlb.READ_TAG_OFFSET);
        assembler.arithmetic(Assembler.CMP, true, FIRST, PAGE_END - size);
    }

    /** Leaves by {@code stub} unless the address in rbp is a multiple of {@code size}. */
    void align(int size, int stub) {
        if (size > 1) {
            assembler.testFirst(size - 1);
            stubs.jumpIf(Assembler.NE, stub);
        }
    }
}
