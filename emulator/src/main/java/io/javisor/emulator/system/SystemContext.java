package io.javisor.emulator.system;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;

/**
 * What each class of the system architecture works on: the state, memory, and the few changes that others depend on. Only the vCPU's
 * thread uses it.
 */
public final class SystemContext {
    private static final long WATCHED_FLAGS = Bits.TF | Bits.IF | Bits.IOPL | Bits.VM | Bits.AC;

    final CpuBlock cpu;
    final LinearMemory memory;
    final Mmu mmu;

    public SystemContext(CpuBlock cpu, LinearMemory memory, Mmu mmu) {
        this.cpu = cpu;
        this.memory = memory;
        this.mmu = mmu;
    }

    /** Changes the privilege level; the stack's and the code's segments are the caller's. */
    void setCpl(int cpl) {
        if (cpl != cpu.cpl()) {
            cpu.setCpl(cpl);
            cpu.modeChanged();
            mmu.privilegeChanged();
        }
    }

    /** Writes RFLAGS; bit 1 is set whatever is asked for. */
    void setFlags(long flags) {
        long old = cpu.rflags();
        cpu.setRflags(flags | Bits.RFLAGS_FIXED);
        if (((old ^ flags) & WATCHED_FLAGS) != 0) {
            cpu.modeChanged();
            if (((old ^ flags) & Bits.AC) != 0) {
                mmu.privilegeChanged();
            }
        }
    }

    /** Cuts an instruction pointer to the size of an operand: 2, 4 or 8 bytes. */
    static long cut(long value, int size) {
        return switch (size) {
            case 2 -> value & 0xFFFF;
            case 4 -> value & 0xFFFF_FFFFL;
            default -> value;
        };
    }
}
