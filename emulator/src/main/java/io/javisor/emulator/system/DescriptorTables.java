package io.javisor.emulator.system;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;

/** The descriptors of GDT and LDT (SDM vol. 3A §3.4.5, §3.5), and the error codes that name selectors (§6.13). */
final class DescriptorTables {
    private static final int TABLE_INDICATOR = 4;
    private static final int ACCESS_BYTE_OFFSET = 5;
    private static final long BUSY = 2;

    private final CpuBlock cpu;
    private final LinearMemory memory;
    private int ext;
    private long address;

    DescriptorTables(SystemContext context) {
        this.cpu = context.cpu;
        this.memory = context.memory;
    }

    /** While an event from outside of the program is delivered, error codes say so (bit EXT). */
    void setExternal(boolean external) {
        ext = external ? 1 : 0;
    }

    /** Whether it selects no segment: index 0 of the GDT, with any RPL. */
    static boolean isNull(int selector) {
        return (selector & 0xFFFC) == 0;
    }

    /** A fault whose error code names a selector. */
    CpuFault fault(int vector, int selector) {
        return cpu.fault(vector, (selector & 0xFFFC) | ext);
    }

    /** A fault with the error code 0, but for EXT. */
    CpuFault fault(int vector) {
        return cpu.fault(vector, ext);
    }

    /** A fault whose error code names a gate of the IDT. */
    CpuFault gateFault(int vector, int gate) {
        return cpu.fault(vector, gate << 3 | 2 | ext);
    }

    /**
     * Reads a descriptor.
     *
     * @param vector of the fault if the selector lies outside its table
     */
    long fetch(int selector, int vector) {
        if (!find(selector, 8)) {
            throw fault(vector, selector);
        }
        return memory.readImplicit(address, 8);
    }

    /**
     * Reads a descriptor for an instruction that does not fault for its selector.
     *
     * @return 0, which is no valid descriptor, if the selector is null or outside its table
     */
    long peek(int selector) {
        return !isNull(selector) && find(selector, 8) ? memory.readImplicit(address, 8) : 0;
    }

    /** The upper half of the 16-byte descriptor that was fetched last (§5.8.3.1, §8.2.3). */
    long fetchUpper(int selector, int vector) {
        if (!find(selector, 16)) {
            throw fault(vector, selector);
        }
        return memory.readImplicit(address + 8, 8);
    }

    /** As {@link #fetchUpper}, for instructions that do not fault; 0 if it is outside the table, which a valid one may be too. */
    boolean hasUpper(int selector) {
        return find(selector, 16);
    }

    /** Sets the accessed flag of the descriptor that was fetched last, if it is not set. Returns the attributes with it. */
    int access(long raw) {
        int attributes = attributes(raw);
        if ((attributes & SegmentAttributes.ACCESSED) == 0) {
            memory.writeImplicit(address + ACCESS_BYTE_OFFSET, 1, (attributes | SegmentAttributes.ACCESSED) & 0xFF);
        }
        return attributes | SegmentAttributes.ACCESSED;
    }

    /** Sets or clears the busy flag of a TSS's descriptor (§8.2.2). */
    void setBusy(int selector, boolean busy) {
        if (find(selector, 8)) {
            long type = memory.readImplicit(address + ACCESS_BYTE_OFFSET, 1);
            memory.writeImplicit(address + ACCESS_BYTE_OFFSET, 1, busy ? type | BUSY : type & ~BUSY);
        }
    }

    private boolean find(int selector, int size) {
        long base = cpu.getLong(StateLayout.GDTR_BASE_OFFSET);
        long limit = Integer.toUnsignedLong(cpu.getInt(StateLayout.GDTR_LIMIT_OFFSET));
        if ((selector & TABLE_INDICATOR) != 0) {
            if ((cpu.attributes(CpuBlock.LDTR) & SegmentAttributes.UNUSABLE) != 0) {
                return false;
            }
            base = cpu.base(CpuBlock.LDTR);
            limit = cpu.limit(CpuBlock.LDTR);
        }
        int offset = selector & 0xFFF8;
        address = (base + offset) & cpu.linearMask();
        return offset + size - 1 <= limit;
    }

    static long base(long raw) {
        return (raw >>> 16 & 0xFF_FFFF) | (raw >>> 56) << 24;
    }

    /** In bytes: of the last valid byte, whatever the granularity. */
    static int limit(long raw) {
        int limit = (int) ((raw & 0xFFFF) | (raw >>> 32 & 0xF_0000));
        return (raw >>> 55 & 1) != 0 ? limit << 12 | 0xFFF : limit;
    }

    static int attributes(long raw) {
        return (int) (raw >>> 40) & 0xF0FF;
    }

    /** The selector in a gate (§5.8.3). */
    static int gateSelector(long raw) {
        return (int) (raw >>> 16) & 0xFFFF;
    }

    /** The 32 bits of offset in a gate. */
    static long gateOffset(long raw) {
        return (raw & 0xFFFF) | (raw >>> 32 & 0xFFFF_0000L);
    }
}
