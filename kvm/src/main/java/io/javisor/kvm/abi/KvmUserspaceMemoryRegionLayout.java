package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_userspace_memory_region}. KVM api.rst §4.35 */
public final class KvmUserspaceMemoryRegionLayout {
    public static final int SIZE = 32;
    public static final int SLOT_OFFSET = 0;
    public static final int FLAGS_OFFSET = 4;
    public static final int GUEST_PHYS_ADDR_OFFSET = 8;
    public static final int MEMORY_SIZE_OFFSET = 16;
    public static final int USERSPACE_ADDR_OFFSET = 24;

    private KvmUserspaceMemoryRegionLayout() {}

    public static int slot(MemorySegment m) {
        return Abi.getU32(m, SLOT_OFFSET);
    }

    public static void setSlot(MemorySegment m, int value) {
        Abi.setU32(m, SLOT_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }

    public static long guestPhysAddr(MemorySegment m) {
        return Abi.getU64(m, GUEST_PHYS_ADDR_OFFSET);
    }

    public static void setGuestPhysAddr(MemorySegment m, long value) {
        Abi.setU64(m, GUEST_PHYS_ADDR_OFFSET, value);
    }

    public static long memorySize(MemorySegment m) {
        return Abi.getU64(m, MEMORY_SIZE_OFFSET);
    }

    public static void setMemorySize(MemorySegment m, long value) {
        Abi.setU64(m, MEMORY_SIZE_OFFSET, value);
    }

    public static long userspaceAddr(MemorySegment m) {
        return Abi.getU64(m, USERSPACE_ADDR_OFFSET);
    }

    public static void setUserspaceAddr(MemorySegment m, long value) {
        Abi.setU64(m, USERSPACE_ADDR_OFFSET, value);
    }
}
