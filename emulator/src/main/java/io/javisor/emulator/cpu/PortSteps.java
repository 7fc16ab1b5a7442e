package io.javisor.emulator.cpu;

import io.javisor.core.bus.AddressBus;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.step.OperandMemory;
import io.javisor.emulator.step.StepContext;
import io.javisor.emulator.system.SystemUnit;
import java.lang.foreign.MemorySegment;

/** IN, OUT, INS and OUTS (SDM vol. 1 §19.5). For the vCPU's thread; allocates nothing. */
final class PortSteps {
    private static final int IMMEDIATE_FORMS = 0xE8;

    private final CpuBlock cpu;
    private final OperandMemory memory;
    private final SystemUnit unit;
    private final AddressBus ports;
    private long reads;
    private long writes;

    /** How many bytes of elements go over the bus in one call. */
    static final int BUFFER_SIZE = 512;

    private final MemorySegment buffer;

    /**
     * @param buffer {@link #BUFFER_SIZE} bytes outside the heap
     */
    PortSteps(CpuBlock cpu, OperandMemory memory, SystemUnit unit, AddressBus ports, MemorySegment buffer) {
        this.buffer = buffer;
        this.cpu = cpu;
        this.memory = memory;
        this.unit = unit;
        this.ports = ports;
    }

    /** How often the bus was read; any thread. */
    long reads() {
        return reads;
    }

    /** How often it was written; any thread. */
    long writes() {
        return writes;
    }

    void in(Instruction instruction) {
        int size = size(instruction);
        int port = port(instruction);
        long value = read(port, size);
        if (size == 4) {
            cpu.setGpr(CpuBlock.RAX, value & 0xFFFF_FFFFL);
        } else {
            long mask = (1L << (8 * size)) - 1;
            cpu.setGpr(CpuBlock.RAX, (cpu.gpr(CpuBlock.RAX) & ~mask) | (value & mask));
        }
    }

    void out(Instruction instruction) {
        int size = size(instruction);
        write(port(instruction), size, cpu.gpr(CpuBlock.RAX));
    }

    /** Some elements; whether the instruction is done. */
    boolean ins(Instruction instruction) {
        int width = instruction.addressSize();
        if (isCountedOut(instruction, width)) {
            return true;
        }
        int size = size(instruction);
        int port = (int) cpu.gpr(CpuBlock.RDX) & 0xFFFF;
        unit.portPermission().check(port, size);
        long offset = StepContext.cut(cpu.gpr(CpuBlock.RDI), width);
        int count = elements(instruction, CpuBlock.ES, offset, width, size);
        long linear = memory.linear(CpuBlock.ES, offset, count * size, true);
        memory.checkWrite(linear, count * size);
        reads++;
        note(port, size);
        ports.readString(port, size, buffer, 0, count);
        for (int i = 0; i < count; i++) {
            long at = linear + (long) i * size;
            memory.write(at, size, HostMemory.get(buffer.address() + (long) i * size, size));
        }
        return next(instruction, CpuBlock.RDI, width, size, count);
    }

    /** As {@link #ins}. */
    boolean outs(Instruction instruction) {
        int width = instruction.addressSize();
        if (isCountedOut(instruction, width)) {
            return true;
        }
        int size = size(instruction);
        int port = (int) cpu.gpr(CpuBlock.RDX) & 0xFFFF;
        unit.portPermission().check(port, size);
        long offset = StepContext.cut(cpu.gpr(CpuBlock.RSI), width);
        int count = elements(instruction, instruction.segment(), offset, width, size);
        long linear = memory.linear(instruction.segment(), offset, count * size, false);
        for (int i = 0; i < count; i++) {
            long at = linear + (long) i * size;
            HostMemory.put(buffer.address() + (long) i * size, size, memory.read(at, size));
        }
        writes++;
        note(port, size);
        ports.writeString(port, size, buffer, 0, count);
        return next(instruction, CpuBlock.RSI, width, size, count);
    }

    /** How many elements go at once: such as lie in one page and in their segment, upwards, and nobody steps through them. */
    private int elements(Instruction instruction, int segment, long offset, int width, int size) {
        if (instruction.repeat() == 0
                || cpu.flag(Bits.DF)
                || cpu.flag(Bits.TF)
                || unit.debug().armed()) {
            return 1;
        }
        boolean inside = cpu.code64()
                || (offset + HostMemory.PAGE_SIZE <= cpu.limit(segment)
                        && (cpu.base(segment) & (HostMemory.PAGE_SIZE - 1)) == 0);
        if (!inside) {
            return 1;
        }
        long count = StepContext.cut(cpu.gpr(CpuBlock.RCX), width);
        long here = (HostMemory.PAGE_SIZE - (offset & (HostMemory.PAGE_SIZE - 1))) / size;
        long most = Math.max(1, Math.min(here, BUFFER_SIZE / size));
        return (int) (Long.compareUnsigned(count, most) < 0 ? count : most);
    }

    private boolean isCountedOut(Instruction instruction, int width) {
        return instruction.repeat() != 0 && StepContext.cut(cpu.gpr(CpuBlock.RCX), width) == 0;
    }

    private boolean next(Instruction instruction, int pointer, int width, int size, int done) {
        long moved = (long) size * done;
        cpu.setGpr(pointer, width, cpu.gpr(pointer) + (cpu.flag(Bits.DF) ? -moved : moved));
        if (instruction.repeat() == 0) {
            return true;
        }
        long count = StepContext.cut(cpu.gpr(CpuBlock.RCX) - done, width);
        cpu.setGpr(CpuBlock.RCX, width, count);
        return count == 0;
    }

    private int port(Instruction instruction) {
        return instruction.opcodeByte() < IMMEDIATE_FORMS
                ? (int) instruction.immediate() & 0xFF
                : (int) cpu.gpr(CpuBlock.RDX) & 0xFFFF;
    }

    private static int size(Instruction instruction) {
        return (instruction.opcodeByte() & 1) == 0 ? 1 : Math.min(instruction.operandSize(), 4);
    }

    private long read(int port, int size) {
        unit.portPermission().check(port, size);
        reads++;
        note(port, size);
        return ports.read(port, size);
    }

    private void write(int port, int size, long value) {
        unit.portPermission().check(port, size);
        writes++;
        note(port, size);
        ports.write(port, size, value & ((1L << (8 * size)) - 1));
    }

    private void note(int port, int size) {
        if (unit.debug().armed()) {
            unit.debug().notePort(port, size);
        }
    }
}
