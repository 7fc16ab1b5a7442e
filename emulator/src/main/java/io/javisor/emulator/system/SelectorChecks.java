package io.javisor.emulator.system;

import static io.javisor.emulator.state.SegmentAttributes.dpl;
import static io.javisor.emulator.state.SegmentAttributes.isCode;
import static io.javisor.emulator.state.SegmentAttributes.isConformingCode;
import static io.javisor.emulator.state.SegmentAttributes.isSystem;
import static io.javisor.emulator.system.DescriptorTables.attributes;

import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;

/** LAR, LSL, VERR, VERW and ARPL: questions about selectors, answered by ZF (SDM vol. 2, vol. 3A §5.10). */
public final class SelectorChecks {
    /** The answer of {@link #accessRights} and {@link #segmentLimit} if the selector won't do: ZF is cleared, no register changes. */
    public static final long INVALID = -1;

    // Types of system descriptors, one bit each: the tables of LAR and LSL.
    private static final int LAR_TYPES = 0x1A3E;
    private static final int LAR_TYPES_64 = 0x1A04;
    private static final int LSL_TYPES = 0x0A0E;
    private static final int LSL_TYPES_64 = 0x0A04;

    private final CpuBlock cpu;
    private final DescriptorTables tables;

    SelectorChecks(SystemContext context, DescriptorTables tables) {
        this.cpu = context.cpu;
        this.tables = tables;
    }

    /** LAR: 32 bits, to be cut to the operand, or {@link #INVALID}. */
    public long accessRights(int selector) {
        long raw = visible(selector, LAR_TYPES, LAR_TYPES_64);
        return raw == INVALID ? INVALID : raw >>> 32 & 0x00FF_FF00;
    }

    /** LSL: 32 bits, to be cut to the operand, or {@link #INVALID}. */
    public long segmentLimit(int selector) {
        long raw = visible(selector, LSL_TYPES, LSL_TYPES_64);
        return raw == INVALID ? INVALID : Integer.toUnsignedLong(DescriptorTables.limit(raw));
    }

    /** VERR: whether the segment may be read. */
    public boolean isReadable(int selector) {
        int attributes = verified(selector);
        return attributes != 0 && (!isCode(attributes) || (attributes & SegmentAttributes.READABLE) != 0);
    }

    /** VERW: whether the segment may be written. */
    public boolean isWritable(int selector) {
        return SegmentAttributes.isWritableData(verified(selector));
    }

    /** ARPL: the selector with the RPL raised to that of {@code source}; ZF is set if it differs. */
    public int adjust(int selector, int source) {
        requireProtected();
        return (selector & 3) < (source & 3) ? (selector & 0xFFFC) | (source & 3) : selector & 0xFFFF;
    }

    private long visible(int selector, int types, int types64) {
        requireProtected();
        long raw = tables.peek(selector);
        if (raw == 0) {
            return INVALID;
        }
        int attributes = attributes(raw);
        if (isSystem(attributes)) {
            int allowed = cpu.longMode() ? types64 : types;
            if ((allowed >>> SegmentAttributes.type(attributes) & 1) == 0
                    || (cpu.longMode() && !tables.hasUpper(selector))) {
                return INVALID;
            }
        }
        if (!isConformingCode(attributes) && Math.max(cpu.cpl(), selector & 3) > dpl(attributes)) {
            return INVALID;
        }
        return raw;
    }

    /** The attributes, or 0 if it is no code or data that this level sees. Presence does not count. */
    private int verified(int selector) {
        requireProtected();
        int attributes = attributes(tables.peek(selector));
        boolean sees = isConformingCode(attributes) || Math.max(cpu.cpl(), selector & 3) <= dpl(attributes);
        return !isSystem(attributes) && sees ? attributes : 0;
    }

    private void requireProtected() {
        if (cpu.realAddressing()) {
            throw cpu.undefinedOpcode();
        }
    }
}
