package io.javisor.devices.backend;

import io.javisor.core.event.Timer;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The newest {@link #CAPACITY} bytes of a guest's output, for readers that come, go and stall. Each byte has a position, its number in
 * the stream since the start, and each reader keeps its own: one that falls further behind than the log reaches loses the oldest bytes,
 * and nobody else does.
 *
 * <p>A reader may hold the guest: from {@link #HIGH_WATER} bytes behind on the guest is told to wait, until that reader is
 * {@link #LOW_WATER} behind or gone. For readers that don't, it never waits.
 *
 * <p>Any thread may call anything. Appending allocates nothing and makes no system call but a timer's.
 */
final class OutputLog implements AutoCloseable {
    static final int CAPACITY = 1 << 20;

    /** Above, the guest's transmitter is held; what is left is for a guest that writes without looking. */
    static final int HIGH_WATER = CAPACITY - (CAPACITY >> 4);

    /** Below, it is released. */
    static final int LOW_WATER = CAPACITY / 2;

    /** What a reader that comes late sees at most. */
    static final int SCROLLBACK = 1 << 16;

    /** So many bytes are not kept waiting for more, nor are fewer longer than {@link #BATCH_DELAY_NANOS}. */
    static final int BATCH_SIZE = 4096;

    static final long BATCH_DELAY_NANOS = 1_000_000;

    /** {@link #take}: the byte at this position is gone. */
    static final int OVERRUN = -1;

    /** A reader that the guest waits for, as the log knows it. */
    static final class Holder {
        private long position;

        private Holder(long position) {
            this.position = position;
        }
    }

    private final Object lock = new Object();
    private final ByteRing ring = new ByteRing(CAPACITY);
    private final Timer timer;
    private final Runnable flush;
    private Holder[] holders = {};
    private long end;
    private long refusedBytes; // that came after the log was closed
    private int gathered;
    private boolean held;
    private boolean wanted;
    private boolean scheduled;
    private boolean expedited;
    private boolean closed;

    /** @param flush runs on the loop when there is output for a reader that had taken all; see {@link #take} and {@link #await} */
    OutputLog(String name, HostEvents events, Runnable flush) {
        this.timer = events.newTimer(name + "/output", this::due);
        this.flush = flush;
    }

    /**
     * Adds a byte.
     *
     * @return whether the guest may go on
     */
    boolean append(int value) {
        synchronized (lock) {
            if (closed) {
                refusedBytes++;
                return true;
            }
            makeRoom(1);
            ring.add(value);
            return appended(1);
        }
    }

    /**
     * Adds {@code count} bytes, which may be 0, to ask.
     *
     * @return whether the guest may go on
     */
    boolean append(MemorySegment data, long dataOffset, int count) {
        synchronized (lock) {
            if (closed) {
                refusedBytes += count;
                return true;
            }
            if (count == 0) {
                return !held;
            }
            int kept = Math.min(count, CAPACITY);
            makeRoom(kept);
            ring.add(data, dataOffset + count - kept, kept);
            return appended(count);
        }
    }

    /** The position of the next byte. */
    long end() {
        synchronized (lock) {
            return end;
        }
    }

    /** How many bytes came from {@code position} on, lost and refused ones included. */
    long behind(long position) {
        synchronized (lock) {
            return end + refusedBytes - position;
        }
    }

    /** How many bytes from {@code position} on are gone. */
    long overrun(long position) {
        synchronized (lock) {
            return closed ? 0 : Math.max(0, end - ring.size() - position);
        }
    }

    /** How many bytes came after the log was closed. */
    long refused() {
        synchronized (lock) {
            return refusedBytes;
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

    /** Has {@code flush} run for a reader that has come to {@code position}: when there is a batch for it, or some bytes for a while. */
    void await(long position) {
        synchronized (lock) {
            if (!closed) {
                wanted = true;
                gather((int) Math.min(end - position, BATCH_SIZE));
            }
        }
    }

    /** Has the guest wait for a reader that starts at the end. It is to {@link #advance} what it returns. */
    Holder hold() {
        synchronized (lock) {
            Holder holder = new Holder(end);
            holders = Arrays.copyOf(holders, holders.length + 1);
            holders[holders.length - 1] = holder;
            wanted = true;
            return holder;
        }
    }

    /**
     * A reader that holds the guest has come to {@code position}.
     *
     * @return whether the guest, which was held, may go on now: it is the caller's to say so, without a lock
     */
    boolean advance(Holder holder, long position) {
        synchronized (lock) {
            holder.position = position;
            return settle();
        }
    }

    /**
     * The guest waits for this reader no longer.
     *
     * @return as {@link #advance}
     */
    boolean letGo(Holder holder) {
        synchronized (lock) {
            int count = 0;
            Holder[] others = new Holder[holders.length];
            for (Holder other : holders) {
                if (!other.equals(holder)) {
                    others[count++] = other;
                }
            }
            holders = Arrays.copyOf(others, count);
            return settle();
        }
    }

    /** Frees the memory; what is appended from now on is counted only. Idempotent. */
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

    /** Called on vCPU threads: nothing but timer calls. */
    private boolean appended(int count) {
        end += count;
        if (wanted) {
            gather(count);
        }
        if (!held && mostBehind() > HIGH_WATER) {
            held = true;
        }
        return !held;
    }

    private void gather(int count) {
        if (count == 0) {
            return;
        }
        gathered += count;
        if (!scheduled || (!expedited && gathered >= BATCH_SIZE)) {
            scheduled = true;
            expedited = gathered >= BATCH_SIZE;
            timer.schedule(expedited ? 1 : BATCH_DELAY_NANOS);
        }
    }

    private boolean settle() {
        boolean released = held && mostBehind() <= LOW_WATER;
        if (released) {
            held = false;
        }
        return released;
    }

    /** How far the slowest of those is who hold the guest. */
    private long mostBehind() {
        long most = 0;
        for (Holder holder : holders) {
            most = Math.max(most, end - holder.position);
        }
        return most;
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
