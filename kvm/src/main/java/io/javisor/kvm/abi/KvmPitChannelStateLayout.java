package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_pit_channel_state}, one of three in {@code kvm_pit_state2}. KVM api.rst §4.72 */
public final class KvmPitChannelStateLayout {
    public static final int SIZE = 24;
    public static final int COUNT_OFFSET = 0;
    public static final int LATCHED_COUNT_OFFSET = 4;
    public static final int COUNT_LATCHED_OFFSET = 6;
    public static final int STATUS_LATCHED_OFFSET = 7;
    public static final int STATUS_OFFSET = 8;
    public static final int READ_STATE_OFFSET = 9;
    public static final int WRITE_STATE_OFFSET = 10;
    public static final int WRITE_LATCH_OFFSET = 11;
    public static final int RW_MODE_OFFSET = 12;
    public static final int MODE_OFFSET = 13;
    public static final int BCD_OFFSET = 14;
    public static final int GATE_OFFSET = 15;
    public static final int COUNT_LOAD_TIME_OFFSET = 16;

    private KvmPitChannelStateLayout() {}

    public static int count(MemorySegment m, long at) {
        return Abi.getU32(m, at + COUNT_OFFSET);
    }

    public static void setCount(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + COUNT_OFFSET, value);
    }

    public static int latchedCount(MemorySegment m, long at) {
        return Abi.getU16(m, at + LATCHED_COUNT_OFFSET);
    }

    public static void setLatchedCount(MemorySegment m, long at, int value) {
        Abi.setU16(m, at + LATCHED_COUNT_OFFSET, value);
    }

    public static int countLatched(MemorySegment m, long at) {
        return Abi.getU8(m, at + COUNT_LATCHED_OFFSET);
    }

    public static void setCountLatched(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + COUNT_LATCHED_OFFSET, value);
    }

    public static int statusLatched(MemorySegment m, long at) {
        return Abi.getU8(m, at + STATUS_LATCHED_OFFSET);
    }

    public static void setStatusLatched(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + STATUS_LATCHED_OFFSET, value);
    }

    public static int status(MemorySegment m, long at) {
        return Abi.getU8(m, at + STATUS_OFFSET);
    }

    public static void setStatus(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + STATUS_OFFSET, value);
    }

    public static int readState(MemorySegment m, long at) {
        return Abi.getU8(m, at + READ_STATE_OFFSET);
    }

    public static void setReadState(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + READ_STATE_OFFSET, value);
    }

    public static int writeState(MemorySegment m, long at) {
        return Abi.getU8(m, at + WRITE_STATE_OFFSET);
    }

    public static void setWriteState(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + WRITE_STATE_OFFSET, value);
    }

    public static int writeLatch(MemorySegment m, long at) {
        return Abi.getU8(m, at + WRITE_LATCH_OFFSET);
    }

    public static void setWriteLatch(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + WRITE_LATCH_OFFSET, value);
    }

    public static int rwMode(MemorySegment m, long at) {
        return Abi.getU8(m, at + RW_MODE_OFFSET);
    }

    public static void setRwMode(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + RW_MODE_OFFSET, value);
    }

    public static int mode(MemorySegment m, long at) {
        return Abi.getU8(m, at + MODE_OFFSET);
    }

    public static void setMode(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + MODE_OFFSET, value);
    }

    public static int bcd(MemorySegment m, long at) {
        return Abi.getU8(m, at + BCD_OFFSET);
    }

    public static void setBcd(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + BCD_OFFSET, value);
    }

    public static int gate(MemorySegment m, long at) {
        return Abi.getU8(m, at + GATE_OFFSET);
    }

    public static void setGate(MemorySegment m, long at, int value) {
        Abi.setU8(m, at + GATE_OFFSET, value);
    }

    public static long countLoadTime(MemorySegment m, long at) {
        return Abi.getU64(m, at + COUNT_LOAD_TIME_OFFSET);
    }

    public static void setCountLoadTime(MemorySegment m, long at, long value) {
        Abi.setU64(m, at + COUNT_LOAD_TIME_OFFSET, value);
    }
}
