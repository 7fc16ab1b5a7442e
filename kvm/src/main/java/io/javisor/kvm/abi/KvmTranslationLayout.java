package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_translation}. KVM api.rst §4.15 */
public final class KvmTranslationLayout {
    public static final int SIZE = 24;
    public static final int LINEAR_ADDRESS_OFFSET = 0;
    public static final int PHYSICAL_ADDRESS_OFFSET = 8;
    public static final int VALID_OFFSET = 16;
    public static final int WRITEABLE_OFFSET = 17;
    public static final int USERMODE_OFFSET = 18;

    private KvmTranslationLayout() {}

    public static long linearAddress(MemorySegment m) {
        return Abi.getU64(m, LINEAR_ADDRESS_OFFSET);
    }

    public static void setLinearAddress(MemorySegment m, long value) {
        Abi.setU64(m, LINEAR_ADDRESS_OFFSET, value);
    }

    public static long physicalAddress(MemorySegment m) {
        return Abi.getU64(m, PHYSICAL_ADDRESS_OFFSET);
    }

    public static void setPhysicalAddress(MemorySegment m, long value) {
        Abi.setU64(m, PHYSICAL_ADDRESS_OFFSET, value);
    }

    public static int valid(MemorySegment m) {
        return Abi.getU8(m, VALID_OFFSET);
    }

    public static void setValid(MemorySegment m, int value) {
        Abi.setU8(m, VALID_OFFSET, value);
    }

    public static int writeable(MemorySegment m) {
        return Abi.getU8(m, WRITEABLE_OFFSET);
    }

    public static void setWriteable(MemorySegment m, int value) {
        Abi.setU8(m, WRITEABLE_OFFSET, value);
    }

    public static int usermode(MemorySegment m) {
        return Abi.getU8(m, USERMODE_OFFSET);
    }

    public static void setUsermode(MemorySegment m, int value) {
        Abi.setU8(m, USERMODE_OFFSET, value);
    }
}
