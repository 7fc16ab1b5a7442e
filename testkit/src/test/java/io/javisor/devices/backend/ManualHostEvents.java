package io.javisor.devices.backend;

import io.javisor.core.event.Timer;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** A loop and a pool of which the test is the clock and the scheduler. */
final class ManualHostEvents implements HostEvents {
    static final class ManualTimer implements Timer {
        private final Runnable expiry;
        long armedNanos = -1;
        int schedules;
        boolean closed;

        ManualTimer(Runnable expiry) {
            this.expiry = expiry;
        }

        @Override
        public void schedule(long delayNanos) {
            armedNanos = delayNanos;
            schedules++;
        }

        @Override
        public void cancel() {
            armedNanos = -1;
        }

        @Override
        public void close() {
            closed = true;
        }

        void expire() {
            if (armedNanos < 0) {
                throw new AssertionError("the timer is not armed");
            }
            armedNanos = -1;
            expiry.run();
        }
    }

    static final class ManualWatch implements Watch {
        private final Runnable ready;
        int armedEvents;
        boolean closed;

        ManualWatch(Runnable ready) {
            this.ready = ready;
        }

        @Override
        public void arm(int epollEvents) {
            if (closed) {
                throw new AssertionError("armed after close");
            }
            armedEvents = epollEvents;
        }

        @Override
        public void close() {
            closed = true;
        }

        void fire() {
            if (armedEvents == 0) {
                throw new AssertionError("the watch is not armed");
            }
            armedEvents = 0;
            ready.run();
        }

        /** As a hang-up that comes while nobody waits. */
        void fireUnasked() {
            ready.run();
        }
    }

    final Map<String, ManualTimer> timers = new HashMap<>();
    final Map<Integer, ManualWatch> watches = new HashMap<>();
    final ArrayDeque<Runnable> work = new ArrayDeque<>();
    boolean refuseWatches;

    @Override
    public Timer newTimer(String name, Runnable expiry) {
        ManualTimer timer = new ManualTimer(expiry);
        timers.put(name, timer);
        return timer;
    }

    @Override
    public Watch watch(String name, int fd, Runnable ready) {
        if (refuseWatches) {
            throw new HostException("epoll_ctl", Errno.EPERM);
        }
        ManualWatch watch = new ManualWatch(ready);
        watches.put(fd, watch);
        return watch;
    }

    @Override
    public Work newWork(String name, Runnable blocking, Runnable completed) {
        Runnable both = () -> {
            blocking.run();
            completed.run();
        };
        return new Work() {
            @Override
            public void submit() {
                if (work.contains(both)) {
                    throw new AssertionError("submitted twice");
                }
                work.add(both);
            }

            @Override
            public void close() {}
        };
    }

    ManualTimer timer(String name) {
        ManualTimer timer = timers.get(name);
        if (timer == null) {
            throw new AssertionError("no timer " + name);
        }
        return timer;
    }

    ManualWatch watchOf(int fd) {
        ManualWatch watch = watches.get(fd);
        if (watch == null) {
            throw new AssertionError("no watch of " + fd);
        }
        return watch;
    }

    void runOne() {
        work.remove().run();
    }
}
