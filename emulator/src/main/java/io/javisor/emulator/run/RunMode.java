package io.javisor.emulator.run;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;

/** What of a vCPU's state blocks of code depend on, as bits of {@link StateLayout#MODE_OFFSET}. */
final class RunMode {
    /** Blocks can run: 64-bit mode, no breakpoint armed, no check of alignment. */
    static final int RUNNABLE = 1;

    /** SSE instructions neither fault nor trap. */
    static final int SSE = 1 << 1;

    static final int AVX = 1 << 2;

    /** No SIMD floating-point exception is reported. */
    static final int MASKED = 1 << 3;

    /** CPL is 3. */
    static final int USER = 1 << 4;

    /** CPL is 0. */
    static final int SUPERVISOR = 1 << 5;

    /** x87 and MMX instructions neither fault nor trap: all x87 exceptions are masked, so that none is pending either. */
    static final int X87 = 1 << 6;

    /** RFLAGS.AC is set. */
    static final int AC = 1 << 7;

    /** What instructions of user mode change. */
    static final int MASKS = MASKED | X87;

    /** What a block's code depends on beside {@link #SUPERVISOR}, which has a jump cache of its own. */
    static final int UNITS = SSE | AVX | MASKS;

    /** What a block's code depends on. */
    static final int KEY = UNITS | SUPERVISOR;

    private static final int DR7_ENABLED = 0xff;
    private static final int X87_MASKS = 0x3f;
    private static final long XCR0_SSE_AVX = 6;

    private RunMode() {}

    static int of(CpuBlock cpu) {
        int mode = 0;
        long cr0 = cpu.cr0();
        boolean user = cpu.cpl() == 3;
        boolean aligned = user && cpu.flag(Bits.AC) && (cr0 & Bits.CR0_AM) != 0;
        boolean armed = (cpu.getLong(StateLayout.DR7_OFFSET) & DR7_ENABLED) != 0;
        boolean code64 = cpu.longMode() && (cpu.attributes(CpuBlock.CS) & SegmentAttributes.LONG) != 0;
        // Levels 1 and 2 would need a jump cache of their own.
        if (code64 && !aligned && !armed && (user || cpu.cpl() == 0)) {
            mode |= RUNNABLE;
        }
        if (user) {
            mode |= USER;
        }
        if (cpu.flag(Bits.AC)) {
            mode |= AC;
        }
        if (cpu.cpl() == 0) {
            mode |= SUPERVISOR;
        }
        if ((cr0 & (Bits.CR0_EM | Bits.CR0_TS)) == 0 && (cpu.cr4() & Bits.CR4_OSFXSR) != 0) {
            mode |= SSE;
        }
        if ((cr0 & Bits.CR0_TS) == 0
                && (cpu.cr4() & Bits.CR4_OSXSAVE) != 0
                && (cpu.getLong(StateLayout.XCR0_OFFSET) & XCR0_SSE_AVX) == XCR0_SSE_AVX) {
            mode |= AVX;
        }
        return mode | masks(cpu);
    }

    /** What the vCPU has of {@link #MASKS}. */
    static int masks(CpuBlock cpu) {
        boolean masked = (cpu.getInt(VectorLayout.MXCSR_OFFSET) & VectorLayout.MXCSR_MASKS) == VectorLayout.MXCSR_MASKS;
        boolean x87 = (cpu.getInt(VectorLayout.FCW_OFFSET) & X87_MASKS) == X87_MASKS
                && (cpu.cr0() & (Bits.CR0_EM | Bits.CR0_TS)) == 0;
        return (masked ? MASKED : 0) | (x87 ? X87 : 0);
    }
}
