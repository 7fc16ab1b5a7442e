package io.javisor.emulator.system;

import static io.javisor.emulator.system.DescriptorTables.attributes;
import static io.javisor.emulator.system.DescriptorTables.isNull;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;

/** IRET, IRETD and IRETQ (SDM vol. 2A IRET). */
public final class InterruptReturn {
    /** The flags that exist, bit 1 apart. */
    static final long ALL_FLAGS = 0x3F_7FD5L;

    private static final long ALWAYS =
            Bits.CF | Bits.PF | Bits.AF | Bits.ZF | Bits.SF | Bits.TF | Bits.DF | Bits.OF | Bits.NT;
    private static final long WIDE = Bits.RF | Bits.AC | Bits.ID;

    private final SystemContext context;
    private final CpuBlock cpu;
    private final DescriptorTables tables;
    private final CodeSegments code;
    private final SegmentLoader segments;
    private final Stack stack;
    private final FarTransfers far;
    private final TaskSwitch tasks;

    InterruptReturn(
            SystemContext context,
            DescriptorTables tables,
            CodeSegments code,
            SegmentLoader segments,
            Stack stack,
            FarTransfers far,
            TaskSwitch tasks) {
        this.context = context;
        this.cpu = context.cpu;
        this.tables = tables;
        this.code = code;
        this.segments = segments;
        this.stack = stack;
        this.far = far;
        this.tasks = tasks;
    }

    /**
     * Executes it.
     *
     * @param size of the operand: 2, 4 or 8 bytes
     * @param nextRip of the instruction behind, which a task return saves
     */
    public void iret(int size, long nextRip) {
        // Vol. 3A §6.7.1: NMIs are let in again, also if the instruction faults.
        cpu.putInt(StateLayout.NMI_BLOCKED_OFFSET, 0);
        if (cpu.realAddressing()) {
            returnReal(size);
            return;
        }
        if (cpu.flag(Bits.NT)) {
            if (cpu.longMode()) {
                throw cpu.generalProtection();
            }
            tasks.returnToPrevious(nextRip);
            return;
        }
        stack.current();
        long offset = SystemContext.cut(stack.pop(size), size);
        int selector = (int) stack.pop(size) & 0xFFFF;
        long flags = stack.pop(size);
        if (size == 4 && (flags & Bits.VM) != 0 && cpu.cpl() == 0 && !cpu.longMode()) {
            returnToV86(selector, offset, flags);
            return;
        }
        if (isNull(selector)) {
            throw cpu.generalProtection();
        }
        long raw = tables.fetch(selector, Vectors.GP);
        code.checkReturn(selector, attributes(raw));
        code.checkOffset(offset, raw);
        int oldCpl = cpu.cpl();
        int oldIopl = cpu.iopl();
        boolean from64 = cpu.code64();
        if ((selector & 3) > oldCpl || from64) {
            long pointer = SystemContext.cut(stack.pop(size), size);
            int stackSelector = (int) stack.pop(size) & 0xFFFF;
            far.outer(selector, raw, offset, stackSelector, pointer, 0);
        } else {
            code.enter(selector, raw, selector & 3, offset);
            stack.commit();
        }
        merge(flags, size, oldCpl, oldIopl);
    }

    private void returnReal(int size) {
        if (cpu.v86() && cpu.iopl() < 3) {
            throw cpu.generalProtection();
        }
        stack.current();
        long offset = SystemContext.cut(stack.pop(size), size);
        int selector = (int) stack.pop(size) & 0xFFFF;
        long flags = stack.pop(size);
        code.checkRealOffset(offset);
        code.enterReal(selector, offset);
        stack.commit();
        // Virtual-8086 mode runs at CPL 3: IOPL stays, IF follows as IOPL is 3.
        merge(flags, size, cpu.v86() ? 3 : 0, cpu.iopl());
    }

    private void merge(long flags, int size, int cpl, int iopl) {
        long mask = ALWAYS;
        if (size > 2) {
            mask |= WIDE;
        }
        if (cpl <= iopl) {
            mask |= Bits.IF;
        }
        if (cpl == 0) {
            mask |= Bits.IOPL;
            if (size > 2 && !cpu.realAddressing()) {
                mask |= Bits.VIF | Bits.VIP;
            }
        }
        context.setFlags((cpu.rflags() & ~mask) | (flags & mask));
    }

    // RETURN-TO-VIRTUAL-8086-MODE of the manual's pseudo-code.
    private void returnToV86(int selector, long offset, long flags) {
        long pointer = stack.pop(4);
        int ss = (int) stack.pop(4) & 0xFFFF;
        int es = (int) stack.pop(4) & 0xFFFF;
        int ds = (int) stack.pop(4) & 0xFFFF;
        int fs = (int) stack.pop(4) & 0xFFFF;
        int gs = (int) stack.pop(4) & 0xFFFF;
        if ((offset & 0xFFFF_0000L) != 0) {
            throw cpu.generalProtection();
        }
        context.setFlags(flags & ALL_FLAGS);
        context.setCpl(3);
        code.enterReal(selector, offset);
        segments.loadReal(CpuBlock.SS, ss);
        segments.loadReal(CpuBlock.ES, es);
        segments.loadReal(CpuBlock.DS, ds);
        segments.loadReal(CpuBlock.FS, fs);
        segments.loadReal(CpuBlock.GS, gs);
        cpu.setGpr(CpuBlock.RSP, 4, pointer);
    }
}
