package io.javisor.emulator.step;

import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.Vectors;

/** Finds out before a division whether it would be #DE: by zero, or with a quotient that does not fit (SDM volume 2, DIV and IDIV). */
final class DivisionCheck {
    private static final int IDIV = 7;

    private final StepContext context;

    DivisionCheck(StepContext context) {
        this.context = context;
    }

    /** Throws #DE. {@code divisor} is zero-extended. */
    void check(Instruction instruction, long divisor) {
        int size = instruction.sizeOf(instruction.form().operands().get(0));
        long low =
                size == 1 ? context.cpu.gpr(CpuBlock.RAX) & 0xff : StepContext.cut(context.cpu.gpr(CpuBlock.RAX), size);
        long high = size == 1
                ? context.cpu.gpr(CpuBlock.RAX) >>> 8 & 0xff
                : StepContext.cut(context.cpu.gpr(CpuBlock.RDX), size);
        boolean fits = instruction.form().opcode().extension() == IDIV
                ? fitsSigned(high, low, divisor, size)
                : Long.compareUnsigned(high, divisor) < 0;
        if (!fits) {
            throw context.cpu.fault(Vectors.DE, CpuFault.NO_CODE);
        }
    }

    private static boolean fitsSigned(long high, long low, long divisor, int size) {
        long d = StepContext.signed(divisor, size);
        if (d == 0) {
            return false;
        }
        if (size < 8) {
            // Twice the size is at most 64 bits: Java's own division tells.
            long dividend = StepContext.signed(high, size) << (8 * size) | low;
            if (dividend == Long.MIN_VALUE && d == -1) {
                return false;
            }
            long quotient = dividend / d;
            return quotient == StepContext.signed(quotient, size);
        }
        // |high:low| < |d| * 2^63 (+ |d| if the quotient is negative)
        boolean negative = high < 0;
        long l = negative ? -low : low;
        long h = negative ? ~high + (low == 0 ? 1 : 0) : high;
        long magnitude = Math.abs(d);
        long boundHigh = magnitude >>> 1;
        long boundLow = magnitude << 63;
        if (negative != d < 0) {
            long sum = boundLow + magnitude;
            boundHigh += Long.compareUnsigned(sum, boundLow) < 0 ? 1 : 0;
            boundLow = sum;
        }
        int order = Long.compareUnsigned(h, boundHigh);
        return order < 0 || (order == 0 && Long.compareUnsigned(l, boundLow) < 0);
    }
}
