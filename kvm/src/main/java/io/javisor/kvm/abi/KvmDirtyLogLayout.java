package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_dirty_log}. KVM api.rst §4.8 */
public final class KvmDirtyLogLayout {
    public static final int SIZE = 16;
    public static final int SLOT_OFFSET = 0;
    public static final int DIRTY_BITMAP_OFFSET = 8;

    private KvmDirtyLogLayout() {}

    public static int slot(MemorySegment m) {
        return Abi.getU32(m, SLOT_OFFSET);
    }

    public static void setSlot(MemorySegment m, int value) {
        Abi.setU32(m, SLOT_OFFSET, value);
    }

    public static long dirtyBitmap(MemorySegment m) {
        return Abi.getU64(m, DIRTY_BITMAP_OFFSET);
    }

    public static void setDirtyBitmap(MemorySegment m, long value) {
        Abi.setU64(m, DIRTY_BITMAP_OFFSET, value);
    }
}
