package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.RUN_SCRATCH_OFFSET;

import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;

/** Emits BT, BTS, BTR and BTC of a bit in memory that a register numbers, from the operand's address on, in both directions. */
final class BitCode {
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;

    private final CodeWriter writer;
    private final Assembler assembler;
    private final FlagPlace flags;
    private final ExitStubs stubs;
    private final OperandCode operands;
    private final GuestRegisters guests;

    BitCode(RunCode code, FlagPlace flags, ExitStubs stubs, OperandCode operands, GuestRegisters guests) {
        this.flags = flags;
        this.stubs = stubs;
        this.operands = operands;
        this.guests = guests;
        writer = code.writer();
        assembler = code.assembler();
    }

    /** Emits instruction {@code i} of {@code plan}. */
    void emit(BlockPlan plan, int i, int stub) {
        Instruction instruction = plan.instruction(i);
        flags.clobber(plan.liveAt(i));
        int size = instruction.operandSize();
        int bits = 8 * size;
        operands.linear(instruction, plan.offset(i + 1));
        loadBit(instruction.reg());
        if (size != 8) {
            assembler.signExtend(SECOND, SECOND, size);
        }
        assembler.shift(Assembler.SAR, true, SECOND, Integer.numberOfTrailingZeros(bits));
        assembler.address(true, FIRST, FIRST, SECOND, Integer.numberOfTrailingZeros(size), 0);
        operands.lookUp(size, instruction.form().operand(0).written(), stub);
        if (instruction.lock()) {
            operands.align(size, stub);
        }
        loadBit(instruction.reg());
        assembler.arithmetic(Assembler.AND, false, SECOND, bits - 1);
        if (plan.neededInHost(i) != 0) {
            writer.store(SECOND, RUN_SCRATCH_OFFSET);
            flags.toHost();
            writer.load(SECOND, RUN_SCRATCH_OFFSET);
        }
        if (size == 2) {
            writer.bytes1(0x66);
        }
        if (instruction.lock()) {
            writer.bytes1(0xf0);
        }
        // The bit's number is within the operand now, at [rbp + 0].
        writer.bytes1(size == 8 ? 0x4c : 0x44);
        writer.bytes1(0x0f);
        writer.bytes1(instruction.opcodeByte());
        writer.bytes1(0x40 | (SECOND & 7) << 3 | FIRST);
        writer.bytes1(0);
        flags.written();
        stubs.resumeHere(stub);
    }

    private void loadBit(int guest) {
        int host = guests.get(guest, SECOND);
        if (host != SECOND) {
            assembler.move(true, SECOND, host);
        }
    }
}
