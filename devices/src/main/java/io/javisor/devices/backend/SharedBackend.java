package io.javisor.devices.backend;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A serial line with several ends on the host: each gets all output, and the input of all goes to the guest. The guest waits for
 * the slowest of those ends that hold it at all. An end can be taken off while the others go on.
 */
public final class SharedBackend implements SinkBackend {
    private final SinkBackend[] all;
    private volatile SinkBackend[] present;
    private volatile @Nullable Listener listener;

    /** @param ends at least one; the first one's figures are the line's. They are this object's to close */
    public SharedBackend(List<? extends SinkBackend> ends) {
        if (ends.isEmpty()) {
            throw new IllegalArgumentException("a shared line without an end");
        }
        all = ends.toArray(SinkBackend[]::new);
        present = all;
    }

    @Override
    public void attach(Listener newListener) {
        listener = newListener;
        for (SinkBackend end : present) {
            end.attach(newListener);
        }
    }

    @Override
    public int read() {
        for (SinkBackend end : present) {
            int unit = end.read();
            if (unit != NOTHING) {
                return unit;
            }
        }
        return NOTHING;
    }

    @Override
    public boolean write(int value) {
        boolean goOn = true;
        for (SinkBackend end : present) {
            goOn &= end.write(value);
        }
        return goOn;
    }

    /** Asked without bytes, it says whether all ends have room: each that had none tells the listener on its own. */
    @Override
    public boolean write(MemorySegment data, long dataOffset, int count) {
        boolean goOn = true;
        for (SinkBackend end : present) {
            goOn &= end.write(data, dataOffset, count);
        }
        return goOn;
    }

    /** The first end of a kind, taken off or not; null if there never was one. */
    public <T extends SinkBackend> @Nullable T end(Class<T> kind) {
        for (SinkBackend end : all) {
            if (kind.isInstance(end)) {
                return kind.cast(end);
            }
        }
        return null;
    }

    /** Figures of the first end; what was read is the sum of all. */
    @Override
    public SerialCounters counters() {
        SerialCounters first = all[0].counters();
        long readBytes = 0;
        for (SinkBackend end : all) {
            readBytes += end.counters().readBytes();
        }
        return new SerialCounters(
                readBytes, first.writtenBytes(), first.writeCalls(), first.lostBytes(), first.discardedBytes());
    }

    /**
     * Takes an end off and closes it; what it has not written within {@code timeoutNanos} is lost. Not to be called on the loop.
     * Nothing is done for one that is off already.
     */
    public void takeOff(SinkBackend end, long timeoutNanos) {
        synchronized (all) {
            int length = present.length;
            SinkBackend[] others = new SinkBackend[length];
            int count = 0;
            for (SinkBackend other : present) {
                if (!other.equals(end)) {
                    others[count++] = other;
                }
            }
            if (count == length) {
                return;
            }
            present = Arrays.copyOf(others, count);
        }
        boolean _ = end.flushAndClose(timeoutNanos);
        // If it held the guest it will never say that it has room; another that holds it says so itself.
        Listener guest = listener;
        if (guest != null) {
            guest.outputDrained();
        }
    }

    @Override
    public boolean flushAndClose(long timeoutNanos) {
        long deadline = System.nanoTime() + timeoutNanos;
        boolean flushed = true;
        for (SinkBackend end : present) {
            flushed &= end.flushAndClose(Math.max(0, deadline - System.nanoTime()));
        }
        return flushed;
    }

    @Override
    public void close() {
        for (SinkBackend end : present) {
            end.close();
        }
    }
}
