package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_ioeventfd}. KVM api.rst §4.59 */
public final class KvmIoeventfdLayout {
    public static final int SIZE = 64;
    public static final int DATAMATCH_OFFSET = 0;
    public static final int ADDR_OFFSET = 8;
    public static final int LEN_OFFSET = 16;
    public static final int FD_OFFSET = 20;
    public static final int FLAGS_OFFSET = 24;

    private KvmIoeventfdLayout() {}

    public static long datamatch(MemorySegment m) {
        return Abi.getU64(m, DATAMATCH_OFFSET);
    }

    public static void setDatamatch(MemorySegment m, long value) {
        Abi.setU64(m, DATAMATCH_OFFSET, value);
    }

    public static long addr(MemorySegment m) {
        return Abi.getU64(m, ADDR_OFFSET);
    }

    public static void setAddr(MemorySegment m, long value) {
        Abi.setU64(m, ADDR_OFFSET, value);
    }

    public static int len(MemorySegment m) {
        return Abi.getU32(m, LEN_OFFSET);
    }

    public static void setLen(MemorySegment m, int value) {
        Abi.setU32(m, LEN_OFFSET, value);
    }

    public static int fd(MemorySegment m) {
        return Abi.getU32(m, FD_OFFSET);
    }

    public static void setFd(MemorySegment m, int value) {
        Abi.setU32(m, FD_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }
}
