package io.javisor.emulator.system;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.Vectors;

/** From segment and offset to the linear address, with the checks of SDM vol. 3A §5.3 and §5.5, and of vol. 1 §3.3.7.1. */
public final class Addressing {
    private final CpuBlock cpu;

    public Addressing(SystemContext context) {
        this.cpu = context.cpu;
    }

    /**
     * Checks an access of data.
     *
     * @param segment {@link CpuBlock#ES} to {@link CpuBlock#GS}; SS for what is addressed through rsp or rbp, as faults differ
     * @param offset cut to the size of the address
     * @param size 1 or more bytes
     * @return the linear address
     */
    public long linear(int segment, long offset, int size, boolean write) {
        if (cpu.code64()) {
            long linear = segment >= CpuBlock.FS ? cpu.base(segment) + offset : offset;
            if (!CpuBlock.isCanonical(linear) || !CpuBlock.isCanonical(linear + size - 1)) {
                throw limitFault(segment);
            }
            checkAlignment(linear, size);
            return linear;
        }
        int attributes = cpu.attributes(segment);
        if (!cpu.realAddressing()) {
            if ((attributes & SegmentAttributes.UNUSABLE) != 0) {
                throw limitFault(segment);
            }
            if (write
                    ? !SegmentAttributes.isWritableData(attributes)
                    : SegmentAttributes.isCode(attributes) && (attributes & SegmentAttributes.READABLE) == 0) {
                throw cpu.generalProtection();
            }
        }
        if (!within(offset, size, cpu.limit(segment), attributes)) {
            throw limitFault(segment);
        }
        long linear = (cpu.base(segment) + offset) & 0xFFFF_FFFFL;
        checkAlignment(linear, size);
        return linear;
    }

    /** #AC for operands of 2, 4 and 8 bytes at CPL 3, if CR0.AM and RFLAGS.AC ask for it (SDM vol. 3A §6.15, interrupt 17). */
    private void checkAlignment(long linear, int size) {
        if ((linear & (size - 1)) != 0
                && size <= 8
                && Integer.bitCount(size) == 1
                && cpu.cpl() == 3
                && cpu.flag(Bits.AC)
                && (cpu.cr0() & Bits.CR0_AM) != 0) {
            throw cpu.fault(Vectors.AC, 0);
        }
    }

    /** Whether bytes lie within a segment (SDM vol. 3A §5.3). {@code offset} has no sign and at most 32 bits. */
    static boolean within(long offset, int size, long limit, int attributes) {
        long last = offset + size - 1;
        if (!SegmentAttributes.isData(attributes) || (attributes & SegmentAttributes.EXPAND_DOWN) == 0) {
            return last <= limit;
        }
        return offset > limit && last <= ((attributes & SegmentAttributes.BIG) != 0 ? 0xFFFF_FFFFL : 0xFFFFL);
    }

    private CpuFault limitFault(int segment) {
        return cpu.fault(segment == CpuBlock.SS ? Vectors.SS : Vectors.GP, 0);
    }
}
