package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_pit_state2}: the interval timer. KVM api.rst §4.72 */
public final class KvmPitState2Layout {
    public static final int SIZE = 112;
    public static final int CHANNELS_OFFSET = 0;
    public static final int CHANNELS_COUNT = 3;
    public static final int FLAGS_OFFSET = 72;

    private KvmPitState2Layout() {}

    /** Where {@code channels[index]} starts. */
    public static int channelOffset(int index) {
        return CHANNELS_OFFSET + index * KvmPitChannelStateLayout.SIZE;
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }
}
