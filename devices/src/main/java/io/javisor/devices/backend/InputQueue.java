package io.javisor.devices.backend;

import io.javisor.core.event.Timer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Units (bytes and breaks) that wait for the guest: a bounded queue between those who read them from the host and a vCPU. Any thread; allocates
 * nothing.
 */
final class InputQueue implements AutoCloseable {
    static final int CAPACITY = 8192;

    /** A full queue is filled again when that much is free. */
    static final int RESUME_ROOM = CAPACITY / 2;

    private final Object lock = new Object();
    private final short[] queue = new short[CAPACITY];
    private final Timer resumeTimer;
    private int head;
    private int size;
    private int reserved;
    private boolean starved;
    private boolean closed;

    /** @param resume runs on the loop once {@link #RESUME_ROOM} is free after {@link #room} was 0 */
    InputQueue(String name, HostEvents events, Runnable resume) {
        this.resumeTimer = events.newTimer(name + "/input", resume);
    }

    /**
     * How many units it takes.
     *
     * @param least what the caller can use, 1 to {@link #RESUME_ROOM}
     * @return 0 if that are fewer than {@code least}: {@code resume} follows when the guest has taken some
     */
    int room(int least) {
        synchronized (lock) {
            int room = CAPACITY - size - reserved;
            if (room < least) {
                starved = true;
                return 0;
            }
            return room;
        }
    }

    /**
     * Keeps room for somebody who is about to read from the host, while others may do so too.
     *
     * @return how many units may be added, at most {@code most}; what is not is to be given back. 0 as {@link #room} has it
     */
    int reserve(int least, int most) {
        synchronized (lock) {
            int granted = Math.min(most, room(least));
            reserved += granted;
            return granted;
        }
    }

    /** Adds a byte (0 to 255) or {@link SerialBackend#BREAK}, for which there is a reservation. */
    void add(int unit) {
        synchronized (lock) {
            queue[(head + size) % CAPACITY] = (short) unit;
            size++;
            reserved--;
        }
    }

    /** Adds {@code count} bytes, for which there is a reservation. */
    void add(MemorySegment data, int count) {
        synchronized (lock) {
            for (int i = 0; i < count; i++) {
                add(data.get(ValueLayout.JAVA_BYTE, i) & 0xFF);
            }
        }
    }

    /** Gives up the rest of a reservation. */
    void giveBack(int count) {
        synchronized (lock) {
            reserved -= count;
            resumeIfRoom();
        }
    }

    /** As {@link SerialBackend#read}. */
    int poll() {
        synchronized (lock) {
            if (size == 0) {
                return SerialBackend.NOTHING;
            }
            int unit = queue[head];
            head = (head + 1) % CAPACITY;
            size--;
            resumeIfRoom();
            return unit;
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

    private void resumeIfRoom() {
        if (starved && CAPACITY - size - reserved >= RESUME_ROOM && !closed) {
            starved = false;
            resumeTimer.schedule(1); // this may be a vCPU thread: the loop goes on from here
        }
    }
}
