package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_irq_routing}, variable size. KVM api.rst §4.52 */
public final class KvmIrqRoutingLayout {
    public static final int SIZE = 8;
    public static final int NR_OFFSET = 0;
    public static final int FLAGS_OFFSET = 4;
    public static final int ENTRIES_OFFSET = 8;

    private KvmIrqRoutingLayout() {}

    /** Where {@code entries[index]} starts. */
    public static int entryOffset(int index) {
        return ENTRIES_OFFSET + index * KvmIrqRoutingEntryLayout.SIZE;
    }

    /** Bytes of the struct with {@code count} elements. */
    public static int sizeBytes(int count) {
        return ENTRIES_OFFSET + count * KvmIrqRoutingEntryLayout.SIZE;
    }

    public static int nr(MemorySegment m) {
        return Abi.getU32(m, NR_OFFSET);
    }

    public static void setNr(MemorySegment m, int value) {
        Abi.setU32(m, NR_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }

    /** Puts elements from the first on, from 32-bit words, {@link KvmIrqRoutingEntryLayout#SIZE} / 4 of them each. */
    public static void putEntryWords(MemorySegment m, int[] words) {
        Abi.setU32s(m, ENTRIES_OFFSET, words);
    }
}
