package io.javisor.emulator.step;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.VectorLayout;

/** MOVS, CMPS, STOS, LODS and SCAS, an element at a time; with a repeat prefix, many elements a step. */
final class StringSteps {
    /** So that a step ends soon enough for whoever wants the vCPU. */
    private static final int ELEMENTS_A_STEP = 1024;

    /** From how many elements on RAM is looked for, and what a move of as much as a page counts against the elements of a step. */
    private static final int MANY = 8;

    private static final int PIECES_OF_A_MOVE = 32;

    private static final int MOVS = 0xa4;
    private static final int CMPS = 0xa6;
    private static final int STOS = 0xaa;
    private static final int LODS = 0xac;
    private static final int SCAS = 0xae;

    private static final int REPE = 0xf3;

    private final StepContext context;
    private final CpuBlock cpu;
    private final OperandMemory memory;
    /** {@code cmp rax, [rbp]} of 1, 2, 4 and 8 bytes: the host compares. */
    private final Instruction[] comparisons = {
        CannedInstruction.of(0x3a, 0x45, 0),
        CannedInstruction.of(0x66, 0x3b, 0x45, 0),
        CannedInstruction.of(0x3b, 0x45, 0),
        CannedInstruction.of(0x48, 0x3b, 0x45, 0)
    };

    private final long bufferHva;

    StringSteps(StepContext context) {
        this.context = context;
        this.cpu = context.cpu;
        this.memory = context.memory;
        this.bufferHva = context.blockHva + VectorLayout.SCRATCH_OFFSET;
    }

    /** Carries elements out; whether the instruction is done and RIP may move on. */
    boolean execute(Instruction instruction) {
        int operation = instruction.opcodeByte() & 0xfe;
        int size = (instruction.opcodeByte() & 1) == 0 ? 1 : instruction.operandSize();
        if (instruction.repeat() == 0) {
            element(instruction, operation, size);
            return true;
        }
        int width = instruction.addressSize();
        boolean compares = operation == CMPS || operation == SCAS;
        boolean moves = (operation == MOVS || operation == STOS) && !cpu.flag(Bits.TF) && !cpu.flag(Bits.DF);
        int left = cpu.flag(Bits.TF) ? 1 : ELEMENTS_A_STEP;
        int single = 0;
        while (true) {
            long count = StepContext.cut(cpu.gpr(CpuBlock.RCX), width);
            if (count == 0) {
                return true;
            }
            if (left-- == 0) {
                return false;
            }
            if (moves && count >= MANY && single == 0) {
                int done = many(instruction, operation, size, count);
                if (done > 0) {
                    cpu.setGpr(CpuBlock.RCX, width, count - done);
                    left = Math.max(0, left - PIECES_OF_A_MOVE);
                    continue;
                }
                single = 1 - done;
            }
            single = Math.max(0, single - 1);
            element(instruction, operation, size);
            cpu.setGpr(CpuBlock.RCX, width, count - 1);
            if (compares && cpu.flag(Flags.ZF) != (instruction.repeat() == REPE)) {
                return true;
            }
        }
    }

    /**
     * MOVS and STOS upwards through RAM, up to the end of a page. Returns the number of elements; if it is not above 0, so many and one more
     * are to be done one by one, and there is no point in asking before.
     */
    private int many(Instruction instruction, int operation, int size, long count) {
        int width = instruction.addressSize();
        long to = StepContext.cut(cpu.gpr(CpuBlock.RDI), width);
        int bytes = HostBytes.PAGE_SIZE - (int) (to & (HostBytes.PAGE_SIZE - 1));
        long from = 0;
        if (operation == MOVS) {
            from = StepContext.cut(cpu.gpr(CpuBlock.RSI), width);
            bytes = Math.min(bytes, HostBytes.PAGE_SIZE - (int) (from & (HostBytes.PAGE_SIZE - 1)));
        }
        int elements = (int) Math.min(count, bytes / size);
        bytes = elements * size;
        if (elements < MANY) {
            return Math.min(0, 1 - elements);
        }
        // The source is read first, so its fault comes first.
        long fromHva = operation == MOVS ? memory.direct(instruction.segment(), from, bytes, false) : bufferHva;
        long toHva = fromHva == 0 ? 0 : memory.direct(CpuBlock.ES, to, bytes, true);
        if (toHva == 0) {
            return 1 - elements;
        }
        if (operation == STOS) {
            fill(toHva, size, elements);
        } else {
            // A target a little above its source repeats what was just written.
            if (toHva > fromHva && toHva < fromHva + bytes) {
                return 1 - elements;
            }
            HostBytes.move(fromHva, toHva, bytes);
            cpu.setGpr(CpuBlock.RSI, width, from + bytes);
        }
        cpu.setGpr(CpuBlock.RDI, width, to + bytes);
        return elements;
    }

    private void fill(long hva, int size, int elements) {
        long value = cpu.gpr(CpuBlock.RAX);
        for (int i = 0; i < elements; i++) {
            HostBytes.put(hva + (long) i * size, size, value);
        }
    }

    private void element(Instruction instruction, int operation, int size) {
        int width = instruction.addressSize();
        switch (operation) {
            case MOVS -> {
                long value = memory.read(source(instruction, size), size);
                memory.write(target(width, size, true), size, value);
                advance(CpuBlock.RSI, width, size);
                advance(CpuBlock.RDI, width, size);
            }
            case CMPS -> {
                long first = memory.read(source(instruction, size), size);
                long second = memory.read(target(width, size, false), size);
                long accumulator = cpu.gpr(CpuBlock.RAX);
                cpu.setGpr(CpuBlock.RAX, first);
                compare(second, size);
                cpu.setGpr(CpuBlock.RAX, accumulator);
                advance(CpuBlock.RSI, width, size);
                advance(CpuBlock.RDI, width, size);
            }
            case STOS -> {
                memory.write(target(width, size, true), size, cpu.gpr(CpuBlock.RAX));
                advance(CpuBlock.RDI, width, size);
            }
            case LODS -> {
                context.setRegister(CpuBlock.RAX, size, memory.read(source(instruction, size), size));
                advance(CpuBlock.RSI, width, size);
            }
            default -> {
                compare(memory.read(target(width, size, false), size), size);
                advance(CpuBlock.RDI, width, size);
            }
        }
    }

    /** Sets the flags as CMP of rAX with {@code value} does. */
    private void compare(long value, int size) {
        HostBytes.put(bufferHva, 8, value);
        context.setOperand(bufferHva);
        context.code.run(comparisons[Integer.numberOfTrailingZeros(size)]);
    }

    private long source(Instruction instruction, int size) {
        long offset = StepContext.cut(cpu.gpr(CpuBlock.RSI), instruction.addressSize());
        return memory.linear(instruction.segment(), offset, size, false);
    }

    private long target(int width, int size, boolean write) {
        return memory.linear(CpuBlock.ES, StepContext.cut(cpu.gpr(CpuBlock.RDI), width), size, write);
    }

    private void advance(int register, int width, int size) {
        long step = cpu.flag(Bits.DF) ? -size : size;
        cpu.setGpr(register, width, cpu.gpr(register) + step);
    }
}
