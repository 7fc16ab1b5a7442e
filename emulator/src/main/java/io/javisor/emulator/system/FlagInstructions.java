package io.javisor.emulator.system;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;

/** CLI, STI, PUSHF, POPF, CLAC and STAC (SDM vol. 2; vol. 3A §2.8.7 for IOPL). VME and PVI are not offered. */
public final class FlagInstructions {
    private static final long POPF =
            Bits.CF | Bits.PF | Bits.AF | Bits.ZF | Bits.SF | Bits.TF | Bits.DF | Bits.OF | Bits.NT;

    private final SystemContext context;
    private final CpuBlock cpu;

    FlagInstructions(SystemContext context) {
        this.context = context;
        this.cpu = context.cpu;
    }

    public void clearInterruptFlag() {
        requireIopl();
        context.setFlags(cpu.rflags() & ~Bits.IF);
    }

    /** STI: if IF was clear, interrupts wait for the instruction behind. */
    public void setInterruptFlag() {
        requireIopl();
        if (!cpu.flag(Bits.IF)) {
            context.setFlags(cpu.rflags() | Bits.IF);
            cpu.setShadow(CpuBlock.SHADOW_STI);
        }
    }

    /** What PUSHF pushes, to be cut to the operand. */
    public long pushed() {
        requireV86Iopl();
        return cpu.rflags() & ~(Bits.VM | Bits.RF);
    }

    /** Faults as POPF does before it reads the stack. */
    public void checkPop() {
        requireV86Iopl();
    }

    /**
     * Takes what POPF popped.
     *
     * @param size of the operand: 2, 4 or 8 bytes
     */
    public void pop(long value, int size) {
        requireV86Iopl();
        long mask = POPF;
        if (cpu.cpl() <= cpu.iopl()) {
            mask |= Bits.IF;
        }
        if (cpu.cpl() == 0) {
            mask |= Bits.IOPL;
        }
        long cleared = 0;
        if (size > 2) {
            mask |= Bits.AC | Bits.ID;
            cleared = cpu.cpl() == 0 ? Bits.RF | Bits.VIF | Bits.VIP : Bits.RF;
        }
        context.setFlags((cpu.rflags() & ~(mask | cleared)) | (value & mask));
    }

    /** CLAC and STAC; that they are offered is the decoder's to know. */
    public void setAlignmentCheck(boolean set) {
        if (cpu.cpl() != 0) {
            throw cpu.undefinedOpcode();
        }
        context.setFlags(set ? cpu.rflags() | Bits.AC : cpu.rflags() & ~Bits.AC);
    }

    private void requireIopl() {
        if (cpu.protectedMode() && cpu.cpl() > cpu.iopl()) {
            throw cpu.generalProtection();
        }
    }

    private void requireV86Iopl() {
        if (cpu.v86() && cpu.iopl() < 3) {
            throw cpu.generalProtection();
        }
    }
}
