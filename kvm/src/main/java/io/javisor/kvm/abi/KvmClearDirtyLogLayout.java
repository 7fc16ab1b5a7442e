package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_clear_dirty_log}. KVM api.rst §4.117 */
public final class KvmClearDirtyLogLayout {
    public static final int SIZE = 24;
    public static final int SLOT_OFFSET = 0;
    public static final int NUM_PAGES_OFFSET = 4;
    public static final int FIRST_PAGE_OFFSET = 8;
    public static final int DIRTY_BITMAP_OFFSET = 16;

    private KvmClearDirtyLogLayout() {}

    public static int slot(MemorySegment m) {
        return Abi.getU32(m, SLOT_OFFSET);
    }

    public static void setSlot(MemorySegment m, int value) {
        Abi.setU32(m, SLOT_OFFSET, value);
    }

    public static int numPages(MemorySegment m) {
        return Abi.getU32(m, NUM_PAGES_OFFSET);
    }

    public static void setNumPages(MemorySegment m, int value) {
        Abi.setU32(m, NUM_PAGES_OFFSET, value);
    }

    public static long firstPage(MemorySegment m) {
        return Abi.getU64(m, FIRST_PAGE_OFFSET);
    }

    public static void setFirstPage(MemorySegment m, long value) {
        Abi.setU64(m, FIRST_PAGE_OFFSET, value);
    }

    public static long dirtyBitmap(MemorySegment m) {
        return Abi.getU64(m, DIRTY_BITMAP_OFFSET);
    }

    public static void setDirtyBitmap(MemorySegment m, long value) {
        Abi.setU64(m, DIRTY_BITMAP_OFFSET, value);
    }
}
