package io.javisor.core.event;

import static io.javisor.core.host.HostConstants.CLOCK_MONOTONIC;
import static io.javisor.core.host.HostConstants.TFD_CLOEXEC;
import static io.javisor.core.host.HostConstants.TFD_NONBLOCK;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All timers of a loop on one timerfd: a binary heap by deadline. The descriptor is set only when the earliest deadline moves
 * forward, so most calls make no system call; a deadline that was taken back costs one idle wake-up.
 */
final class TimerQueue {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** 73 years: deadlines then compare by their difference. */
    private static final long MAX_DELAY_NANOS = Long.MAX_VALUE / 4;

    private final EventLoop loop;
    private final MemorySegment itimerspec = Arena.ofAuto().allocate(ItimerspecLayout.SIZE, Long.BYTES);
    private final MemorySegment expirations = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
    private @Nullable Fd timerfd;
    private HeapTimer[] heap =
            new HeapTimer[0]; // as long as there are timers, so that schedule() never makes it longer
    private int timers;
    private int scheduled;
    private boolean armed;
    private long armedNanos;
    private boolean closed;

    TimerQueue(EventLoop loop) {
        this.loop = loop;
    }

    synchronized Timer newTimer(String name, Runnable expiry) {
        if (closed) {
            throw new IllegalStateException(loop.name() + " is closed");
        }
        if (timerfd == null) {
            Fd fd = Fd.own("timers of " + loop.name(), Libc.timerfdCreate(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
            try {
                Registration _ = loop.register(fd, HostConstants.EPOLLIN, this::expire);
            } catch (RuntimeException e) {
                fd.close();
                throw e;
            }
            timerfd = fd;
        }
        timers++;
        if (timers > heap.length) {
            heap = Arrays.copyOf(heap, Math.max(8, heap.length * 2));
        }
        return new HeapTimer(name, expiry);
    }

    synchronized void close() {
        closed = true;
        scheduled = 0;
        if (timerfd != null) {
            timerfd.close();
        }
    }

    /** On the loop. */
    private void expire(int events) {
        // Expirations that are scheduled from now on wait for the next round, even those of no delay.
        long now;
        synchronized (this) {
            if (closed || timerfd == null) {
                return;
            }
            // EAGAIN if it was set anew since the event: nothing is due then.
            long _ = Libc.read(timerfd.value(), expirations.address(), Long.BYTES);
            armed = false;
            now = System.nanoTime();
        }
        HeapTimer timer = takeDue(now);
        while (timer != null) {
            try {
                timer.expiry.run();
            } catch (Throwable e) {
                loop.failures().log("timer " + timer.name, e);
            }
            timer = takeDue(now);
        }
        synchronized (this) {
            armForFirst();
        }
    }

    private synchronized @Nullable HeapTimer takeDue(long now) {
        if (scheduled == 0 || heap[0].deadlineNanos - now > 0) {
            return null;
        }
        HeapTimer timer = heap[0];
        remove(timer);
        return timer;
    }

    private void armForFirst() {
        if (closed || scheduled == 0 || (armed && armedNanos - heap[0].deadlineNanos <= 0)) {
            return;
        }
        long deadline = heap[0].deadlineNanos;
        long delay = Math.max(1, deadline - System.nanoTime());
        itimerspec.set(ValueLayout.JAVA_LONG, ItimerspecLayout.IT_VALUE_TV_SEC_OFFSET, delay / NANOS_PER_SECOND);
        itimerspec.set(ValueLayout.JAVA_LONG, ItimerspecLayout.IT_VALUE_TV_NSEC_OFFSET, delay % NANOS_PER_SECOND);
        Fd fd = timerfd;
        if (fd != null) {
            int _ = Libc.check("timerfd_settime", Libc.timerfdSettime(fd.value(), 0, itimerspec.address(), 0));
        }
        armed = true;
        armedNanos = deadline;
    }

    private void insert(HeapTimer timer) {
        heap[scheduled] = timer;
        timer.index = scheduled;
        scheduled++;
        siftUp(timer.index);
    }

    private void remove(HeapTimer timer) {
        int index = timer.index;
        timer.index = HeapTimer.IDLE;
        scheduled--;
        HeapTimer last = heap[scheduled];
        if (last != timer) {
            heap[index] = last;
            last.index = index;
            siftUp(index);
            siftDown(last.index);
        }
    }

    private void siftUp(int start) {
        int index = start;
        while (index > 0 && before(index, (index - 1) / 2)) {
            swap(index, (index - 1) / 2);
            index = (index - 1) / 2;
        }
    }

    private void siftDown(int start) {
        int index = start;
        while (true) {
            int child = 2 * index + 1;
            if (child >= scheduled) {
                return;
            }
            if (child + 1 < scheduled && before(child + 1, child)) {
                child++;
            }
            if (!before(child, index)) {
                return;
            }
            swap(index, child);
            index = child;
        }
    }

    private boolean before(int left, int right) {
        return heap[left].deadlineNanos - heap[right].deadlineNanos < 0;
    }

    private void swap(int left, int right) {
        HeapTimer timer = heap[left];
        heap[left] = heap[right];
        heap[right] = timer;
        heap[left].index = left;
        heap[right].index = right;
    }

    private final class HeapTimer implements Timer {
        static final int IDLE = -1;
        static final int GONE = -2;

        final String name;
        final Runnable expiry;
        long deadlineNanos;
        int index = IDLE;

        HeapTimer(String name, Runnable expiry) {
            this.name = name;
            this.expiry = expiry;
        }

        @Override
        public void schedule(long delayNanos) {
            synchronized (TimerQueue.this) {
                if (index == GONE) {
                    throw new IllegalStateException("timer " + name + " is closed");
                }
                if (closed) {
                    return;
                }
                if (index != IDLE) {
                    remove(this);
                }
                deadlineNanos = System.nanoTime() + Math.clamp(delayNanos, 1, MAX_DELAY_NANOS);
                insert(this);
                armForFirst();
            }
        }

        @Override
        public void cancel() {
            synchronized (TimerQueue.this) {
                if (index >= 0 && !closed) {
                    remove(this);
                }
            }
        }

        @Override
        public void close() {
            synchronized (TimerQueue.this) {
                if (index == GONE) {
                    return;
                }
                cancel();
                index = GONE;
                timers--;
            }
        }
    }
}
