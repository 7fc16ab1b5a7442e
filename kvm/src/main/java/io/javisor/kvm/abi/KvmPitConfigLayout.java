package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_pit_config}. KVM api.rst §4.71 */
public final class KvmPitConfigLayout {
    public static final int SIZE = 64;
    public static final int FLAGS_OFFSET = 0;

    private KvmPitConfigLayout() {}

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }
}
