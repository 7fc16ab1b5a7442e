package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_fpu}. KVM api.rst §4.22 */
public final class KvmFpuLayout {
    public static final int SIZE = 416;
    public static final int FPR_OFFSET = 0;
    public static final int FCW_OFFSET = 128;
    public static final int FSW_OFFSET = 130;
    public static final int FTWX_OFFSET = 132;
    public static final int LAST_OPCODE_OFFSET = 134;
    public static final int LAST_IP_OFFSET = 136;
    public static final int LAST_DP_OFFSET = 144;
    public static final int XMM_OFFSET = 152;
    public static final int MXCSR_OFFSET = 408;

    private KvmFpuLayout() {}

    public static int fcw(MemorySegment m) {
        return Abi.getU16(m, FCW_OFFSET);
    }

    public static void setFcw(MemorySegment m, int value) {
        Abi.setU16(m, FCW_OFFSET, value);
    }

    public static int fsw(MemorySegment m) {
        return Abi.getU16(m, FSW_OFFSET);
    }

    public static void setFsw(MemorySegment m, int value) {
        Abi.setU16(m, FSW_OFFSET, value);
    }

    public static int ftwx(MemorySegment m) {
        return Abi.getU8(m, FTWX_OFFSET);
    }

    public static void setFtwx(MemorySegment m, int value) {
        Abi.setU8(m, FTWX_OFFSET, value);
    }

    public static int lastOpcode(MemorySegment m) {
        return Abi.getU16(m, LAST_OPCODE_OFFSET);
    }

    public static void setLastOpcode(MemorySegment m, int value) {
        Abi.setU16(m, LAST_OPCODE_OFFSET, value);
    }

    public static long lastIp(MemorySegment m) {
        return Abi.getU64(m, LAST_IP_OFFSET);
    }

    public static void setLastIp(MemorySegment m, long value) {
        Abi.setU64(m, LAST_IP_OFFSET, value);
    }

    public static long lastDp(MemorySegment m) {
        return Abi.getU64(m, LAST_DP_OFFSET);
    }

    public static void setLastDp(MemorySegment m, long value) {
        Abi.setU64(m, LAST_DP_OFFSET, value);
    }

    public static int mxcsr(MemorySegment m) {
        return Abi.getU32(m, MXCSR_OFFSET);
    }

    public static void setMxcsr(MemorySegment m, int value) {
        Abi.setU32(m, MXCSR_OFFSET, value);
    }
}
