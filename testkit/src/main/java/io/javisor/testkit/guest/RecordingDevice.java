package io.javisor.testkit.guest;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.bus.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A device that notes every access and answers reads with what it was told, in order, then with 0. Any thread.
 */
public final class RecordingDevice implements BusDevice {
    /** An access: {@code count} is above 1 for a string transfer that came in one call, whose values are in {@code values}. */
    public record Access(boolean write, long offset, int size, int count, List<Long> values) {
        /** A single read, with the value that was answered. */
        public static Access read(long offset, int size, long value) {
            return new Access(false, offset, size, 1, List.of(value));
        }

        /** A single write. */
        public static Access write(long offset, int size, long value) {
            return new Access(true, offset, size, 1, List.of(value));
        }
    }

    private final BlockingQueue<Long> answers = new LinkedBlockingQueue<>();
    private final List<Access> accesses = new ArrayList<>();

    /** Adds answers for the reads to come. */
    public RecordingDevice answer(long... values) {
        for (long value : values) {
            answers.add(value);
        }
        return this;
    }

    /** What happened up to now. */
    public synchronized List<Access> accesses() {
        return List.copyOf(accesses);
    }

    @Override
    public long read(long offset, int size) {
        long value = next();
        add(Access.read(offset, size, value));
        return value;
    }

    @Override
    public void write(long offset, int size, long value) {
        add(Access.write(offset, size, value));
    }

    @Override
    public void readString(long offset, int size, MemorySegment data, long dataOffset, int count) {
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long value = next();
            values.add(value);
            LittleEndian.put(data, dataOffset + (long) i * size, size, value);
        }
        add(new Access(false, offset, size, count, values));
    }

    @Override
    public void writeString(long offset, int size, MemorySegment data, long dataOffset, int count) {
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(LittleEndian.get(data, dataOffset + (long) i * size, size));
        }
        add(new Access(true, offset, size, count, values));
    }

    private long next() {
        Long value = answers.poll();
        return value == null ? 0 : value;
    }

    private synchronized void add(Access access) {
        accesses.add(access);
    }
}
