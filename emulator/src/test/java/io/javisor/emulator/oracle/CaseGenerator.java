package io.javisor.emulator.oracle;

import static io.javisor.emulator.oracle.OracleRecord.*;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.decode.OperandSize;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Fills records with states in which an instruction of a given form has its operand in, across or beside the data pages. */
final class CaseGenerator {
    private static final int ATTEMPTS = 40;
    private static final long STATUS = 0x8d5;

    private final SplittableRandom random;
    private final Decoder decoder;
    private final CodeBuilder builder;
    private final Instruction instruction = new Instruction();
    private final long[] gpr = new long[16];
    private long rip;
    private long targetInMemory;

    CaseGenerator(long seed, Decoder decoder) {
        this.random = new SplittableRandom(seed);
        this.builder = new CodeBuilder(random);
        this.decoder = decoder;
    }

    /** Fills {@code record} with a state for {@code form}; false if none was found. */
    boolean fill(Form form, MemorySegment record) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            builder.build(form);
            if (decode() == Decoder.OK && instruction.form().id() == form.id() && fill(record)) {
                return true;
            }
        }
        return false;
    }

    Instruction instruction() {
        return instruction;
    }

    private int decode() {
        return decoder.decode(MemorySegment.ofArray(builder.code), 0, 15, 64, instruction);
    }

    private boolean fill(MemorySegment record) {
        Form form = instruction.form();
        rip = CODE_AREA + 0x1000 + random.nextInt(0x800);
        for (int i = 0; i < 16; i++) {
            gpr[i] = Values.integer(random);
        }
        boolean flow = form.kind() == InstructionClass.FLOW;
        prepareRegisters(form);
        if (instruction.memory() && !placeOperand(form)) {
            return false;
        }
        if (flow && !placeTarget(form)) {
            return false;
        }
        long flags = (random.nextLong() & STATUS) | 2 | (random.nextBoolean() ? Bits.DF : 0);
        MemorySegment.copy(builder.code, 0, record, ValueLayout.JAVA_BYTE, CODE, 16);
        record.set(ValueLayout.JAVA_INT, LENGTH, instruction.length());
        record.set(ValueLayout.JAVA_INT, FLOW, flow ? 1 : 0);
        record.set(ValueLayout.JAVA_LONG, RIP, rip);
        record.set(ValueLayout.JAVA_LONG, RFLAGS, flags);
        for (int i = 0; i < 16; i++) {
            record.set(ValueLayout.JAVA_LONG, GPR + 8L * i, gpr[i]);
        }
        fillWindow(record);
        fillVectors(form, record);
        return true;
    }

    /** Registers that are addresses or counts by themselves. */
    private void prepareRegisters(Form form) {
        switch (form.kind()) {
            case STACK, FLOW -> {
                gpr[CpuBlock.RSP] = address(8);
                gpr[CpuBlock.RBP] = address(8);
                if (random.nextInt(3) == 0) {
                    gpr[CpuBlock.RCX] = random.nextInt(3);
                }
            }
            case STRING -> {
                long upper = instruction.addressSize() == 4 ? random.nextLong() << 32 : 0;
                long segment = base();
                gpr[CpuBlock.RSI] = (address(8) - segment & (upper == 0 ? -1L : 0xffff_ffffL)) | upper;
                gpr[CpuBlock.RDI] = (address(8) & (upper == 0 ? -1L : 0xffff_ffffL)) | upper;
                if (random.nextInt(4) == 0) {
                    // A target that overlaps its source, by a little or much.
                    gpr[CpuBlock.RDI] = gpr[CpuBlock.RSI] + segment + random.nextInt(-24, 24);
                }
                int most = random.nextInt(8) == 0 ? WRITABLE_SIZE / 4 : 40;
                gpr[CpuBlock.RCX] = random.nextInt(most) | upper;
                if (random.nextBoolean()) {
                    gpr[CpuBlock.RAX] = OracleRecord.initial((int) (gpr[CpuBlock.RDI] - DATA)) & 0xffL;
                }
            }
            default -> {
                if (form.has(Trait.DIVIDE)) {
                    prepareDividend();
                }
                String name = form.names().get(0);
                if (name.equals("xlat")) {
                    gpr[CpuBlock.RBX] = address(1) - (gpr[CpuBlock.RAX] & 0xff) - base();
                } else if (name.startsWith("xsave") || name.startsWith("xrstor")) {
                    gpr[CpuBlock.RAX] = random.nextInt(8);
                    gpr[CpuBlock.RDX] = 0; // the host may have more components
                } else if (name.contains("maskmov") && !form.has(Trait.MASKED)) {
                    gpr[CpuBlock.RDI] = address(16) - base();
                }
            }
        }
    }

    private void prepareDividend() {
        switch (random.nextInt(4)) {
            case 0 -> gpr[CpuBlock.RDX] = gpr[CpuBlock.RAX] >> 63;
            case 1 -> gpr[CpuBlock.RDX] = 0;
            case 2 -> gpr[CpuBlock.RAX] = random.nextInt(0x10000);
            default -> gpr[CpuBlock.RDX] = random.nextLong() >> random.nextInt(64);
        }
    }

    private long base() {
        return instruction.segmentOverridden() ? GS_BASE : 0;
    }

    private static boolean restores(Form form) {
        return form.names().get(0).endsWith("rstor") || form.names().get(0).endsWith("ldmxcsr");
    }

    /** Mostly within the window, now and then at an end of what may be read or written. */
    private long address(int size) {
        return switch (random.nextInt(24)) {
            case 0 -> DATA - random.nextInt(1, size + 9);
            case 1 -> DATA + DATA_SIZE - random.nextInt(size + 8);
            case 2, 3 -> DATA + WRITABLE_SIZE - random.nextInt(size + 8);
            case 4, 5 -> DATA + PAGE - random.nextInt(size + 1);
            case 6, 7, 8, 9 -> DATA + WINDOW_AT + 16L * random.nextInt(WINDOW_SIZE / 16 - 4);
            case 10 -> DATA + 64L * random.nextInt(DATA_SIZE / 64);
            default -> DATA + WINDOW_AT + random.nextInt(WINDOW_SIZE - 64);
        };
    }

    /** Gives registers or the displacement the values that put the operand at an address of choice. */
    private boolean placeOperand(Form form) {
        int at = form.memoryOperand();
        int size = at < 0 ? 1 : Math.max(1, instruction.sizeOf(form.operands().get(at)));
        int width = instruction.addressSize();
        long wanted = (restores(form) && random.nextInt(4) > 0 ? DATA + WINDOW_AT : address(size)) - base();
        if (form.has(Trait.BITSTRING)) {
            int reg = instruction.reg();
            if (reg == instruction.base() || reg == instruction.index()) {
                return false;
            }
            gpr[reg] = random.nextInt(-2000, 2000);
        }
        int base = instruction.base();
        int index = instruction.index();
        if (form.names().get(0).startsWith("x")
                && form.has(Trait.ALIGN64)
                && (uses(CpuBlock.RAX) || uses(CpuBlock.RDX))) {
            return false; // they say what is saved
        }
        if (isGather(form)) {
            return placeGather(base, wanted);
        }
        if (base == Instruction.RIP || (base < 0 && index < 0)) {
            long next = base < 0 ? 0 : rip + instruction.length();
            return patch(wanted - next, base < 0 && hasMoffs(form) ? width : 4);
        }
        long rest = wanted - instruction.displacement();
        if (base < 0 || base == index) {
            int factor = (base == index ? 1 : 0) + (1 << instruction.scale());
            rest -= Long.remainderUnsigned(rest & 0xffff_ffffL, factor);
            gpr[index] = rest / factor;
            return gpr[index] * factor == rest && finish(index, width);
        }
        if (index >= 0) {
            if (random.nextBoolean() || base == CpuBlock.RSP) {
                gpr[index] = random.nextInt(-100, 100);
            }
            rest -= gpr[index] << instruction.scale();
        }
        gpr[base] = rest;
        return finish(base, width);
    }

    /** With addresses of 32 bits the upper half of a register is of no importance. */
    private boolean finish(int register, int width) {
        if (width == 4 && random.nextBoolean()) {
            gpr[register] = (gpr[register] & 0xffff_ffffL) | random.nextLong() << 32;
        }
        return true;
    }

    private boolean uses(int register) {
        return instruction.base() == register || instruction.index() == register;
    }

    private static boolean isGather(Form form) {
        return form.operands().size() > 1 && form.operands().get(1).kind() == OperandKind.VSIB;
    }

    private boolean placeGather(int base, long wanted) {
        if (base < 0) {
            return patch(wanted, 4);
        }
        gpr[base] = wanted - instruction.displacement();
        return true;
    }

    private static boolean hasMoffs(Form form) {
        for (Operand operand : form.operands()) {
            if (operand.kind() == OperandKind.O) {
                return true;
            }
        }
        return false;
    }

    private boolean patch(long value, int size) {
        if (builder.displacementAt < 0 || (size == 4 && value != (int) value)) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            builder.code[builder.displacementAt + i] = (byte) (value >> (8 * i));
        }
        return decode() == Decoder.OK;
    }

    /** Branches go to where the code area is free, or back to it through a register, memory or the stack. */
    private boolean placeTarget(Form form) {
        long target = CODE_AREA + 0x4000 + random.nextInt(0x4000);
        Operand first = form.operands().isEmpty() ? null : form.operands().get(0);
        targetInMemory = target;
        if (first != null && first.kind() == OperandKind.J) {
            if (first.size() != OperandSize.BYTE) {
                int at = instruction.length() - 4;
                long displacement = target - rip - instruction.length();
                for (int i = 0; i < 4; i++) {
                    builder.code[at + i] = (byte) (displacement >> (8 * i));
                }
                return decode() == Decoder.OK;
            }
            // Never into the instruction's own bytes, which would be run.
            int displacement = random.nextBoolean() ? random.nextInt(16, 128) : random.nextInt(-128, -32);
            builder.code[instruction.length() - 1] = (byte) displacement;
            return decode() == Decoder.OK;
        } else if (first != null && !instruction.memory() && first.kind() == OperandKind.E) {
            if (instruction.rm() == CpuBlock.RSP) {
                return false; // a call would write to the code
            }
            gpr[instruction.rm()] = target;
        }
        return true;
    }

    private void fillWindow(MemorySegment record) {
        for (int i = 0; i < WINDOW_SIZE; i += 8) {
            record.set(ValueLayout.JAVA_LONG, WINDOW + i, Values.vector(random));
        }
        if (restores(instruction.form())) {
            fillImage(record);
        }
        if (instruction.form().kind() == InstructionClass.FLOW) {
            for (int i = 0; i < WINDOW_SIZE; i += 8) {
                record.set(ValueLayout.JAVA_LONG, WINDOW + i, targetInMemory);
            }
        }
    }

    /** At the window's start, an image that XRSTOR and FXRSTOR mostly take. */
    private void fillImage(MemorySegment record) {
        int mxcsr = random.nextInt(random.nextInt(8) == 0 ? 0x20000 : 0x10000);
        record.set(
                ValueLayout.JAVA_INT,
                WINDOW,
                random.nextInt(2) == 0 ? mxcsr : record.get(ValueLayout.JAVA_INT, WINDOW));
        record.set(ValueLayout.JAVA_INT, WINDOW + 24, mxcsr);
        record.set(ValueLayout.JAVA_LONG, WINDOW + 512, random.nextInt(random.nextInt(8) == 0 ? 16 : 8));
        for (int i = 520; i < 576; i += 8) {
            record.set(ValueLayout.JAVA_LONG, WINDOW + i, random.nextInt(64) == 0 ? random.nextLong() : 0L);
        }
    }

    private void fillVectors(Form form, MemorySegment record) {
        MemorySegment image = record.asSlice(XSAVE, 832);
        image.fill((byte) 0);
        boolean odd = random.nextInt(4) == 0;
        int fcw = 0x40 | (odd ? random.nextInt(0x1000) & 0xf3f : 0x3f | random.nextInt(16) << 8);
        int fsw = random.nextInt(8) << 11 | random.nextInt(2) << 14 | random.nextInt(8) << 8;
        if (odd && random.nextBoolean()) {
            fsw |= random.nextInt(64);
        }
        if ((fsw & ~fcw & 0x3f) != 0) {
            fsw |= 0x8080;
        }
        image.set(ValueLayout.JAVA_SHORT, 0, (short) fcw);
        image.set(ValueLayout.JAVA_SHORT, 2, (short) fsw);
        image.set(ValueLayout.JAVA_BYTE, 4, (byte) (random.nextBoolean() ? 0xff : random.nextInt(256)));
        int mxcsr = random.nextInt(4) == 0
                ? random.nextInt(0x10000)
                : 0x1f80 | random.nextInt(8) << 13 | random.nextInt(64);
        image.set(ValueLayout.JAVA_INT, 24, mxcsr);
        for (int i = 0; i < 8; i++) {
            image.set(ValueLayout.JAVA_LONG, 32 + 16L * i, Values.significand(random));
            image.set(ValueLayout.JAVA_SHORT, 40 + 16L * i, (short) Values.exponent(random));
        }
        for (int i = 0; i < 256; i += 8) {
            image.set(ValueLayout.JAVA_LONG, 160 + i, Values.vector(random));
            image.set(ValueLayout.JAVA_LONG, 576 + i, Values.vector(random));
        }
        if (isGather(form)) {
            smallIndexes(image);
        }
        OracleRecord.complete(image);
    }

    private void smallIndexes(MemorySegment image) {
        boolean wide = (instruction.form().opcode().code() & 1) != 0;
        int size = wide ? 8 : 4;
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 16; i += size) {
                long at = (half == 0 ? 160 : 576) + 16L * instruction.index() + i;
                int index = random.nextInt(16) == 0 ? random.nextInt(-2000, 2000) : random.nextInt(-16, 16);
                if (wide) {
                    image.set(ValueLayout.JAVA_LONG, at, (long) index);
                } else {
                    image.set(ValueLayout.JAVA_INT, at, index);
                }
            }
        }
    }
}
