package io.javisor.emulator.step;

import static io.javisor.emulator.state.VectorLayout.XMM_OFFSET;
import static io.javisor.emulator.state.VectorLayout.YMM_HIGH_OFFSET;

import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;

/**
 * VGATHER and VPGATHER, element by element from the lowest: what was gathered before a fault stays, with its mask cleared (SDM volume 2,
 * VPGATHERDD).
 */
final class Gathers {
    private static final int VECTOR = 32;

    private final StepContext context;

    Gathers(StepContext context) {
        this.context = context;
    }

    void execute(Instruction instruction) {
        Operand indexes = instruction.form().operands().get(1);
        int element = instruction.sizeOf(indexes);
        int indexSize = (instruction.form().opcode().code() & 1) == 0 ? 4 : 8;
        int count = instruction.vectorLength() / Math.max(element, indexSize);
        int target = instruction.reg();
        int mask = instruction.vvvv();
        // The mask becomes all ones or zeros an element before anything faults.
        for (int i = 0; i < count; i++) {
            boolean set = byteOf(mask, i * element + element - 1) >= 0x80;
            put(mask, i, element, set ? -1L : 0);
        }
        clear(mask, count * element);
        clear(target, count * element);
        for (int i = 0; i < count; i++) {
            if (get(mask, i, element) != 0) {
                long index = StepContext.signed(get(instruction.index(), i, indexSize), indexSize);
                long base = instruction.base() < 0 ? 0 : context.cpu.gpr(instruction.base());
                long offset = base + (index << instruction.scale()) + instruction.displacement();
                long cut = StepContext.cut(offset, instruction.addressSize());
                long linear = context.memory.linear(instruction.segment(), cut, element, false);
                put(target, i, element, context.memory.read(linear, element));
                put(mask, i, element, 0);
            }
        }
    }

    private long byteOf(int register, int at) {
        return HostBytes.get(hva(register, at), 1);
    }

    private long get(int register, int index, int size) {
        return HostBytes.get(hva(register, index * size), size);
    }

    private void put(int register, int index, int size, long value) {
        HostBytes.put(hva(register, index * size), size, value);
    }

    private void clear(int register, int from) {
        for (int at = from; at < VECTOR; at += 4) {
            HostBytes.put(hva(register, at), 4, 0);
        }
    }

    private long hva(int register, int at) {
        return context.blockHva + (at < 16 ? XMM_OFFSET : YMM_HIGH_OFFSET - 16) + 16L * register + at;
    }
}
