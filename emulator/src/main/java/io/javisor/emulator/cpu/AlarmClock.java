package io.javisor.emulator.cpu;

import io.javisor.emulator.apic.ApicOwner;
import io.javisor.emulator.system.Attention;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts processors in the guest when their timers are due: a thread for all of a machine, which is there from the first alarm on. A
 * processor that is halted waits by itself and takes its alarm back. Setting an alarm allocates nothing.
 */
public final class AlarmClock implements AutoCloseable {
    private static final long NONE = Long.MAX_VALUE;
    private static final long CLOSE_TIMEOUT_MILLIS = 10_000;

    private final String name;
    /** When each is due, in nanoseconds from {@link #origin}, so that comparisons do not wrap. */
    private final AtomicLongArray due;

    private final AtomicReferenceArray<Attention> attentions;
    private final long origin = System.nanoTime();
    private volatile long sleepsUntil = Long.MIN_VALUE;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    /**
     * @param name the thread's
     * @param capacity how many processors there may be
     */
    public AlarmClock(String name, int capacity) {
        this.name = name;
        due = new AtomicLongArray(capacity);
        attentions = new AtomicReferenceArray<>(capacity);
        for (int i = 0; i < capacity; i++) {
            due.set(i, NONE);
        }
    }

    /** Says whom the alarms of {@code index} are for. */
    public void register(int index, Attention attention) {
        attentions.set(index, attention);
    }

    /**
     * Sets the alarm of a processor in the place of the last one. Its own thread.
     *
     * @param delayNanos from now, or {@link ApicOwner#NEVER}
     */
    public void set(int index, long delayNanos) {
        if (delayNanos == ApicOwner.NEVER) {
            clear(index);
            return;
        }
        long at = System.nanoTime() - origin + Math.min(delayNanos, NONE / 2);
        due.set(index, at);
        // The thread writes sleepsUntil and then reads the alarms; here it is the other way round.
        if (at < sleepsUntil) {
            LockSupport.unpark(thread);
        } else if (thread == null) {
            start();
        }
    }

    /** Takes the alarm back; its own thread. */
    public void clear(int index) {
        due.lazySet(index, NONE);
    }

    private synchronized void start() {
        if (thread == null && !closed) {
            thread = Thread.ofPlatform().name(name).daemon().start(this::run);
        }
    }

    private void run() {
        while (!closed) {
            long now = System.nanoTime() - origin;
            long next = NONE;
            for (int i = 0; i < due.length(); i++) {
                long at = due.get(i);
                if (at <= now) {
                    ring(i, at);
                } else {
                    next = Math.min(next, at);
                }
            }
            sleepsUntil = next;
            if (next == earliest()) {
                if (next == NONE) {
                    LockSupport.park(this);
                } else {
                    LockSupport.parkNanos(this, next - now);
                }
            }
            sleepsUntil = Long.MIN_VALUE;
        }
    }

    private long earliest() {
        long earliest = NONE;
        for (int i = 0; i < due.length(); i++) {
            earliest = Math.min(earliest, due.get(i));
        }
        return earliest;
    }

    private void ring(int index, long at) {
        Attention attention = attentions.get(index);
        if (due.compareAndSet(index, at, NONE) && attention != null) {
            attention.raise();
        }
    }

    /** Ends the thread. Does nothing the second time. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
        }
        if (running == null) {
            return;
        }
        LockSupport.unpark(running);
        boolean interrupted = false;
        try {
            running.join(CLOSE_TIMEOUT_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
