package io.javisor.core.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_signal_mask}, variable size. KVM api.rst §4.21 */
public final class KvmSignalMaskLayout {
    public static final int SIZE = 4;
    public static final int LEN_OFFSET = 0;
    public static final int SIGSET_OFFSET = 4;

    private KvmSignalMaskLayout() {}

    public static int len(MemorySegment m) {
        return Abi.getU32(m, LEN_OFFSET);
    }

    public static void setLen(MemorySegment m, int value) {
        Abi.setU32(m, LEN_OFFSET, value);
    }
}
