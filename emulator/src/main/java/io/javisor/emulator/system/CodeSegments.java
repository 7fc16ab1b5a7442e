package io.javisor.emulator.system;

import static io.javisor.emulator.state.SegmentAttributes.BIG;
import static io.javisor.emulator.state.SegmentAttributes.LONG;
import static io.javisor.emulator.state.SegmentAttributes.dpl;
import static io.javisor.emulator.state.SegmentAttributes.isCode;
import static io.javisor.emulator.state.SegmentAttributes.isConformingCode;
import static io.javisor.emulator.state.SegmentAttributes.present;
import static io.javisor.emulator.system.DescriptorTables.attributes;
import static io.javisor.emulator.system.DescriptorTables.base;
import static io.javisor.emulator.system.DescriptorTables.limit;

import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.Vectors;

/** What a far transfer demands of the code segment it goes to, and how CS is loaded (SDM vol. 3A §5.8). */
final class CodeSegments {
    private final SystemContext context;
    private final CpuBlock cpu;
    private final DescriptorTables tables;

    CodeSegments(SystemContext context, DescriptorTables tables) {
        this.context = context;
        this.cpu = context.cpu;
        this.tables = tables;
    }

    /** JMP and CALL straight to a code segment: §5.8.1. */
    void checkDirect(int selector, int attributes) {
        int cpl = cpu.cpl();
        boolean allowed =
                isConformingCode(attributes) ? dpl(attributes) <= cpl : dpl(attributes) == cpl && (selector & 3) <= cpl;
        if (!allowed) {
            throw tables.fault(Vectors.GP, selector);
        }
        checkUsable(selector, attributes);
    }

    /** RET and IRET: §5.8.6. The level returned to is the selector's RPL. */
    void checkReturn(int selector, int attributes) {
        int rpl = selector & 3;
        boolean allowed = isCode(attributes)
                && rpl >= cpu.cpl()
                && (isConformingCode(attributes) ? dpl(attributes) <= rpl : dpl(attributes) == rpl);
        if (!allowed) {
            throw tables.fault(Vectors.GP, selector);
        }
        checkUsable(selector, attributes);
    }

    /** Present, and L and D not both set in IA-32e mode. */
    void checkUsable(int selector, int attributes) {
        if (cpu.longMode() && (attributes & (LONG | BIG)) == (LONG | BIG)) {
            throw tables.fault(Vectors.GP, selector);
        }
        if (!present(attributes)) {
            throw tables.fault(Vectors.NP, selector);
        }
    }

    /** The new instruction pointer lies in the segment, or is canonical. */
    void checkOffset(long offset, long raw) {
        boolean inside = is64(attributes(raw))
                ? CpuBlock.isCanonical(offset)
                : Long.compareUnsigned(offset, Integer.toUnsignedLong(limit(raw))) <= 0;
        if (!inside) {
            throw tables.fault(Vectors.GP);
        }
    }

    /** Whether code in a segment with these attributes runs in 64-bit mode. */
    boolean is64(int attributes) {
        return cpu.longMode() && (attributes & LONG) != 0;
    }

    /** Marks a checked descriptor accessed before any register changes, as this may fault. */
    void touch(int selector, long raw) {
        long _ = tables.fetch(selector, Vectors.GP);
        int _ = tables.access(raw);
    }

    /** Enters a code segment whose descriptor was checked. */
    void enter(int selector, long raw, int cpl, long rip) {
        long _ = tables.fetch(selector, Vectors.GP);
        int attributes = tables.access(raw);
        cpu.setSegment(CpuBlock.CS, (selector & ~3) | cpl, base(raw), limit(raw), attributes);
        context.setCpl(cpl);
        cpu.setRip(rip);
    }

    /** Enters code in real-address or virtual-8086 mode. */
    void enterReal(int selector, long rip) {
        if (cpu.v86()) {
            cpu.setSegment(CpuBlock.CS, selector, (long) selector << 4, 0xFFFF, SegmentLoader.V86_DATA);
        } else {
            // The limit and D stay as they were until protected mode is entered again (vol. 3A §10.9.1).
            int kept = cpu.attributes(CpuBlock.CS) & (SegmentAttributes.BIG | SegmentAttributes.GRANULARITY);
            cpu.setSegment(
                    CpuBlock.CS,
                    selector,
                    (long) selector << 4,
                    (int) cpu.limit(CpuBlock.CS),
                    SegmentLoader.REAL_DATA | kept);
        }
        cpu.setRip(rip);
    }

    /** In real-address and virtual-8086 mode: #GP if the instruction pointer is beyond CS's limit. */
    void checkRealOffset(long offset) {
        if (offset > cpu.limit(CpuBlock.CS)) {
            throw cpu.generalProtection();
        }
    }
}
