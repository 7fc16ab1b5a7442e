package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.GPR_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_SCRATCH_OFFSET;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.FormEncoder;
import io.javisor.emulator.emit.HostRegisters;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;

/** Emits a block. Allocates nothing after its creation. */
final class BlockEmitter {
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final HostRegisters registers;
    private final FormEncoder encoder;
    private final FlagPlace flags;
    private final X87Code x87;
    private final VectorCode vectors;
    private final ExitStubs stubs;
    private final OperandCode operands;
    private final TransferCode transfers;
    private final SystemCode system;
    private final GuestRegisters guests;
    private final LevelCode levels;
    private final StringCode strings;
    private final BitCode bits;
    private final StackCode stack;
    private final boolean alone;
    private BlockPlan plan;
    private int entrySaved;
    private int entryHost;

    /** @param alone whether a block that goes to its own begin leaves, as for any other */
    BlockEmitter(RunCode code, HostRegisters registers, BlockPlan plan, boolean alone) {
        this.alone = alone;
        this.registers = registers;
        this.plan = plan;
        writer = code.writer();
        assembler = code.assembler();
        encoder = new FormEncoder(writer, registers);
        flags = new FlagPlace(writer, assembler);
        x87 = new X87Code(code);
        vectors = new VectorCode(code, flags);
        stubs = new ExitStubs(code, flags, x87, vectors);
        operands = new OperandCode(code, stubs);
        transfers = new TransferCode(code, flags, stubs);
        system = new SystemCode(code, stubs);
        levels = new LevelCode(code, stubs, operands, system, transfers);
        guests = new GuestRegisters(writer, assembler);
        strings = new StringCode(code, flags, stubs, operands);
        bits = new BitCode(code, flags, stubs, operands, guests);
        stack = new StackCode(code, flags, stubs, operands, guests, system);
    }

    /** Where the block is entered with the flags in the vCPU's block. */
    int entrySaved() {
        return entrySaved;
    }

    /** Where it is entered with them in the host's flags. */
    int entryHost() {
        return entryHost;
    }

    /** Emits what the plan says; {@code block} is the number that exits tell. */
    void emit(int block) {
        stubs.clear();
        x87.begin();
        vectors.begin();
        writeEntries();
        transfers.begin(alone ? TransferCode.NOWHERE : plan.offset(0), entrySaved, entryHost);
        int count = plan.count();
        boolean ended = false;
        for (int i = 0; i < count; i++) {
            ended = emitOne(i);
        }
        if (!ended) {
            x87.settle();
            transfers.to(plan.offset(count), false);
        }
        vectors.write();
        stubs.write(block);
        writer.end();
    }

    /** The two ways in: one of them changes where the flags are, then comes to the other. */
    private void writeEntries() {
        int first = writer.position();
        if (plan.liveAt(0) == 0) {
            entrySaved = first;
            entryHost = first;
            flags.set(FlagPlace.SAVED);
            return;
        }
        boolean host = prefersHost();
        if (host) {
            flags.emitRestore();
        } else {
            flags.emitSave();
        }
        int main = writer.position();
        entrySaved = host ? first : main;
        entryHost = host ? main : first;
        // Behind the conversion they are in both places, but who enters at the main way has them in one.
        flags.set(host ? FlagPlace.HOST : FlagPlace.SAVED);
    }

    private boolean prefersHost() {
        for (int i = 0; i < plan.count(); i++) {
            if (plan.clobbers(i) && plan.liveAt(i) != 0) {
                return false;
            }
            if (plan.neededInHost(i) != 0 || plan.action(i) == RunForms.JMP) {
                return true;
            }
            if (plan.liveAt(i) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Emits an instruction; whether the block is at its end. */
    private boolean emitOne(int i) {
        Instruction instruction = plan.instruction(i);
        switch (plan.action(i)) {
            case RunForms.COMPUTE, RunForms.FLDCW -> compute(i, instruction);
            case RunForms.NOTHING -> {}
            case RunForms.LEA -> lea(i, instruction);
            case RunForms.DIVIDE -> divide(i, instruction);
            case RunForms.PUSH -> stack.push(plan, i, stepStub(i));
            case RunForms.POP -> stack.pop(plan, i, stepStub(i));
            case RunForms.LEAVE -> stack.leave(plan.liveAt(i), stepStub(i));
            case RunForms.STEP -> step(i);
            case RunForms.CLI -> {
                flags.clobber(plan.liveAt(i));
                system.clear(Bits.IF);
            }
            case RunForms.CLD -> {
                flags.clobber(plan.liveAt(i));
                system.clear(Bits.DF);
            }
            case RunForms.STAC -> {
                flags.clobber(plan.liveAt(i));
                system.setAlignmentCheck();
            }
            case RunForms.CLAC -> {
                flags.clobber(plan.liveAt(i));
                system.clearAlignmentCheck();
            }
            case RunForms.STI -> {
                int stub = stepStub(i);
                flags.clobber(plan.liveAt(i));
                system.setInterruptFlag(stub);
                stubs.resumeHere(stub);
            }
            case RunForms.PUSHF -> stack.pushFlags(stepStub(i));
            case RunForms.POPF -> stack.popFlags(plan.liveAt(i), stepStub(i));
            case RunForms.SWAPGS -> system.swapGs();
            case RunForms.SELECTOR -> storeSelector(i, instruction);
            case RunForms.VZEROUPPER -> vectors.clearUpperHalves();
            case RunForms.STRING -> strings.emit(instruction, plan.liveAt(i), stepStub(i));
            case RunForms.BITS -> bits.emit(plan, i, stepStub(i));
            default -> {
                x87.settle();
                flow(i, instruction);
                return true;
            }
        }
        return false;
    }

    private int stepStub(int i) {
        return stub(ExitStubs.STEP, i);
    }

    private int stub(int kind, int i) {
        return stubs.add(kind, plan.offset(i) | plan.offset(i + 1) << ExitStubs.NEXT_SHIFT);
    }

    private void step(int i) {
        flags.clobber(Flags.STATUS);
        int stub = stub(ExitStubs.SINGLE, i);
        stubs.jump(stub);
        x87.left();
        vectors.left();
        stubs.resumeHere(stub);
    }

    private void compute(int i, Instruction instruction) {
        Form form = instruction.form();
        boolean memory = instruction.memory();
        int stub = -1;
        x87.prepare(form);
        if (memory) {
            stub = stepStub(i);
            memoryOperand(i, instruction, form, stub);
        }
        x87.setLast(instruction, plan.offset(i));
        vectors.prepare(form, plan.liveAt(i));
        if (plan.neededInHost(i) != 0) {
            flags.toHost();
        }
        boolean _ = registers.assignMapped(instruction, memory);
        moveScratch(registers.read(), true);
        encoder.encode(instruction, instruction.immediate());
        moveScratch(registers.written(), false);
        if (form.flags().written() != 0) {
            flags.written();
        }
        if (memory) {
            stubs.resumeHere(stub);
        }
    }

    private void memoryOperand(int i, Instruction instruction, Form form, int stub) {
        Operand operand = form.operand(form.memoryOperand());
        int size = instruction.sizeOf(operand);
        flags.clobber(plan.liveAt(i));
        operands.linear(instruction, plan.offset(i + 1));
        x87.keepOperand();
        operands.lookUp(size, operand.written(), stub);
        x87.setOperand();
        if (plan.action(i) == RunForms.FLDCW) {
            x87.testControl();
            stubs.jumpIf(Assembler.NE, stub);
        }
        // A split lock is for a step, whatever it does about it.
        if (form.has(Trait.ALIGN) || form.has(Trait.ATOMIC) || instruction.lock()) {
            operands.align(size, stub);
        }
    }

    private void moveScratch(int guests, boolean load) {
        for (int guest = 0; guest < 16; guest++) {
            if ((guests & 1 << guest) != 0 && RunRegisters.host(guest) == RunRegisters.IN_BLOCK) {
                if (load) {
                    writer.load(registers.host(guest), GPR_OFFSET + 8 * guest);
                } else {
                    writer.store(registers.host(guest), GPR_OFFSET + 8 * guest);
                }
            }
        }
    }

    private void lea(int i, Instruction instruction) {
        int guest = instruction.reg();
        int host = RunRegisters.host(guest);
        int size = instruction.operandSize();
        boolean direct = host != RunRegisters.IN_BLOCK && size == instruction.addressSize() && size >= 4;
        int target = direct ? host : FIRST;
        operands.offset(instruction, plan.offset(i + 1), target);
        if (!direct) {
            guests.set(guest, size, FIRST);
        }
    }

    /** DIV and IDIV of 4 and 8 bytes. What is not surely without a fault is for a step. */
    private void divide(int i, Instruction instruction) {
        boolean wide = instruction.operandSize() == 8;
        boolean signed = instruction.form().opcode().extension() == 7;
        int stub = stepStub(i);
        flags.clobber(plan.liveAt(i));
        if (instruction.memory()) {
            operands.linear(instruction, plan.offset(i + 1));
            operands.lookUp(instruction.operandSize(), false, stub);
            assembler.load(wide, FIRST, FIRST, 0);
        } else {
            int host = guests.get(instruction.rm(), FIRST);
            if (host != FIRST) {
                assembler.move(wide, FIRST, host);
            }
        }
        if (signed) {
            assembler.move(wide, SECOND, CpuBlock.RAX);
            assembler.shift(Assembler.SAR, wide, SECOND, wide ? 63 : 31);
            assembler.arithmeticRegister(Assembler.CMP, wide, SECOND, CpuBlock.RDX);
            stubs.jumpIf(Assembler.NE, stub);
            assembler.address(wide, SECOND, FIRST, Assembler.NONE, 0, 1);
            assembler.arithmetic(Assembler.CMP, wide, SECOND, 1);
            stubs.jumpIf(Assembler.BE, stub);
        } else {
            assembler.arithmeticRegister(Assembler.CMP, wide, CpuBlock.RDX, FIRST);
            stubs.jumpIf(Assembler.AE, stub);
        }
        if (plan.neededInHost(i) != 0) {
            flags.toHost();
        }
        writer.bytes1(wide ? 0x48 : 0x40);
        writer.bytes1(0xf7);
        writer.bytes1(0xc0 | (signed ? 7 : 6) << 3 | FIRST);
        flags.written();
        stubs.resumeHere(stub);
    }

    private void storeSelector(int i, Instruction instruction) {
        int offset = StateLayout.SEGMENTS_OFFSET
                + (instruction.reg() & 7) * StateLayout.SEGMENT_SIZE
                + StateLayout.SEGMENT_SELECTOR_OFFSET;
        if (!instruction.memory()) {
            assembler.load(false, FIRST, CodeWriter.STATE, offset - CodeWriter.BIAS);
            guests.set(instruction.rm(), instruction.operandSize(), FIRST);
            return;
        }
        int stub = stepStub(i);
        flags.clobber(plan.liveAt(i));
        operands.linear(instruction, plan.offset(i + 1));
        operands.lookUp(2, true, stub);
        assembler.load(false, SECOND, CodeWriter.STATE, offset - CodeWriter.BIAS);
        writer.bytes1(0x66);
        assembler.store(false, FIRST, 0, SECOND);
        stubs.resumeHere(stub);
    }

    private void flow(int i, Instruction instruction) {
        int next = plan.offset(i + 1);
        int target = next + (int) instruction.immediate();
        int stub;
        switch (plan.action(i)) {
            case RunForms.JCC -> {
                flags.toHost();
                int taken = assembler.jumpIf(instruction.opcodeByte() & 15);
                int place = flags.place();
                transfers.to(next, false);
                assembler.here(taken);
                flags.set(place);
                transfers.to(target, target <= plan.offset(i));
            }
            case RunForms.JCXZ -> {
                int other = assembler.jumpIfCxNotZero(instruction.addressSize() == 8);
                int place = flags.place();
                transfers.to(target, target <= plan.offset(i));
                assembler.here(other);
                flags.set(place);
                transfers.to(next, false);
            }
            case RunForms.JMP -> transfers.to(target, target <= plan.offset(i));
            case RunForms.CALL -> {
                stub = stepStub(i);
                flags.clobber(Flags.STATUS);
                stack.pushReturn(next, stub);
                transfers.to(target, target <= plan.offset(i));
            }
            case RunForms.RET -> {
                stub = stepStub(i);
                flags.clobber(Flags.STATUS);
                stack.loadTop(stub);
                transfers.through(stub, 8 + (int) instruction.immediate());
            }
            case RunForms.JMP_INDIRECT -> {
                stub = stepStub(i);
                flags.clobber(Flags.STATUS);
                loadTarget(i, instruction, stub);
                transfers.through(stub, 0);
            }
            case RunForms.SYSCALL -> {
                stub = stepStub(i);
                flags.clobber(Flags.STATUS);
                levels.syscall(next, stub);
            }
            case RunForms.SYSRET -> {
                stub = stepStub(i);
                flags.clobber(Flags.STATUS);
                levels.sysret(stub);
            }
            case RunForms.IRET -> {
                stub = stepStub(i);
                flags.clobber(Flags.STATUS);
                levels.iret(stub);
            }
            default -> {
                stub = stepStub(i);
                flags.clobber(Flags.STATUS);
                loadTarget(i, instruction, stub);
                transfers.checkTarget(stub);
                writer.store(FIRST, RUN_SCRATCH_OFFSET);
                stack.pushReturn(next, stub);
                writer.load(FIRST, RUN_SCRATCH_OFFSET);
                transfers.away();
            }
        }
    }

    /** The target of an indirect jump or call, to rbp. */
    private void loadTarget(int i, Instruction instruction, int stub) {
        if (instruction.memory()) {
            operands.linear(instruction, plan.offset(i + 1));
            operands.lookUp(8, false, stub);
            assembler.load(true, FIRST, FIRST, 0);
        } else {
            int host = guests.get(instruction.rm(), FIRST);
            if (host != FIRST) {
                assembler.move(true, FIRST, host);
            }
        }
    }
}
