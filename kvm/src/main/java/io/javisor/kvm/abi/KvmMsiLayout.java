package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_msi}. KVM api.rst §4.71 */
public final class KvmMsiLayout {
    public static final int SIZE = 32;
    public static final int ADDRESS_LO_OFFSET = 0;
    public static final int ADDRESS_HI_OFFSET = 4;
    public static final int DATA_OFFSET = 8;
    public static final int FLAGS_OFFSET = 12;
    public static final int DEVID_OFFSET = 16;

    private KvmMsiLayout() {}

    public static int addressLo(MemorySegment m) {
        return Abi.getU32(m, ADDRESS_LO_OFFSET);
    }

    public static void setAddressLo(MemorySegment m, int value) {
        Abi.setU32(m, ADDRESS_LO_OFFSET, value);
    }

    public static int addressHi(MemorySegment m) {
        return Abi.getU32(m, ADDRESS_HI_OFFSET);
    }

    public static void setAddressHi(MemorySegment m, int value) {
        Abi.setU32(m, ADDRESS_HI_OFFSET, value);
    }

    public static int data(MemorySegment m) {
        return Abi.getU32(m, DATA_OFFSET);
    }

    public static void setData(MemorySegment m, int value) {
        Abi.setU32(m, DATA_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }

    public static int devid(MemorySegment m) {
        return Abi.getU32(m, DEVID_OFFSET);
    }

    public static void setDevid(MemorySegment m, int value) {
        Abi.setU32(m, DEVID_OFFSET, value);
    }
}
