package io.javisor.emulator.system;

import static io.javisor.emulator.state.SegmentAttributes.UNUSABLE;
import static io.javisor.emulator.state.SegmentAttributes.dpl;
import static io.javisor.emulator.state.SegmentAttributes.isCode;
import static io.javisor.emulator.state.SegmentAttributes.isConformingCode;
import static io.javisor.emulator.state.SegmentAttributes.isSystem;
import static io.javisor.emulator.state.SegmentAttributes.present;
import static io.javisor.emulator.system.DescriptorTables.attributes;
import static io.javisor.emulator.system.DescriptorTables.base;
import static io.javisor.emulator.system.DescriptorTables.isNull;
import static io.javisor.emulator.system.DescriptorTables.limit;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;

/**
 * Task switches with TSSs of 16 and 32 bits (SDM vol. 3A §8.3). What faults before the new task is committed leaves the old one as it
 * was; what faults after it (segments, LDT, the instruction pointer) belongs to the new task (table 8-1).
 */
final class TaskSwitch {
    enum Cause {
        JUMP,
        CALL,
        EVENT,
        RETURN
    }

    private static final int MIN_LIMIT32 = 0x67;
    private static final int MIN_LIMIT16 = 0x2B;

    private final SystemContext context;
    private final CpuBlock cpu;
    private final LinearMemory memory;
    private final DescriptorTables tables;
    private final ControlRegisters controls;
    private final Stack stack;

    /** The dynamic fields of the new TSS in the order of figure 8-2: eip, eflags, eax…edi, es…gs, ldt. */
    private final long[] incoming = new long[2 + 8 + 6 + 1];

    TaskSwitch(SystemContext context, DescriptorTables tables, ControlRegisters controls, Stack stack) {
        this.context = context;
        this.cpu = context.cpu;
        this.memory = context.memory;
        this.tables = tables;
        this.controls = controls;
        this.stack = stack;
    }

    /**
     * Switches for JMP, CALL or IRET.
     *
     * @param nextRip where the old task goes on
     */
    void enter(int selector, Cause cause, long nextRip) {
        switchTo(selector, cause, nextRip, cpu.rflags(), CpuFault.NO_CODE);
    }

    /** Switches through a task gate of the IDT; an error code goes onto the new task's stack. */
    void enterForEvent(int selector, long nextRip, long savedFlags, int errorCode) {
        switchTo(selector, Cause.EVENT, nextRip, savedFlags, errorCode);
    }

    /** IRET with NT set: back along the link (§8.4). */
    void returnToPrevious(long nextRip) {
        int link = (int) memory.readImplicit(cpu.base(CpuBlock.TR) & 0xFFFF_FFFFL, 2);
        switchTo(link, Cause.RETURN, nextRip, cpu.rflags(), CpuFault.NO_CODE);
    }

    private void switchTo(int selector, Cause cause, long nextRip, long savedFlags, int errorCode) {
        boolean returning = cause == Cause.RETURN;
        int vector = returning ? Vectors.TS : Vectors.GP;
        // The selector must be of the GDT.
        if (isNull(selector) || (selector & 4) != 0) {
            throw tables.fault(vector, selector);
        }
        long raw = tables.fetch(selector, vector);
        int attributes = attributes(raw);
        int wanted32 = returning ? SegmentAttributes.TYPE_TSS32_BUSY : SegmentAttributes.TYPE_TSS32;
        int wanted16 = returning ? SegmentAttributes.TYPE_TSS16_BUSY : SegmentAttributes.TYPE_TSS16;
        boolean new32 = isSystem(attributes, wanted32);
        if (!new32 && !isSystem(attributes, wanted16)) {
            throw tables.fault(vector, selector);
        }
        if (!present(attributes)) {
            throw tables.fault(Vectors.NP, selector);
        }
        if (Integer.toUnsignedLong(limit(raw)) < (new32 ? MIN_LIMIT32 : MIN_LIMIT16)) {
            throw tables.fault(Vectors.TS, selector);
        }
        long newBase = base(raw);
        boolean old32 = !isSystem(cpu.attributes(CpuBlock.TR), SegmentAttributes.TYPE_TSS16_BUSY);
        int oldSelector = cpu.selector(CpuBlock.TR);
        boolean nested = cause == Cause.CALL || cause == Cause.EVENT;
        // Everything that may fault by paging does so now (§8.3, step 5). Of the new TSS only the link is written.
        memory.checkWrite(cpu.base(CpuBlock.TR), (old32 ? MIN_LIMIT32 : MIN_LIMIT16) + 1, true);
        memory.checkRead(newBase, (new32 ? MIN_LIMIT32 : MIN_LIMIT16) + 1, true);
        if (nested) {
            memory.checkWrite(newBase, 2, true);
        }
        long newCr3 = load(newBase, new32);

        if (!nested) {
            tables.setBusy(oldSelector, false);
        }
        save(cpu.base(CpuBlock.TR), old32, nextRip, returning ? savedFlags & ~Bits.NT : savedFlags);
        if (nested) {
            memory.writeImplicit(newBase, 2, oldSelector);
        }
        if (!returning) {
            tables.setBusy(selector, true);
        }
        commit(selector, raw, new32, newCr3, nested);
        loadSegments();
        finish(new32, errorCode);
    }

    private long load(long tss, boolean tss32) {
        int at = tss32 ? 0x20 : 0x0E;
        int size = tss32 ? 4 : 2;
        int count = tss32 ? incoming.length : incoming.length - 2;
        for (int i = 0; i < count; i++) {
            incoming[i] = read(tss + at, size) & (i >= 10 ? 0xFFFF : 0xFFFF_FFFFL);
            at += size;
        }
        if (!tss32) {
            // A TSS of 16 bits has no FS and GS; the upper halves of registers are set (as processors do).
            incoming[16] = incoming[14];
            incoming[14] = 0;
            incoming[15] = 0;
            for (int i = 2; i < 10; i++) {
                incoming[i] |= 0xFFFF_0000L;
            }
        }
        return tss32 ? read(tss + 0x1C, 4) : 0;
    }

    private void save(long tss, boolean tss32, long nextRip, long flags) {
        int at = tss32 ? 0x20 : 0x0E;
        int size = tss32 ? 4 : 2;
        write(tss + at, size, nextRip);
        write(tss + at + size, size, flags);
        at += 2 * size;
        for (int i = 0; i < 8; i++, at += size) {
            write(tss + at, size, cpu.gpr(i));
        }
        int segments = tss32 ? 6 : 4;
        for (int i = 0; i < segments; i++, at += size) {
            write(tss + at, 2, cpu.selector(i));
        }
    }

    private void commit(int selector, long raw, boolean new32, long newCr3, boolean nested) {
        int busy = attributes(raw) | (SegmentAttributes.TYPE_TSS32_BUSY ^ SegmentAttributes.TYPE_TSS32);
        cpu.setSegment(CpuBlock.TR, selector, base(raw), limit(raw), busy);
        if (new32 && (cpu.cr0() & Bits.CR0_PG) != 0) {
            controls.loadCr3ForTask(newCr3);
        }
        cpu.putLong(StateLayout.CR0_OFFSET, cpu.cr0() | Bits.CR0_TS);
        cpu.putLong(StateLayout.DR7_OFFSET, cpu.getLong(StateLayout.DR7_OFFSET) & ~DebugRegisters.LOCAL_ENABLES);
        cpu.setRip(incoming[0]);
        long flags = incoming[1] & InterruptReturn.ALL_FLAGS;
        context.setFlags(nested ? flags | Bits.NT : flags);
        for (int i = 0; i < 8; i++) {
            cpu.setGpr(i, incoming[2 + i]);
        }
        boolean v86 = cpu.v86();
        int cpl = v86 ? 3 : (int) incoming[11] & 3;
        for (int i = 0; i < 6; i++) {
            int newSelector = (int) incoming[10 + i];
            if (v86) {
                cpu.setSegment(i, newSelector, (long) newSelector << 4, 0xFFFF, SegmentLoader.V86_DATA);
            } else {
                // Until it is loaded; the level is SS's also if that fails.
                cpu.setSegment(i, newSelector, 0, 0, UNUSABLE | cpl << SegmentAttributes.DPL_SHIFT);
            }
        }
        cpu.setSegment(CpuBlock.LDTR, (int) incoming[16], 0, 0, UNUSABLE);
        context.setCpl(cpl);
        cpu.modeChanged();
    }

    // §8.3 step 12 and table 8-1: in the new task's context, with #TS for what its TSS names wrongly.
    private void loadSegments() {
        int ldt = (int) incoming[16];
        if (!isNull(ldt)) {
            if ((ldt & 4) != 0) {
                throw tables.fault(Vectors.TS, ldt);
            }
            long raw = tables.fetch(ldt, Vectors.TS);
            if (!isSystem(attributes(raw), SegmentAttributes.TYPE_LDT) || !present(attributes(raw))) {
                throw tables.fault(Vectors.TS, ldt);
            }
            cpu.setSegment(CpuBlock.LDTR, ldt, base(raw), limit(raw), attributes(raw));
        }
        if (cpu.v86()) {
            return;
        }
        loadCode((int) incoming[11]);
        int cpl = cpu.cpl();
        loadStack((int) incoming[12], cpl);
        for (int segment = CpuBlock.ES; segment <= CpuBlock.GS; segment++) {
            if (segment != CpuBlock.CS && segment != CpuBlock.SS) {
                loadData(segment, (int) incoming[10 + segment], cpl);
            }
        }
    }

    private void loadCode(int selector) {
        if (isNull(selector)) {
            throw tables.fault(Vectors.TS, selector);
        }
        long raw = tables.fetch(selector, Vectors.TS);
        int attributes = attributes(raw);
        int rpl = selector & 3;
        boolean allowed =
                isCode(attributes) && (isConformingCode(attributes) ? dpl(attributes) <= rpl : dpl(attributes) == rpl);
        if (!allowed) {
            throw tables.fault(Vectors.TS, selector);
        }
        if (!present(attributes)) {
            throw tables.fault(Vectors.NP, selector);
        }
        cpu.setSegment(CpuBlock.CS, selector, base(raw), limit(raw), tables.access(raw));
    }

    private void loadStack(int selector, int cpl) {
        if (isNull(selector)) {
            throw tables.fault(Vectors.TS, selector);
        }
        long raw = tables.fetch(selector, Vectors.TS);
        int attributes = attributes(raw);
        if (!SegmentAttributes.isWritableData(attributes) || dpl(attributes) != cpl || (selector & 3) != cpl) {
            throw tables.fault(Vectors.TS, selector);
        }
        if (!present(attributes)) {
            throw tables.fault(Vectors.SS, selector);
        }
        cpu.setSegment(CpuBlock.SS, selector, base(raw), limit(raw), tables.access(raw));
    }

    private void loadData(int segment, int selector, int cpl) {
        if (isNull(selector)) {
            return;
        }
        long raw = tables.fetch(selector, Vectors.TS);
        int attributes = attributes(raw);
        boolean readable = SegmentAttributes.isData(attributes)
                || (isCode(attributes) && (attributes & SegmentAttributes.READABLE) != 0);
        boolean allowed = isConformingCode(attributes) || Math.max(selector & 3, cpl) <= dpl(attributes);
        if (!readable || !allowed) {
            throw tables.fault(Vectors.TS, selector);
        }
        if (!present(attributes)) {
            throw tables.fault(Vectors.NP, selector);
        }
        cpu.setSegment(segment, selector, base(raw), limit(raw), tables.access(raw));
    }

    private void finish(boolean new32, int errorCode) {
        // §8.2.1: the T flag traps as soon as the task runs.
        if (new32 && (read(cpu.base(CpuBlock.TR) + 0x64, 2) & 1) != 0) {
            int pending = cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET);
            cpu.putInt(StateLayout.PENDING_DEBUG_OFFSET, pending | DebugRegisters.DR6_BT);
        }
        if (errorCode != CpuFault.NO_CODE) {
            stack.current();
            stack.push(new32 ? 4 : 2, errorCode);
            stack.commit();
        }
        if (cpu.rip() > cpu.limit(CpuBlock.CS)) {
            throw tables.fault(Vectors.GP);
        }
    }

    private long read(long linear, int size) {
        return memory.readImplicit(linear & 0xFFFF_FFFFL, size);
    }

    private void write(long linear, int size, long value) {
        memory.writeImplicit(linear & 0xFFFF_FFFFL, size, value);
    }
}
