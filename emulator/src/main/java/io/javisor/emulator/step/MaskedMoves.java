package io.javisor.emulator.step;

import static io.javisor.emulator.state.VectorLayout.BACKUP_OFFSET;
import static io.javisor.emulator.state.VectorLayout.XMM_OFFSET;
import static io.javisor.emulator.state.VectorLayout.YMM_HIGH_OFFSET;

import io.javisor.emulator.decode.Instruction;

/** VMASKMOV and VPMASKMOV: only elements whose mask is set are read, written, and can fault (SDM volume 2, VMASKMOV). */
final class MaskedMoves {
    private final StepContext context;
    private final long bufferHva;

    MaskedMoves(StepContext context) {
        this.context = context;
        bufferHva = context.blockHva + BACKUP_OFFSET;
    }

    void execute(Instruction instruction) {
        int element = elementSize(instruction);
        int count = instruction.vectorLength() / element;
        boolean store = instruction.form().operands().get(0).written()
                && instruction.inMemory(instruction.form().operands().get(0));
        long offset = context.offset(instruction);
        for (int i = 0; i < 4; i++) {
            HostBytes.put(bufferHva + 8L * i, 8, 0);
        }
        for (int i = 0; i < count; i++) {
            if (isSet(instruction.vvvv(), i, element)) {
                long linear = linear(instruction, offset, i, element, store);
                if (store) {
                    context.memory.checkWrite(linear, element);
                } else {
                    HostBytes.put(bufferHva + (long) i * element, element, context.memory.read(linear, element));
                }
            }
        }
        context.setOperand(bufferHva);
        context.code.run(instruction);
        for (int i = 0; store && i < count; i++) {
            if (isSet(instruction.vvvv(), i, element)) {
                long linear = linear(instruction, offset, i, element, true);
                context.memory.write(linear, element, HostBytes.get(bufferHva + (long) i * element, element));
            }
        }
    }

    private long linear(Instruction instruction, long offset, int index, int element, boolean write) {
        long at = StepContext.cut(offset + (long) index * element, instruction.addressSize());
        return context.memory.linear(instruction.segment(), at, element, write);
    }

    private static int elementSize(Instruction instruction) {
        int code = instruction.form().opcode().code();
        boolean wide =
                code < 0x80 ? (code & 1) != 0 : instruction.form().opcode().w() == 1;
        return wide ? 8 : 4;
    }

    private boolean isSet(int register, int index, int element) {
        int at = index * element + element - 1;
        int offset = (at < 16 ? XMM_OFFSET : YMM_HIGH_OFFSET - 16) + 16 * register + at;
        return HostBytes.get(context.blockHva + offset, 1) >= 0x80;
    }
}
