package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_clock_data}. KVM api.rst §4.29 */
public final class KvmClockDataLayout {
    public static final int SIZE = 48;
    public static final int CLOCK_OFFSET = 0;
    public static final int FLAGS_OFFSET = 8;
    public static final int REALTIME_OFFSET = 16;
    public static final int HOST_TSC_OFFSET = 24;

    private KvmClockDataLayout() {}

    public static long clock(MemorySegment m) {
        return Abi.getU64(m, CLOCK_OFFSET);
    }

    public static void setClock(MemorySegment m, long value) {
        Abi.setU64(m, CLOCK_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }

    public static long realtime(MemorySegment m) {
        return Abi.getU64(m, REALTIME_OFFSET);
    }

    public static void setRealtime(MemorySegment m, long value) {
        Abi.setU64(m, REALTIME_OFFSET, value);
    }

    public static long hostTsc(MemorySegment m) {
        return Abi.getU64(m, HOST_TSC_OFFSET);
    }

    public static void setHostTsc(MemorySegment m, long value) {
        Abi.setU64(m, HOST_TSC_OFFSET, value);
    }
}
