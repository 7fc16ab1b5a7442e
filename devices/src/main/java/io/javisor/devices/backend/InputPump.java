package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.EPOLLIN;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import io.javisor.core.log.LogLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings bytes from a descriptor through a {@link ConsoleInputFilter} into an {@link InputQueue}. It reads ahead of the guest (an escape
 * key must work while the guest hangs) and stops reading while the queue is full. The end of the input is the end for good.
 *
 * <p>The loop waits for input; a worker reads it, because a read may block after all: a file on a slow disk, a terminal whose
 * input another program took first.
 */
final class InputPump implements AutoCloseable {
    private static final int READ_SIZE = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(InputPump.class);

    private enum State {
        NEW,
        /** The loop waits for input. */
        AWAITING_INPUT,
        /** A worker reads. */
        READING,
        /** The guest must take some first. */
        FULL,
        ENDED
    }

    private final LogLimit failures = new LogLimit();
    private final Object lock = new Object();
    private final String name;
    private final int fd;
    private final ConsoleInputFilter filter;
    private final Runnable inputAvailable;
    private final InputQueue queue;
    private final ConsoleInputFilter.Guest guest = this::enqueue;
    private final HostEvents.Work readWork;
    private final HostEvents.@Nullable Watch watch;
    // Freed by the collector: a read may still be under way when this is closed.
    private final MemorySegment buffer = Arena.ofAuto().allocate(READ_SIZE);

    private int reserved; // of the queue, by the worker that reads
    private State state = State.NEW;
    private long readBytes;
    private boolean ended;

    /**
     * @param fd open for reading, in blocking mode or not; stays the caller's
     * @param queue takes what comes; goes on by {@link #resume}
     * @param inputAvailable runs after units were queued; not under a lock of this object
     */
    InputPump(
            String name,
            int fd,
            HostEvents events,
            ConsoleInputFilter filter,
            InputQueue queue,
            Runnable inputAvailable) {
        this.name = name;
        this.fd = fd;
        this.filter = filter;
        this.inputAvailable = inputAvailable;
        this.queue = queue;
        this.readWork = events.newWork(name + "/input", this::readBatch, this::batchRead);
        this.watch = LogWriter.watchUnlessAlwaysReady(name + "/input", fd, events, this::readable);
    }

    void start() {
        synchronized (lock) {
            if (state == State.NEW) {
                awaitInput();
            }
        }
    }

    long readBytes() {
        synchronized (lock) {
            return readBytes;
        }
    }

    /** Ends the input. What is queued can still be taken. Idempotent. */
    @Override
    public void close() {
        synchronized (lock) {
            state = State.ENDED;
        }
        readWork.close();
        if (watch != null) {
            watch.close();
        }
    }

    /** Under the lock. */
    private void awaitInput() {
        if (watch != null) {
            state = State.AWAITING_INPUT;
            watch.arm(EPOLLIN);
        } else {
            state = State.READING;
            readWork.submit();
        }
    }

    /** On the loop: the guest has taken some. */
    void resume() {
        synchronized (lock) {
            if (state == State.FULL) {
                awaitInput();
            }
        }
    }

    /** On the loop. */
    private void readable() {
        synchronized (lock) {
            if (state == State.AWAITING_INPUT) {
                state = State.READING;
                readWork.submit();
            }
        }
    }

    /** On a worker, one at a time. */
    private void readBatch() {
        // One unit more than bytes may come out of the filter: the escape key that waits in it.
        int room = queue.reserve(2, READ_SIZE);
        if (room == 0) {
            return; // another end filled it
        }
        long result;
        do {
            result = Libc.read(fd, buffer.address(), room - 1);
        } while (result == -Errno.EINTR);
        reserved = room;
        boolean end = result == 0 || (result < 0 && result != -Errno.EAGAIN);
        synchronized (lock) {
            readBytes += Math.max(0, result);
            ended = end;
        }
        if (end && result < 0) {
            LOG.info("{}: input ends: {}", name, Errno.describe((int) -result));
        }
        try {
            for (int i = 0; i < result; i++) {
                filter.filter(buffer.get(ValueLayout.JAVA_BYTE, i) & 0xFF, guest);
            }
            if (end) {
                filter.end(guest);
            }
            queue.giveBack(reserved);
            reserved = 0;
            inputAvailable.run();
        } catch (RuntimeException e) {
            // A bug of whoever takes the input; what comes next, the escapes among it, is read all the same.
            failures.warn(LOG, "{}: input is lost: {}", name, e.toString(), e);
            queue.giveBack(reserved);
            reserved = 0;
        }
    }

    /** On the loop, after each {@link #readBatch}. */
    private void batchRead() {
        synchronized (lock) {
            if (state != State.READING) {
                return;
            }
            if (!ended) {
                if (queue.room(InputQueue.RESUME_ROOM) == 0) {
                    state = State.FULL;
                } else {
                    awaitInput();
                }
                return;
            }
            state = State.ENDED;
        }
        if (watch != null) {
            watch.close();
        }
    }

    /** On the worker. */
    private void enqueue(int unit) {
        if (reserved > 0) {
            reserved--;
            queue.add(unit);
        }
    }
}
