package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.EPOLLOUT;

import io.javisor.core.event.Timer;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings bytes to a descriptor in batches: after {@link #BATCH_DELAY_NANOS} or when {@link #BATCH_SIZE} bytes are there, whichever
 * is first, with one write(2) a batch.
 *
 * <p>Neither the writer nor the loop ever waits. The loop finds out when the descriptor takes bytes (the descriptor's own mode is
 * left alone: the terminal is shared with other programs), and then a worker writes at most {@link #BATCH_SIZE} bytes. To a
 * pipe that cannot block, for POLLOUT promises PIPE_BUF bytes; to a terminal it can (stopped by Ctrl-S between the poll and the
 * write), and then it holds that one worker until the terminal goes on. A terminal opened anew by
 * {@link io.javisor.core.host.Fd#reopenNonBlocking} never does: hand that in where it can be had. Regular files are always ready,
 * and as slow as their disk: the worker again.
 *
 * <p>When the reader has gone, or the disk is full, what the guest sends is counted and discarded: the guest lives on. A reader never
 * comes back, but a disk may have room again: each batch to a file is tried.
 */
final class OutputPump implements AutoCloseable {
    static final int CAPACITY = 1 << 20;
    static final int BATCH_SIZE = 4096;
    static final long BATCH_DELAY_NANOS = 1_000_000;

    /** Above, the guest's transmitter is held; what is left is for a guest that writes without looking. */
    static final int HIGH_WATER = CAPACITY - (CAPACITY >> 4);

    /** Below, it is released. */
    static final int LOW_WATER = CAPACITY / 2;

    private static final Logger LOG = LoggerFactory.getLogger(OutputPump.class);

    private enum State {
        /** Nothing to write. */
        IDLE,
        /** The timer runs. */
        GATHERING,
        /** The loop waits until the descriptor takes bytes. */
        AWAITING_ROOM,
        /** A worker writes. */
        WRITING,
        /** The reader has gone. */
        BROKEN,
        CLOSED
    }

    private final Object lock = new Object();
    private final String name;
    private final OutputTarget target;
    private final Runnable drained;
    private final HostEvents.Work writeWork;
    private final Timer timer;
    private final HostEvents.@Nullable Watch watch;
    private final ByteRing ring = new ByteRing(CAPACITY);

    private State state = State.IDLE;
    private boolean expedited;
    private boolean flushing;
    private boolean held;
    private boolean writeInFlight;
    private int fileErrno; // the first with which a file refused output
    private long lastResult; // of write(2)
    private long writtenBytes;
    private long writeCalls;
    private long lostBytes;
    private long discardedBytes;

    /**
     * @param fd open for writing, in blocking mode or not; stays the caller's
     * @param drained runs after {@code append} returned false, when there is room again; not under a lock of this object
     */
    OutputPump(String name, int fd, HostEvents events, Runnable drained) {
        this.name = name;
        this.target = (hva, count) -> Libc.write(fd, hva, count);
        this.drained = drained;
        this.timer = events.newTimer(name + "/output", this::gathered);
        this.writeWork = events.newWork(name + "/output", this::writeBatch, this::batchWritten);
        this.watch = watchUnlessAlwaysReady(name + "/output", fd, events, this::roomAvailable);
    }

    /**
     * As for a regular file: always ready, and as slow as it may be.
     *
     * @param drained runs after {@code append} returned false, when there is room again; not under a lock of this object
     */
    OutputPump(String name, OutputTarget target, HostEvents events, Runnable drained) {
        this.name = name;
        this.target = target;
        this.drained = drained;
        this.timer = events.newTimer(name + "/output", this::gathered);
        this.writeWork = events.newWork(name + "/output", this::writeBatch, this::batchWritten);
        this.watch = null;
    }

    /** A watch, or null for a descriptor that epoll refuses because it is always ready. */
    static HostEvents.@Nullable Watch watchUnlessAlwaysReady(String name, int fd, HostEvents events, Runnable ready) {
        try {
            return events.watch(name, fd, ready);
        } catch (HostException e) {
            if (e.errno() == Errno.EPERM) {
                return null;
            }
            throw e;
        }
    }

    /** As {@link SerialBackend#write(int)}. */
    boolean append(int value) {
        synchronized (lock) {
            if (refuses(1)) {
                return true;
            }
            if (ring.free() == 0) {
                lostBytes++;
                return false;
            }
            ring.add(value);
            return appended();
        }
    }

    /** As {@link SerialBackend#write(MemorySegment, long, int)}. */
    boolean append(MemorySegment data, long dataOffset, int count) {
        synchronized (lock) {
            if (refuses(count)) {
                return true;
            }
            if (count == 0) {
                return !held;
            }
            int taken = Math.min(count, ring.free());
            ring.add(data, dataOffset, taken);
            lostBytes += count - taken;
            return appended();
        }
    }

    /**
     * Writes what there is at once, waits until it is written or {@code timeoutNanos} are over, and closes.
     *
     * @return whether everything was written (or its reader had gone)
     */
    boolean flushAndClose(long timeoutNanos) {
        boolean flushed;
        synchronized (lock) {
            flushing = true;
            if (state == State.GATHERING) {
                beginWrite();
            }
            long deadline = System.nanoTime() + timeoutNanos;
            while (state == State.GATHERING || state == State.AWAITING_ROOM || state == State.WRITING) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            flushed = state == State.IDLE || state == State.BROKEN || state == State.CLOSED;
        }
        close();
        return flushed;
    }

    /** Gives up what is not written. Idempotent. */
    @Override
    public void close() {
        synchronized (lock) {
            if (state == State.CLOSED) {
                return;
            }
            state = State.CLOSED;
            lostBytes += ring.size();
            if (!writeInFlight) {
                ring.close();
            }
            lock.notifyAll();
        }
        timer.close();
        writeWork.close();
        if (watch != null) {
            watch.close();
        }
    }

    /** Adds this side's figures. */
    SerialCounters counters(long readBytes) {
        synchronized (lock) {
            return new SerialCounters(readBytes, writtenBytes, writeCalls, lostBytes, discardedBytes);
        }
    }

    /** The error number with which a file refused output first; 0 if none did. A reader that goes is no error. */
    int fileErrno() {
        synchronized (lock) {
            return fileErrno;
        }
    }

    private boolean refuses(int count) {
        if (state == State.BROKEN || state == State.CLOSED) {
            discardedBytes += count;
            return true;
        }
        return false;
    }

    /** Under the lock, after bytes were added. Called on vCPU threads: nothing but timer calls. */
    private boolean appended() {
        if (state == State.IDLE) {
            state = State.GATHERING;
            expedited = ring.size() >= BATCH_SIZE;
            timer.schedule(expedited ? 1 : BATCH_DELAY_NANOS);
        } else if (state == State.GATHERING && !expedited && ring.size() >= BATCH_SIZE) {
            expedited = true;
            timer.schedule(1);
        }
        if (ring.size() > HIGH_WATER) {
            held = true;
        }
        return !held;
    }

    /** On the loop: the batch is due. */
    private void gathered() {
        synchronized (lock) {
            if (state == State.GATHERING) {
                beginWrite();
            }
        }
    }

    /** Under the lock. */
    private void beginWrite() {
        if (watch != null) {
            state = State.AWAITING_ROOM;
            watch.arm(EPOLLOUT);
        } else {
            state = State.WRITING;
            writeWork.submit();
        }
    }

    /** On the loop: the descriptor takes bytes, or will never again. */
    private void roomAvailable() {
        synchronized (lock) {
            if (state == State.AWAITING_ROOM) {
                state = State.WRITING;
                writeWork.submit();
            }
        }
    }

    /** On a worker. */
    private void writeBatch() {
        long batchHva;
        int batchSize;
        synchronized (lock) {
            if (state != State.WRITING) {
                return;
            }
            writeInFlight = true;
            batchHva = ring.headHva();
            batchSize = Math.min(ring.contiguous(), BATCH_SIZE);
        }
        long result;
        do {
            result = target.write(batchHva, batchSize);
        } while (result == -Errno.EINTR);
        synchronized (lock) {
            writeInFlight = false;
            lastResult = result;
            if (result > 0) {
                writtenBytes += result;
                writeCalls++;
            }
            if (state == State.CLOSED) { // meanwhile, so that it left the ring to this write
                lostBytes -= Math.max(0, result);
                ring.close();
            }
        }
    }

    /** On the loop, after each {@link #writeBatch}. */
    private void batchWritten() {
        boolean release;
        synchronized (lock) {
            if (state != State.WRITING) {
                return;
            }
            if (lastResult >= 0) {
                ring.consume((int) lastResult);
                next();
            } else if (lastResult == -Errno.EAGAIN) {
                next();
            } else {
                fail((int) -lastResult);
            }
            release = held && ring.size() <= LOW_WATER;
            if (release) {
                held = false;
            }
        }
        if (release) {
            drained.run();
        }
    }

    private void next() {
        if (ring.size() == 0) {
            state = State.IDLE;
            lock.notifyAll();
        } else if (flushing || ring.size() >= BATCH_SIZE) {
            beginWrite();
        } else {
            state = State.GATHERING;
            expedited = false;
            timer.schedule(BATCH_DELAY_NANOS);
        }
    }

    private void fail(int errno) {
        discardedBytes += ring.size();
        ring.consume(ring.size());
        if (watch == null) {
            if (fileErrno == 0) {
                fileErrno = errno;
                LOG.warn("{}: output is lost as long as its file can't be written: {}", name, Errno.describe(errno));
            }
            state = State.IDLE;
        } else {
            LOG.info("{}: output is discarded from here on: {}", name, Errno.describe(errno));
            state = State.BROKEN;
        }
        lock.notifyAll();
    }
}
