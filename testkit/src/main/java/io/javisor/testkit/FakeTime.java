package io.javisor.testkit;

import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A clock that a test moves, and timers that expire on its way. */
public final class FakeTime implements LongSupplier, Timers {
    private final List<FakeTimer> timers = new ArrayList<>();
    private long clockNanos;
    private long elapsedNanos;

    public FakeTime(long startNanos) {
        clockNanos = startNanos;
    }

    @Override
    public long getAsLong() {
        return clockNanos;
    }

    @Override
    public Timer newTimer(String name, Runnable expiry) {
        FakeTimer timer = new FakeTimer(expiry);
        timers.add(timer);
        return timer;
    }

    /** Time passes; timers expire at their moments. */
    public void advance(long nanos) {
        long end = elapsedNanos + nanos;
        while (true) {
            Optional<FakeTimer> due = timers.stream()
                    .filter(timer -> timer.armed && timer.dueNanos <= end)
                    .min(Comparator.comparingLong(timer -> timer.dueNanos));
            if (due.isEmpty()) {
                break;
            }
            move(due.get().dueNanos - elapsedNanos);
            due.get().armed = false;
            due.get().expiries++;
            due.get().expiry.run();
        }
        move(end - elapsedNanos);
    }

    /** The clock is set, which no timer sees. */
    public void jump(long nanos) {
        clockNanos += nanos;
    }

    /** How many timers are armed. */
    public int armed() {
        return (int) timers.stream().filter(timer -> timer.armed).count();
    }

    /** How often a timer has been armed. */
    public int schedules() {
        return timers.stream().mapToInt(timer -> timer.schedules).sum();
    }

    /** How often a timer has expired. */
    public int expiries() {
        return timers.stream().mapToInt(timer -> timer.expiries).sum();
    }

    /** How many timers have not been closed. */
    public int open() {
        return (int) timers.stream().filter(timer -> !timer.closed).count();
    }

    private void move(long nanos) {
        elapsedNanos += nanos;
        clockNanos += nanos;
    }

    private final class FakeTimer implements Timer {
        private final Runnable expiry;
        private boolean armed;
        private boolean closed;
        private long dueNanos;
        private int schedules;
        private int expiries;

        FakeTimer(Runnable expiry) {
            this.expiry = expiry;
        }

        @Override
        public void schedule(long delayNanos) {
            armed = true;
            schedules++;
            dueNanos = elapsedNanos + Math.max(1, delayNanos);
        }

        @Override
        public void cancel() {
            armed = false;
        }

        @Override
        public void close() {
            armed = false;
            closed = true;
        }
    }
}
