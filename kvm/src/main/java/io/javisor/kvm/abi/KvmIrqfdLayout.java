package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_irqfd}. KVM api.rst §4.75 */
public final class KvmIrqfdLayout {
    public static final int SIZE = 32;
    public static final int FD_OFFSET = 0;
    public static final int GSI_OFFSET = 4;
    public static final int FLAGS_OFFSET = 8;
    public static final int RESAMPLEFD_OFFSET = 12;

    private KvmIrqfdLayout() {}

    public static int fd(MemorySegment m) {
        return Abi.getU32(m, FD_OFFSET);
    }

    public static void setFd(MemorySegment m, int value) {
        Abi.setU32(m, FD_OFFSET, value);
    }

    public static int gsi(MemorySegment m) {
        return Abi.getU32(m, GSI_OFFSET);
    }

    public static void setGsi(MemorySegment m, int value) {
        Abi.setU32(m, GSI_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }

    public static int resamplefd(MemorySegment m) {
        return Abi.getU32(m, RESAMPLEFD_OFFSET);
    }

    public static void setResamplefd(MemorySegment m, int value) {
        Abi.setU32(m, RESAMPLEFD_OFFSET, value);
    }
}
