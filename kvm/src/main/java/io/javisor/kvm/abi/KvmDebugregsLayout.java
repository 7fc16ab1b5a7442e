package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_debugregs}. KVM api.rst §4.33 */
public final class KvmDebugregsLayout {
    public static final int SIZE = 128;
    public static final int DB_OFFSET = 0;
    public static final int DB_COUNT = 4;
    public static final int DR6_OFFSET = 32;
    public static final int DR7_OFFSET = 40;
    public static final int FLAGS_OFFSET = 48;

    private KvmDebugregsLayout() {}

    public static long db(MemorySegment m, int index) {
        return Abi.getU64(m, DB_OFFSET + Abi.index(index, DB_COUNT) * 8);
    }

    public static void setDb(MemorySegment m, int index, long value) {
        Abi.setU64(m, DB_OFFSET + Abi.index(index, DB_COUNT) * 8, value);
    }

    public static long dr6(MemorySegment m) {
        return Abi.getU64(m, DR6_OFFSET);
    }

    public static void setDr6(MemorySegment m, long value) {
        Abi.setU64(m, DR6_OFFSET, value);
    }

    public static long dr7(MemorySegment m) {
        return Abi.getU64(m, DR7_OFFSET);
    }

    public static void setDr7(MemorySegment m, long value) {
        Abi.setU64(m, DR7_OFFSET, value);
    }

    public static long flags(MemorySegment m) {
        return Abi.getU64(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, long value) {
        Abi.setU64(m, FLAGS_OFFSET, value);
    }
}
