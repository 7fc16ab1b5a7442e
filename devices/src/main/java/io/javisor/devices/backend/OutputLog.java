package io.javisor.devices.backend;

import io.javisor.core.event.Timer;
import java.lang.foreign.MemorySegment;

/**
 * The newest {@link #CAPACITY} bytes of a guest's output, for readers that come, go and stall. Each byte has a position, its number in
 * the stream since the start, and each reader keeps its own: one that falls further behind than the log reaches loses the oldest bytes,
 * and nobody else does. The guest never waits.
 *
 * <p>Any thread may call anything. Appending allocates nothing and makes no system call but a timer's.
 */
final class OutputLog implements AutoCloseable {
    static final int CAPACITY = 1 << 20;

    /** What a reader that comes late sees at most. */
    static final int SCROLLBACK = 1 << 16;

    /** {@link #take}: the byte at this position is gone. */
    static final int OVERRUN = -1;

    private final Object lock = new Object();
    private final ByteRing ring = new ByteRing(CAPACITY);
    private final Timer timer;
    private final Runnable flush;
    private long end;
    private int gathered;
    private boolean wanted;
    private boolean scheduled;
    private boolean expedited;
    private boolean closed;

    /** @param flush runs on the loop when there is output for a reader that had taken all; see {@link #take} */
    OutputLog(String name, HostEvents events, Runnable flush) {
        this.timer = events.newTimer(name + "/output", this::due);
        this.flush = flush;
    }

    void append(int value) {
        synchronized (lock) {
            if (!closed) {
                makeRoom(1);
                ring.add(value);
                appended(1);
            }
        }
    }

    void append(MemorySegment data, long dataOffset, int count) {
        synchronized (lock) {
            if (!closed) {
                int kept = Math.min(count, CAPACITY);
                makeRoom(kept);
                ring.add(data, dataOffset + count - kept, kept);
                appended(count);
            }
        }
    }

    /** The position of the next byte. */
    long end() {
        synchronized (lock) {
            return end;
        }
    }

    /** Where a reader starts that wants at most {@code count} bytes of what was. */
    long startOfLast(int count) {
        synchronized (lock) {
            return closed ? end : end - Math.min(ring.size(), count);
        }
    }

    /**
     * Copies what follows {@code position} to {@code target}.
     *
     * @return how many bytes, or {@link #OVERRUN}; 0 if there is nothing yet: {@code flush} then runs when there is
     */
    int take(long position, MemorySegment target) {
        synchronized (lock) {
            if (closed) {
                return 0;
            }
            long available = end - position;
            if (available > ring.size()) {
                return OVERRUN;
            }
            if (available == 0) {
                wanted = true;
                return 0;
            }
            int count = (int) Math.min(available, target.byteSize());
            ring.copyOut(ring.size() - (int) available, target, count);
            return count;
        }
    }

    /** Frees the memory; appending does nothing from now on. Idempotent. */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            ring.close();
        }
        timer.close();
    }

    private void makeRoom(int count) {
        int missing = count - ring.free();
        if (missing > 0) {
            ring.consume(missing);
        }
    }

    /** Batches as {@link OutputPump} does. */
    private void appended(int count) {
        end += count;
        if (!wanted) {
            return;
        }
        gathered += count;
        if (!scheduled || (!expedited && gathered >= OutputPump.BATCH_SIZE)) {
            scheduled = true;
            expedited = gathered >= OutputPump.BATCH_SIZE;
            timer.schedule(expedited ? 1 : OutputPump.BATCH_DELAY_NANOS);
        }
    }

    /** On the loop. */
    private void due() {
        synchronized (lock) {
            scheduled = false;
            expedited = false;
            wanted = false; // until a reader has caught up again
            gathered = 0;
        }
        flush.run();
    }
}
