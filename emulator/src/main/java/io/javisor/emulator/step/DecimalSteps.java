package io.javisor.emulator.step;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.Vectors;

/** Decimal adjustment (SDM volume 2, DAA to AAD): not there in 64-bit mode, so the one arithmetic that Java does itself. */
final class DecimalSteps {
    private static final int RESULT_FLAGS = Flags.SF | Flags.ZF | Flags.PF;

    private final StepContext context;
    private final CpuBlock cpu;

    DecimalSteps(StepContext context) {
        this.context = context;
        this.cpu = context.cpu;
    }

    void adjustAfterPacked(boolean subtraction) {
        int al = (int) cpu.gpr(CpuBlock.RAX) & 0xff;
        boolean carry = context.carry();
        int result = al;
        int flags = 0;
        int sign = subtraction ? -1 : 1;
        if ((al & 15) > 9 || cpu.flag(Flags.AF)) {
            result += 6 * sign;
            flags |= Flags.AF;
            if (carry || (subtraction ? al < 6 : result > 0xff)) {
                flags |= Flags.CF;
            }
        }
        if (al > 0x99 || carry) {
            result += 0x60 * sign;
            flags |= Flags.CF;
        } else if (!subtraction) {
            flags &= ~Flags.CF;
        }
        context.setRegister(CpuBlock.RAX, 1, result);
        context.setFlags(Flags.CF | Flags.AF | RESULT_FLAGS | Flags.OF, flags | resultFlags(result));
    }

    void adjustAfterUnpacked(boolean subtraction) {
        long ax = cpu.gpr(CpuBlock.RAX) & 0xffff;
        boolean adjust = (ax & 15) > 9 || cpu.flag(Flags.AF);
        if (adjust) {
            ax += subtraction ? -0x106 : 0x106;
        }
        cpu.setGpr(CpuBlock.RAX, 2, ax & 0xff0f);
        int flags = adjust ? Flags.AF | Flags.CF : 0;
        context.setFlags(Flags.STATUS, flags | resultFlags((int) ax & 15));
    }

    void divide(Instruction instruction) {
        int base = (int) instruction.immediate();
        if (base == 0) {
            throw cpu.fault(Vectors.DE, CpuFault.NO_CODE);
        }
        int al = (int) cpu.gpr(CpuBlock.RAX) & 0xff;
        cpu.setGpr(CpuBlock.RAX, 2, (al / base) << 8 | al % base);
        context.setFlags(Flags.STATUS, resultFlags(al % base));
    }

    void multiply(Instruction instruction) {
        int ax = (int) cpu.gpr(CpuBlock.RAX);
        int al = (ax & 0xff) + (ax >> 8 & 0xff) * (int) instruction.immediate() & 0xff;
        cpu.setGpr(CpuBlock.RAX, 2, al);
        context.setFlags(Flags.STATUS, resultFlags(al));
    }

    private static int resultFlags(int result) {
        int low = result & 0xff;
        return ((low & 0x80) != 0 ? Flags.SF : 0)
                | (low == 0 ? Flags.ZF : 0)
                | ((Integer.bitCount(low) & 1) == 0 ? Flags.PF : 0);
    }
}
