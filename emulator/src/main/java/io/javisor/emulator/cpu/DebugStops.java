package io.javisor.emulator.cpu;

import io.javisor.core.engine.DebugRequest;
import io.javisor.emulator.state.CpuBlock;
import java.util.Arrays;

/** Where a debugger wants a processor to stop. Asked before and after each instruction; allocates nothing. */
final class DebugStops {
    /** Nowhere: only then need an instruction not be looked at. */
    static final DebugStops NONE = new DebugStops(false, new long[0]);

    private final boolean singleStep;
    private final long[] breakpoints; // ascending; none for a single step, which does not look at them

    private DebugStops(boolean singleStep, long[] breakpoints) {
        this.singleStep = singleStep;
        this.breakpoints = breakpoints;
    }

    static DebugStops of(DebugRequest request) {
        if (request.singleStep()) {
            return new DebugStops(true, new long[0]);
        }
        if (request.breakpoints().isEmpty()) {
            return NONE;
        }
        return new DebugStops(
                false, request.breakpoints().stream().mapToLong(Long::longValue).toArray());
    }

    boolean singleStep() {
        return singleStep;
    }

    /** Whether the next instruction has a breakpoint. */
    boolean isBreakpoint(CpuBlock cpu) {
        if (breakpoints.length == 0) {
            return false;
        }
        long linear = cpu.code64() ? cpu.rip() : (cpu.base(CpuBlock.CS) + cpu.rip()) & 0xFFFF_FFFFL;
        return Arrays.binarySearch(breakpoints, linear) >= 0;
    }
}
