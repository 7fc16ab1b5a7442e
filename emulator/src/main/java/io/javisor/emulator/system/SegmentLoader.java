package io.javisor.emulator.system;

import static io.javisor.emulator.system.DescriptorTables.attributes;
import static io.javisor.emulator.system.DescriptorTables.base;
import static io.javisor.emulator.system.DescriptorTables.isNull;
import static io.javisor.emulator.system.DescriptorTables.limit;

import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.Vectors;

/** Loads data and stack segment registers: MOV, POP, LDS and their kin (SDM vol. 2A MOV, vol. 3A §5.6, §5.7). */
public final class SegmentLoader {
    /** Present, writable, accessed data at DPL 0: what the attributes are in real-address mode. */
    static final int REAL_DATA = 0x93;

    /** The same at DPL 3: in virtual-8086 mode (SDM vol. 3C §27.3.1.2). */
    static final int V86_DATA = 0xF3;

    static final int[] DATA = {CpuBlock.ES, CpuBlock.DS, CpuBlock.FS, CpuBlock.GS};

    private final CpuBlock cpu;
    private final DescriptorTables tables;

    SegmentLoader(SystemContext context, DescriptorTables tables) {
        this.cpu = context.cpu;
        this.tables = tables;
    }

    /**
     * Loads ES, SS, DS, FS or GS with all checks. The shadow after MOV SS and POP SS is the caller's.
     *
     * @param selector its low 16 bits count
     */
    public void load(int segment, int selector) {
        int chosen = selector & 0xFFFF;
        if (cpu.realAddressing()) {
            loadReal(segment, chosen);
        } else if (segment == CpuBlock.SS) {
            loadStack(chosen, cpu.cpl(), Vectors.GP);
        } else {
            loadData(segment, chosen);
        }
    }

    /** As real-address and virtual-8086 mode do it: no descriptor. In real-address mode the limit stays as it was (vol. 3A §10.9.1). */
    void loadReal(int segment, int selector) {
        if (cpu.v86()) {
            cpu.setSegment(segment, selector, (long) selector << 4, 0xFFFF, V86_DATA);
        } else {
            int kept = cpu.attributes(segment) & (SegmentAttributes.BIG | SegmentAttributes.GRANULARITY);
            cpu.setSegment(segment, selector, (long) selector << 4, (int) cpu.limit(segment), REAL_DATA | kept);
        }
    }

    /**
     * Loads SS in protected mode.
     *
     * @param cpl the privilege level that the stack is for
     * @param vector of the fault if the selector or its descriptor won't do: #GP, or #TS where it comes from a TSS
     */
    void loadStack(int selector, int cpl, int vector) {
        if (isNull(selector)) {
            // MOV SS: a null selector is allowed in 64-bit mode, but not at CPL 3, and with RPL = CPL.
            if (!cpu.code64() || cpl == 3 || (selector & 3) != cpl) {
                throw tables.fault(vector);
            }
            setNullStack(selector, cpl);
            return;
        }
        long raw = checkStack(selector, cpl, vector);
        set(CpuBlock.SS, selector, raw);
    }

    /** An unusable SS as IA-32e mode has it: its DPL is the CPL. */
    void setNullStack(int selector, int cpl) {
        cpu.setSegment(CpuBlock.SS, selector, 0, 0, SegmentAttributes.UNUSABLE | cpl << SegmentAttributes.DPL_SHIFT);
    }

    /** Checks a stack segment that is not null; returns its descriptor. Nothing is changed. */
    long checkStack(int selector, int cpl, int vector) {
        long raw = tables.fetch(selector, vector);
        int attributes = attributes(raw);
        if ((selector & 3) != cpl
                || !SegmentAttributes.isWritableData(attributes)
                || SegmentAttributes.dpl(attributes) != cpl) {
            throw tables.fault(vector, selector);
        }
        if (!SegmentAttributes.present(attributes)) {
            throw tables.fault(Vectors.SS, selector);
        }
        return raw;
    }

    /** Loads a register from a descriptor that was checked and fetched last, and marks it accessed. */
    void set(int segment, int selector, long raw) {
        int attributes = tables.access(raw);
        cpu.setSegment(segment, selector, base(raw), limit(raw), attributes);
    }

    /** Marks a checked descriptor accessed before any register changes, as this may fault. */
    void touch(int selector, long raw) {
        long _ = tables.fetch(selector, Vectors.GP);
        int _ = tables.access(raw);
    }

    /** As {@link #set} for a descriptor that was fetched before others: it is read again, from where it was. */
    void setAgain(int segment, int selector, long raw) {
        long _ = tables.fetch(selector, Vectors.GP);
        set(segment, selector, raw);
    }

    private void loadData(int segment, int selector) {
        if (isNull(selector)) {
            cpu.setSegment(segment, selector, 0, 0, SegmentAttributes.UNUSABLE);
            return;
        }
        long raw = tables.fetch(selector, Vectors.GP);
        checkData(selector, attributes(raw), cpu.cpl(), Vectors.GP);
        set(segment, selector, raw);
    }

    void checkData(int selector, int attributes, int cpl, int vector) {
        boolean code = SegmentAttributes.isCode(attributes);
        if (SegmentAttributes.isSystem(attributes) || (code && (attributes & SegmentAttributes.READABLE) == 0)) {
            throw tables.fault(vector, selector);
        }
        if (!SegmentAttributes.isConformingCode(attributes)
                && Math.max(selector & 3, cpl) > SegmentAttributes.dpl(attributes)) {
            throw tables.fault(vector, selector);
        }
        if (!SegmentAttributes.present(attributes)) {
            throw tables.fault(Vectors.NP, selector);
        }
    }

    /** After a return to a lower privilege level: data segments that it may not use become null (vol. 2B RET, IRET). */
    void dropPrivilegedData(int cpl) {
        for (int segment : DATA) {
            int attributes = cpu.attributes(segment);
            if ((attributes & SegmentAttributes.UNUSABLE) == 0
                    && !SegmentAttributes.isConformingCode(attributes)
                    && SegmentAttributes.dpl(attributes) < cpl) {
                cpu.setSegment(segment, 0, 0, 0, SegmentAttributes.UNUSABLE);
            }
        }
    }
}
