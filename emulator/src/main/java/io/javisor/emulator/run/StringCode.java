package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.ATTENTION_OFFSET;
import static io.javisor.emulator.state.StateLayout.RFLAGS_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_REST_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_SCRATCH_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FAULT_FIRST_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FAULT_SECOND_OFFSET;

import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;

/**
 * Emits MOVS and STOS upwards, with a repeat prefix or without: the host's own, on host addresses, as far as the pages of the operands go that
 * the TLB has, then on to the next pages unless the vCPU is wanted. What is left is for a step. Within a page host addresses are as far
 * from each other as guest-physical ones, so that overlapping operands need no care.
 */
final class StringCode {
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;
    private static final int PAGE_SIZE = 4096;

    private static final int MOVS = 0xa4;
    private static final int STOS = 0xaa;
    private static final int WIDE_FORMS = 1;
    private static final int REPEAT = 0xf3;
    private static final int REX_W = 0x48;
    private static final int SIZE_16 = 0x66;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final FlagPlace flags;
    private final ExitStubs stubs;
    private final OperandCode operands;

    StringCode(RunCode code, FlagPlace flags, ExitStubs stubs, OperandCode operands) {
        this.flags = flags;
        this.stubs = stubs;
        this.operands = operands;
        writer = code.writer();
        assembler = code.assembler();
    }

    /** Whether it can be emitted: a form that is MOVS or STOS, and addresses that are the registers themselves. */
    static boolean canEmit(Instruction instruction) {
        int operation = instruction.opcodeByte() & ~WIDE_FORMS;
        boolean based = operation == MOVS && instruction.segment() >= CpuBlock.FS;
        return (operation == MOVS || operation == STOS) && instruction.addressSize() == 8 && !based;
    }

    /**
     * Emits it.
     *
     * @param live flags that somebody may read from here on
     */
    void emit(Instruction instruction, int live, int stub) {
        flags.clobber(live);
        boolean moves = (instruction.opcodeByte() & ~WIDE_FORMS) == MOVS;
        boolean repeats = instruction.repeat() != 0;
        int size = (instruction.opcodeByte() & WIDE_FORMS) == 0 ? 1 : instruction.operandSize();
        assembler.testBlock(RFLAGS_OFFSET, (int) Bits.DF);
        stubs.jumpIf(Assembler.NE, stub);
        int none = 0;
        if (repeats) {
            assembler.arithmetic(Assembler.CMP, true, CpuBlock.RCX, 0);
            none = assembler.jumpIf(Assembler.E);
        }
        int again = writer.position();
        if (moves) {
            assembler.move(true, FIRST, CpuBlock.RSI);
            operands.lookUp(size, false, stub);
            writer.store(FIRST, RUN_SCRATCH_OFFSET);
        }
        assembler.move(true, FIRST, CpuBlock.RDI);
        operands.lookUp(size, true, stub);
        if (repeats) {
            limit(CpuBlock.RDI, size);
            writer.store(CpuBlock.RCX, RUN_REST_OFFSET);
            assembler.move(true, CpuBlock.RCX, SECOND);
        }
        if (moves) {
            if (repeats) {
                limit(CpuBlock.RSI, size);
                assembler.addToBlock(RUN_REST_OFFSET, CpuBlock.RCX);
                assembler.move(true, CpuBlock.RCX, SECOND);
            }
            writer.load(SECOND, RUN_SCRATCH_OFFSET);
            toHost(CpuBlock.RSI, SECOND);
        }
        toHost(CpuBlock.RDI, FIRST);
        writeInstruction(instruction, size, repeats);
        assembler.arithmeticRegister(Assembler.ADD, true, CpuBlock.RDI, FIRST);
        if (moves) {
            assembler.arithmeticRegister(Assembler.ADD, true, CpuBlock.RSI, SECOND);
        }
        if (repeats) {
            writer.load(CpuBlock.RCX, RUN_REST_OFFSET);
            assembler.arithmetic(Assembler.CMP, true, CpuBlock.RCX, 0);
            int done = assembler.jumpIf(Assembler.E);
            assembler.compareBlock(ATTENTION_OFFSET, 0);
            stubs.jumpIf(Assembler.NE, stub);
            assembler.jumpTo(again);
            assembler.here(done);
            assembler.here(none);
        }
        stubs.resumeHere(stub);
    }

    /** How many elements of those in rcx lie in the page that {@code register} points into, to r11; rcx has the others then. */
    private void limit(int register, int size) {
        assembler.move(false, SECOND, register);
        assembler.arithmetic(Assembler.OR, false, SECOND, -PAGE_SIZE);
        assembler.negate(false, SECOND);
        assembler.shift(Assembler.SHR, false, SECOND, Integer.numberOfTrailingZeros(size));
        assembler.arithmeticRegister(Assembler.CMP, true, CpuBlock.RCX, SECOND);
        assembler.moveIfBelow(true, SECOND, CpuBlock.RCX);
        assembler.arithmeticRegister(Assembler.SUB, true, CpuBlock.RCX, SECOND);
    }

    /** Has {@code register} point to where {@code host} does, which then has what is to be added to make it the guest's again. */
    private void toHost(int register, int host) {
        assembler.exchange(host, register);
        assembler.arithmeticRegister(Assembler.SUB, true, host, register);
    }

    private void writeInstruction(Instruction instruction, int size, boolean repeats) {
        if (repeats) {
            writer.bytes1(REPEAT);
        }
        if (size == 2) {
            writer.bytes1(SIZE_16);
        } else if (size == 8) {
            writer.bytes1(REX_W);
        }
        writer.bytes1(instruction.opcodeByte());
    }

    /** Emits, for the way out of a thread that the host faulted, what {@link #settle} needs. */
    static void keep(CodeWriter writer) {
        writer.store(FIRST, FAULT_FIRST_OFFSET);
        writer.store(SECOND, FAULT_SECOND_OFFSET);
    }

    /** After a fault of the host's at {@code offset}: if that is a string instruction, gives the registers the guest's values. */
    static void settle(CpuBlock cpu, RunCode code, int offset) {
        int at = offset;
        boolean repeats = code.getByte(at) == REPEAT;
        if (repeats) {
            at++;
        }
        int prefix = code.getByte(at);
        if (prefix == SIZE_16 || prefix == REX_W) {
            at++;
        }
        int operation = code.getByte(at) & ~WIDE_FORMS;
        if (operation != MOVS && operation != STOS) {
            return;
        }
        cpu.setGpr(CpuBlock.RDI, cpu.gpr(CpuBlock.RDI) + cpu.getLong(FAULT_FIRST_OFFSET));
        if (operation == MOVS) {
            cpu.setGpr(CpuBlock.RSI, cpu.gpr(CpuBlock.RSI) + cpu.getLong(FAULT_SECOND_OFFSET));
        }
        if (repeats) {
            cpu.setGpr(CpuBlock.RCX, cpu.gpr(CpuBlock.RCX) + cpu.getLong(RUN_REST_OFFSET));
        }
    }
}
