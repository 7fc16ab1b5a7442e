package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_cpuid2}, variable size. KVM api.rst §4.20 */
public final class KvmCpuid2Layout {
    public static final int SIZE = 8;
    public static final int NENT_OFFSET = 0;
    public static final int ENTRIES_OFFSET = 8;

    private KvmCpuid2Layout() {}

    /** Where {@code entries[index]} starts. */
    public static int entryOffset(int index) {
        return ENTRIES_OFFSET + index * KvmCpuidEntry2Layout.SIZE;
    }

    /** Bytes of the struct with {@code count} elements. */
    public static int sizeBytes(int count) {
        return ENTRIES_OFFSET + count * KvmCpuidEntry2Layout.SIZE;
    }

    public static int nent(MemorySegment m) {
        return Abi.getU32(m, NENT_OFFSET);
    }

    public static void setNent(MemorySegment m, int value) {
        Abi.setU32(m, NENT_OFFSET, value);
    }

    /** The first {@code count} elements as 32-bit words, {@link KvmCpuidEntry2Layout#SIZE} / 4 of them each. */
    public static int[] entryWords(MemorySegment m, int count) {
        return Abi.getU32s(m, ENTRIES_OFFSET, count * (KvmCpuidEntry2Layout.SIZE / Integer.BYTES));
    }

    /** Puts elements from the first on, from 32-bit words, {@link KvmCpuidEntry2Layout#SIZE} / 4 of them each. */
    public static void putEntryWords(MemorySegment m, int[] words) {
        Abi.setU32s(m, ENTRIES_OFFSET, words);
    }
}
