package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.EPOLLOUT;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings an {@link OutputLog} to a descriptor in batches of at most {@link OutputLog#BATCH_SIZE} bytes, with one write(2) each, and holds
 * the guest while the descriptor is slow. What a guest that writes on nonetheless drives out of the log is lost, the oldest first, and counted.
 *
 * <p>Neither the guest nor the loop ever waits. The loop finds out when the descriptor takes bytes (the descriptor's own mode is
 * left alone: the terminal is shared with other programs), and then a worker writes a batch. To a
 * pipe that cannot block, for POLLOUT promises PIPE_BUF bytes; to a terminal it can (stopped by Ctrl-S between the poll and the
 * write), and then it holds that one worker until the terminal goes on. A terminal opened anew by
 * {@link io.javisor.core.host.Fd#reopenNonBlocking} never does: hand that in where it can be had. Regular files are always ready,
 * and as slow as their disk: the worker again.
 *
 * <p>When the reader has gone, or the disk is full, what the guest sends is counted and discarded: the guest lives on. A reader never
 * comes back, but a disk may have room again: each batch to a file is tried.
 */
final class LogWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

    private enum State {
        /** The log's timer says when there is something to write. */
        IDLE,
        /** The loop waits until the descriptor takes bytes. */
        AWAITING_ROOM,
        /** A worker writes. */
        WRITING,
        /** The reader has gone. */
        BROKEN,
        CLOSED
    }

    private final Object lock = new Object(); // taken before the log's
    private final String name;
    private final OutputLog log;
    private final OutputTarget target;
    private final Runnable drained;
    private final HostEvents.Work writeWork;
    private final HostEvents.@Nullable Watch watch;
    private final OutputLog.Holder holder;
    // Freed by the collector: a write may still be under way when this is closed.
    private final MemorySegment batch = Arena.ofAuto().allocate(OutputLog.BATCH_SIZE);

    private State state = State.IDLE;
    private boolean flushing;
    private int fileErrno; // the first with which a file refused output
    private long position;
    private long stopAt = Long.MAX_VALUE; // what comes from there on is not written
    private long lastResult; // of write(2)
    private long writtenBytes;
    private long writeCalls;
    private long lostBytes;
    private long discardedBytes;

    /**
     * @param fd open for writing, in blocking mode or not; stays the caller's
     * @param drained runs when the guest, which was held for this writer, may go on; not under a lock of this object
     */
    LogWriter(String name, OutputLog log, int fd, HostEvents events, Runnable drained) {
        this.name = name;
        this.log = log;
        this.target = (hva, count) -> Libc.write(fd, hva, count);
        this.drained = drained;
        this.writeWork = events.newWork(name + "/output", this::writeBatch, this::batchWritten);
        this.watch = watchUnlessAlwaysReady(name + "/output", fd, events, this::roomAvailable);
        this.position = log.end();
        this.holder = log.hold();
    }

    /**
     * As for a regular file: always ready, and as slow as it may be.
     *
     * @param drained runs when the guest, which was held for this writer, may go on; not under a lock of this object
     */
    LogWriter(String name, OutputLog log, OutputTarget target, HostEvents events, Runnable drained) {
        this.name = name;
        this.log = log;
        this.target = target;
        this.drained = drained;
        this.writeWork = events.newWork(name + "/output", this::writeBatch, this::batchWritten);
        this.watch = null;
        this.position = log.end();
        this.holder = log.hold();
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

    /** On the loop: there may be something in the log. */
    void flush() {
        synchronized (lock) {
            if (state == State.IDLE && pending() == 0) {
                log.await(position); // whose timer takes the wishes of all away, and may have come for another reader
            } else {
                beginIfIdle();
            }
        }
    }

    /** Writes what there is at once, not to wait for more any more. */
    void beginFlush() {
        synchronized (lock) {
            flushing = true;
            beginIfIdle();
        }
    }

    /**
     * Writes what there is at once, waits until it is written or {@code timeoutNanos} are over, and closes. What comes meanwhile is not this
     * writer's any more.
     *
     * @return whether everything was written (or its reader had gone)
     */
    boolean flushAndClose(long timeoutNanos) {
        boolean flushed;
        synchronized (lock) {
            flushing = true;
            stopAt = position + log.behind(position); // a guest that writes on has no end
            beginIfIdle();
            long deadline = System.nanoTime() + timeoutNanos;
            while (state == State.AWAITING_ROOM || state == State.WRITING) {
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

    /** Gives up what is not written; the guest is not told that it need not wait for that any more. Idempotent. */
    @Override
    public void close() {
        synchronized (lock) {
            if (state == State.CLOSED) {
                return;
            }
            long behind = pending();
            if (state == State.BROKEN) {
                discardedBytes += behind;
            } else {
                lostBytes += behind;
            }
            position += behind;
            state = State.CLOSED;
            boolean _ = log.letGo(holder);
            lock.notifyAll();
        }
        writeWork.close();
        if (watch != null) {
            watch.close();
        }
    }

    /** Adds this side's figures. */
    SerialCounters counters(long readBytes) {
        synchronized (lock) {
            boolean gone = state == State.BROKEN || state == State.CLOSED;
            long discarded =
                    switch (state) {
                        case BROKEN -> log.behind(position);
                        case CLOSED -> log.refused(); // of a line that is closed; others go on without this writer
                        default -> 0;
                    };
            return new SerialCounters(
                    readBytes,
                    writtenBytes,
                    writeCalls,
                    lostBytes + (gone ? 0 : log.overrun(position)),
                    discardedBytes + discarded);
        }
    }

    /** The error number with which a file refused output first; 0 if none did. A reader that goes is no error. */
    int fileErrno() {
        synchronized (lock) {
            return fileErrno;
        }
    }

    /** Under the lock. */
    private void beginIfIdle() {
        if (state == State.IDLE && pending() > 0) {
            beginWrite();
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
        int count;
        synchronized (lock) {
            if (state != State.WRITING) {
                return;
            }
            count = takeBatch();
            if (count == 0) {
                lastResult = 0;
                return;
            }
        }
        long result;
        do {
            result = target.write(batch.address(), count);
        } while (result == -Errno.EINTR);
        synchronized (lock) {
            lastResult = result;
            if (result > 0) {
                writtenBytes += result;
                writeCalls++;
            }
            if (state == State.CLOSED) { // meanwhile, so that it counted these bytes
                lostBytes -= Math.max(0, result);
            }
        }
    }

    /** Under the lock. How many bytes are still to be written. */
    private long pending() {
        return Math.min(log.behind(position), stopAt - position);
    }

    /** Under the lock. Copies what comes next; a guest that writes on may drive it out of the log. */
    private int takeBatch() {
        int count = log.take(position, batch);
        while (count == OutputLog.OVERRUN) {
            long gone = log.overrun(position);
            lostBytes += gone;
            position += gone;
            count = log.take(position, batch);
        }
        return Math.clamp(stopAt - position, 0, count);
    }

    /** On the loop, after each {@link #writeBatch}. */
    private void batchWritten() {
        boolean released = false;
        synchronized (lock) {
            if (state != State.WRITING) {
                return;
            }
            if (lastResult > 0) {
                position += lastResult;
                released = log.advance(holder, position);
                next();
            } else if (lastResult == 0) { // nothing there any more
                rest();
            } else if (lastResult == -Errno.EAGAIN) {
                next();
            } else {
                released = fail((int) -lastResult);
            }
        }
        if (released) {
            drained.run();
        }
    }

    private void next() {
        long behind = pending();
        if (behind > 0 && (flushing || behind >= OutputLog.BATCH_SIZE)) {
            beginWrite();
        } else {
            rest();
        }
    }

    private void rest() {
        state = State.IDLE;
        log.await(position);
        lock.notifyAll();
    }

    private boolean fail(int errno) {
        long behind = log.behind(position);
        discardedBytes += behind;
        position += behind;
        if (watch == null) {
            if (fileErrno == 0) {
                fileErrno = errno;
                LOG.warn("{}: output is lost as long as its file can't be written: {}", name, Errno.describe(errno));
            }
            rest();
            return log.advance(holder, position);
        }
        LOG.info("{}: output is discarded from here on: {}", name, Errno.describe(errno));
        state = State.BROKEN;
        lock.notifyAll();
        return log.letGo(holder);
    }
}
