package io.javisor.emulator.step;

import static io.javisor.emulator.state.VectorLayout.FCW_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FTW_OFFSET;
import static io.javisor.emulator.state.VectorLayout.MXCSR_DEFINED;
import static io.javisor.emulator.state.VectorLayout.MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.XSAVE_OFFSET;

import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;

/** FXSAVE, FXRSTOR, XSAVE, XSAVEOPT and XRSTOR between memory and the block, whose image has XSAVE's own form. */
final class SaveAreas {
    private static final int X87 = 1;
    private static final int SSE = 2;
    private static final int AVX = 4;
    private static final int HEADER = 512;
    private static final int HEADER_SIZE = 64;
    private static final int UPPER_HALVES = 576;
    private static final int REGISTERS = 160;
    private static final int FCW_WRITABLE = 0x1f3f;
    private static final int FCW_FIXED = 0x40;
    private static final int FTW_AND_FOP = 0x07ff_00ff;
    private static final int FSW_SUMMARY = 0x8080;
    private static final int SIZE = VectorLayout.XSAVE_SIZE;

    private final StepContext context;
    private final CpuBlock cpu;
    private final OperandMemory memory;

    SaveAreas(StepContext context) {
        this.context = context;
        this.cpu = context.cpu;
        this.memory = context.memory;
    }

    /** Throws #GP(0) unless the area is a multiple of {@code alignment}. */
    private long area(Instruction instruction, int size, int alignment, boolean write) {
        long linear = memory.linear(instruction.segment(), context.offset(instruction), size, write);
        if ((linear & alignment - 1) != 0) {
            throw cpu.generalProtection();
        }
        if (write) {
            memory.checkWrite(linear, size);
        } else {
            memory.checkRead(linear, size);
        }
        return linear;
    }

    /** How many XMM registers an instruction in this mode sees. */
    private static int xmmBytes(Instruction instruction) {
        return instruction.mode() == 64 ? 256 : 128;
    }

    void fxsave(Instruction instruction) {
        long linear = area(instruction, HEADER, 16, true);
        storeLegacy(instruction, linear, X87 | SSE);
        storeMxcsr(linear);
    }

    void fxrstor(Instruction instruction) {
        long linear = area(instruction, HEADER, 16, false);
        checkMxcsr((int) memory.read(linear + 24, 4));
        loadX87(instruction, linear);
        cpu.putInt(MXCSR_OFFSET, (int) memory.read(linear + 24, 4));
        load(linear, REGISTERS, xmmBytes(instruction));
    }

    void xsave(Instruction instruction, boolean optimized) {
        checkEnabled();
        long wanted = requested();
        int size = (wanted & AVX) != 0 ? SIZE : HEADER + HEADER_SIZE;
        long linear = area(instruction, size, 64, true);
        long inUse = optimized ? inUse() : wanted;
        storeLegacy(instruction, linear, (int) (wanted & inUse));
        if ((wanted & (SSE | AVX)) != 0) {
            storeMxcsr(linear);
        }
        if ((wanted & inUse & AVX) != 0) {
            store(linear, UPPER_HALVES, xmmBytes(instruction));
        }
        long before = memory.read(linear + HEADER, 8);
        memory.write(linear + HEADER, 8, (before & ~wanted) | (inUse() & wanted));
    }

    void xrstor(Instruction instruction) {
        checkEnabled();
        long wanted = requested();
        long linear = area(instruction, HEADER + HEADER_SIZE, 64, false);
        long present = memory.read(linear + HEADER, 8);
        long compacted = memory.read(linear + HEADER + 8, 8);
        long reserved = memory.read(linear + HEADER + 16, 8);
        if (compacted != 0 || reserved != 0 || (present & ~cpu.getLong(StateLayout.XCR0_OFFSET)) != 0) {
            throw cpu.generalProtection();
        }
        if ((wanted & AVX) != 0) {
            memory.checkRead(linear, SIZE);
        }
        if ((wanted & (SSE | AVX)) != 0) {
            checkMxcsr((int) memory.read(linear + 24, 4));
            cpu.putInt(MXCSR_OFFSET, (int) memory.read(linear + 24, 4));
        }
        if ((wanted & X87) != 0) {
            if ((present & X87) != 0) {
                loadX87(instruction, linear);
            } else {
                resetX87();
            }
        }
        restore(wanted, present, SSE, linear, REGISTERS, xmmBytes(instruction));
        restore(wanted, present, AVX, linear, UPPER_HALVES, xmmBytes(instruction));
    }

    private void restore(long wanted, long present, int component, long linear, int at, int length) {
        if ((wanted & component) == 0) {
            return;
        }
        if ((present & component) != 0) {
            load(linear, at, length);
        } else {
            HostBytes.clear(context.blockHva + XSAVE_OFFSET + at, length);
        }
    }

    /** x87 as FNINIT leaves it, with empty registers of zeros (SDM volume 1, §13.6). */
    private void resetX87() {
        HostBytes.clear(context.blockHva + XSAVE_OFFSET, 24);
        HostBytes.clear(context.blockHva + XSAVE_OFFSET + 32, 128);
        HostBytes.put(context.blockHva + XSAVE_OFFSET, 2, VectorLayout.FCW_RESET);
    }

    private void checkEnabled() {
        if ((cpu.cr4() & Bits.CR4_OSXSAVE) == 0) {
            throw cpu.undefinedOpcode();
        }
        if ((cpu.cr0() & Bits.CR0_TS) != 0) {
            throw cpu.fault(Vectors.NM, CpuFault.NO_CODE);
        }
    }

    /** EDX:EAX and XCR0. */
    private long requested() {
        long asked = cpu.gpr(CpuBlock.RDX) << 32 | (cpu.gpr(CpuBlock.RAX) & 0xffff_ffffL);
        return asked & cpu.getLong(StateLayout.XCR0_OFFSET);
    }

    /** The components that are not as after a reset. */
    private long inUse() {
        long components = 0;
        if (HostBytes.get(context.blockHva + XSAVE_OFFSET, 8) != VectorLayout.FCW_RESET || any(32, 128)) {
            components |= X87;
        }
        if (any(REGISTERS, 256)) {
            components |= SSE;
        }
        if (any(UPPER_HALVES, 256)) {
            components |= AVX;
        }
        return components;
    }

    private boolean any(int at, int length) {
        long all = 0;
        for (int i = 0; i < length; i += 8) {
            all |= HostBytes.get(context.blockHva + XSAVE_OFFSET + at + i, 8);
        }
        return all != 0;
    }

    private void checkMxcsr(int mxcsr) {
        if ((mxcsr & ~MXCSR_DEFINED) != 0) {
            throw cpu.generalProtection();
        }
    }

    private void storeLegacy(Instruction instruction, long linear, int components) {
        if ((components & X87) != 0) {
            if (instruction.rexW()) {
                store(linear, 0, 24);
            } else {
                store(linear, 0, 8);
                // Without REX.W pointers have 32 bits and a selector, which is deprecated and 0 (SDM volume 1, §8.1.8).
                memory.write(linear + 8, 8, cpu.getLong(VectorLayout.FIP_OFFSET) & 0xffff_ffffL);
                memory.write(linear + 16, 8, cpu.getLong(VectorLayout.FDP_OFFSET) & 0xffff_ffffL);
            }
            store(linear, 32, 128);
        }
        if ((components & SSE) != 0) {
            store(linear, REGISTERS, xmmBytes(instruction));
        }
    }

    private void storeMxcsr(long linear) {
        memory.write(linear + 24, 4, cpu.getInt(MXCSR_OFFSET));
        memory.write(linear + 28, 4, MXCSR_DEFINED);
    }

    private void loadX87(Instruction instruction, long linear) {
        load(linear, 0, 24);
        int control = (cpu.getInt(FCW_OFFSET) & FCW_WRITABLE) | FCW_FIXED;
        int status = cpu.getInt(FCW_OFFSET) >>> 16 & ~FSW_SUMMARY;
        status |= (status & ~control & 0x3f) != 0 ? FSW_SUMMARY : 0;
        cpu.putInt(FCW_OFFSET, control | status << 16);
        cpu.putInt(FTW_OFFSET, cpu.getInt(FTW_OFFSET) & FTW_AND_FOP);
        if (!instruction.rexW()) {
            cpu.putLong(VectorLayout.FIP_OFFSET, cpu.getLong(VectorLayout.FIP_OFFSET) & 0xffff_ffffL);
            cpu.putLong(VectorLayout.FDP_OFFSET, cpu.getLong(VectorLayout.FDP_OFFSET) & 0xffff_ffffL);
        }
        load(linear, 32, 128);
    }

    private void store(long linear, int at, int length) {
        for (int i = at; i < at + length; i += 8) {
            memory.write(linear + i, 8, HostBytes.get(context.blockHva + XSAVE_OFFSET + i, 8));
        }
    }

    private void load(long linear, int at, int length) {
        for (int i = at; i < at + length; i += 8) {
            HostBytes.put(context.blockHva + XSAVE_OFFSET + i, 8, memory.read(linear + i, 8));
        }
    }
}
