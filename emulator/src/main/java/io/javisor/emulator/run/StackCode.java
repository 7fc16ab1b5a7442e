package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.GPR_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_SCRATCH_OFFSET;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;

/**
 * Emits what pushes and pops 8 bytes, PUSH, POP, PUSHF, POPF and LEAVE, and the stack's part of calls and returns. No register
 * changes before the access is known to succeed, so that an instruction whose access misses can begin anew as a step.
 */
final class StackCode {
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;
    private static final int STACK = RunRegisters.STACK;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final FlagPlace flags;
    private final ExitStubs stubs;
    private final OperandCode operands;
    private final GuestRegisters guests;
    private final SystemCode system;

    StackCode(
            RunCode code,
            FlagPlace flags,
            ExitStubs stubs,
            OperandCode operands,
            GuestRegisters guests,
            SystemCode system) {
        this.flags = flags;
        this.stubs = stubs;
        this.operands = operands;
        this.guests = guests;
        this.system = system;
        writer = code.writer();
        assembler = code.assembler();
    }

    /** Emits instruction {@code i} of {@code plan}, a PUSH of a register, an immediate or memory. */
    void push(BlockPlan plan, int i, int stub) {
        Instruction instruction = plan.instruction(i);
        flags.clobber(plan.liveAt(i));
        Operand operand = instruction.form().operand(0);
        boolean memory = instruction.memory();
        if (memory) {
            operands.linear(instruction, plan.offset(i + 1));
            operands.lookUp(8, false, stub);
            putAside();
        }
        openPush(stub);
        int source;
        if (memory) {
            writer.load(SECOND, RUN_SCRATCH_OFFSET);
            source = SECOND;
        } else if (operand.kind() == OperandKind.I) {
            assembler.constant(SECOND, instruction.immediate());
            source = SECOND;
        } else {
            source = guests.get(instruction.register(operand), SECOND);
        }
        storePushed(source);
        stubs.resumeHere(stub);
    }

    /** Emits instruction {@code i} of {@code plan}, a POP of a register. */
    void pop(BlockPlan plan, int i, int stub) {
        Instruction instruction = plan.instruction(i);
        flags.clobber(plan.liveAt(i));
        openTop(STACK, stub);
        int guest = instruction.register(instruction.form().operand(0));
        int host = RunRegisters.host(guest);
        if (host == RunRegisters.IN_BLOCK) {
            assembler.load(true, SECOND, FIRST, 0);
            writer.store(SECOND, GPR_OFFSET + 8 * guest);
        } else {
            assembler.load(true, host, FIRST, 0);
        }
        if (guest != CpuBlock.RSP) {
            assembler.address(true, STACK, STACK, Assembler.NONE, 0, 8);
        }
        stubs.resumeHere(stub);
    }

    /** Emits PUSHF. */
    void pushFlags(int stub) {
        flags.clobber(Flags.STATUS);
        system.collectFlags();
        writer.store(SECOND, RUN_SCRATCH_OFFSET);
        openPush(stub);
        writer.load(SECOND, RUN_SCRATCH_OFFSET);
        storePushed(SECOND);
        stubs.resumeHere(stub);
    }

    /** Emits POPF; {@code live} are the status flags that are read later. */
    void popFlags(int live, int stub) {
        flags.clobber(live);
        loadTop(stub);
        system.takeFlags(stub);
        assembler.address(true, STACK, STACK, Assembler.NONE, 0, 8);
        stubs.resumeHere(stub);
    }

    /** Emits LEAVE; {@code live} are the status flags that are read later. */
    void leave(int live, int stub) {
        flags.clobber(live);
        openTop(RunRegisters.FRAME, stub);
        assembler.address(true, STACK, RunRegisters.FRAME, Assembler.NONE, 0, 8);
        assembler.load(true, RunRegisters.FRAME, FIRST, 0);
        stubs.resumeHere(stub);
    }

    /** Pushes the address of what follows a call, at {@code next} from its page's begin. Changes rbp and the second scratch register. */
    void pushReturn(int next, int stub) {
        openPush(stub);
        writer.load(SECOND, StateLayout.RUN_PAGE_OFFSET);
        assembler.address(true, SECOND, SECOND, Assembler.NONE, 0, next);
        storePushed(SECOND);
    }

    /** Loads what is on top of the stack to rbp; it stays there. */
    void loadTop(int stub) {
        openTop(STACK, stub);
        assembler.load(true, FIRST, FIRST, 0);
    }

    /** Moves the operand at [rbp] to the vCPU's block. */
    private void putAside() {
        assembler.load(true, SECOND, FIRST, 0);
        writer.store(SECOND, RUN_SCRATCH_OFFSET);
    }

    /** Finds the place below the top of the stack. */
    private void openPush(int stub) {
        assembler.address(true, FIRST, STACK, Assembler.NONE, 0, -8);
        operands.lookUp(8, true, stub);
    }

    private void storePushed(int source) {
        assembler.store(true, FIRST, 0, source);
        assembler.address(true, STACK, STACK, Assembler.NONE, 0, -8);
    }

    private void openTop(int register, int stub) {
        assembler.move(true, FIRST, register);
        operands.lookUp(8, false, stub);
    }
}
