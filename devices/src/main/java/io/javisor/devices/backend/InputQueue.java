package io.javisor.devices.backend;

import io.javisor.core.event.Timer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bytes that wait for the guest: a bounded queue between the event loop, which fills it, and a vCPU. Allocates nothing. */
final class InputQueue implements AutoCloseable {
    static final int CAPACITY = 8192;

    /** A full queue is filled again when that much is free. */
    private static final int RESUME_ROOM = CAPACITY / 2;

    private final Object lock = new Object();
    private final byte[] queue = new byte[CAPACITY];
    private final Timer resumeTimer;
    private int head;
    private int size;
    private boolean starved;
    private boolean closed;
    private long addedBytes;

    /** @param resume runs on the loop once there is room again after {@link #room} was 0 */
    InputQueue(String name, HostEvents events, Runnable resume) {
        this.resumeTimer = events.newTimer(name + "/input", resume);
    }

    /** How many bytes it takes. If 0, {@code resume} follows when the guest has taken some. */
    int room() {
        synchronized (lock) {
            int room = CAPACITY - size;
            starved |= room == 0;
            return room;
        }
    }

    /** Adds {@code count} bytes, at most {@link #room}. */
    void add(MemorySegment data, int count) {
        synchronized (lock) {
            int tail = (head + size) % CAPACITY;
            int first = Math.min(count, CAPACITY - tail);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0, queue, tail, first);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, first, queue, 0, count - first);
            size += count;
            addedBytes += count;
        }
    }

    /** As {@link SerialBackend#read}. */
    int poll() {
        synchronized (lock) {
            if (size == 0) {
                return SerialBackend.NOTHING;
            }
            int value = queue[head] & 0xFF;
            head = (head + 1) % CAPACITY;
            size--;
            if (starved && CAPACITY - size >= RESUME_ROOM && !closed) {
                starved = false;
                resumeTimer.schedule(1); // this may be a vCPU thread: the loop goes on from here
            }
            return value;
        }
    }

    long addedBytes() {
        synchronized (lock) {
            return addedBytes;
        }
    }

    /** What is queued can still be taken. Idempotent. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
        resumeTimer.close();
    }
}
