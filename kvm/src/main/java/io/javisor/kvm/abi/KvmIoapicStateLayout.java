package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_ioapic_state}: the I/O APIC, at {@code at} in {@code kvm_irqchip}. KVM api.rst §4.26 */
public final class KvmIoapicStateLayout {
    public static final int SIZE = 216;
    public static final int BASE_ADDRESS_OFFSET = 0;
    public static final int IOREGSEL_OFFSET = 8;
    public static final int ID_OFFSET = 12;
    public static final int IRR_OFFSET = 16;
    public static final int REDIRTBL_OFFSET = 24;
    public static final int REDIRTBL_COUNT = 24;

    private KvmIoapicStateLayout() {}

    public static long baseAddress(MemorySegment m, long at) {
        return Abi.getU64(m, at + BASE_ADDRESS_OFFSET);
    }

    public static void setBaseAddress(MemorySegment m, long at, long value) {
        Abi.setU64(m, at + BASE_ADDRESS_OFFSET, value);
    }

    public static int ioregsel(MemorySegment m, long at) {
        return Abi.getU32(m, at + IOREGSEL_OFFSET);
    }

    public static void setIoregsel(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + IOREGSEL_OFFSET, value);
    }

    public static int id(MemorySegment m, long at) {
        return Abi.getU32(m, at + ID_OFFSET);
    }

    public static void setId(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + ID_OFFSET, value);
    }

    public static int irr(MemorySegment m, long at) {
        return Abi.getU32(m, at + IRR_OFFSET);
    }

    public static void setIrr(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + IRR_OFFSET, value);
    }

    public static long redirtbl(MemorySegment m, long at, int index) {
        return Abi.getU64(m, at + REDIRTBL_OFFSET + Abi.index(index, REDIRTBL_COUNT) * 8);
    }

    public static void setRedirtbl(MemorySegment m, long at, int index, long value) {
        Abi.setU64(m, at + REDIRTBL_OFFSET + Abi.index(index, REDIRTBL_COUNT) * 8, value);
    }
}
