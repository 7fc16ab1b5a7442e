package io.javisor.devices.virtio.net;

import io.javisor.core.event.Timer;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.PollfdLayout;
import io.javisor.devices.backend.HostEvents;
import io.javisor.testkit.FakeTime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A loop over real descriptors that turns when the test says so, on the test's thread; its timers expire in the turn after. */
public final class PolledEvents implements HostEvents {
    private final class PolledWatch implements Watch {
        private final int fd;
        private final Runnable ready;
        private final MemorySegment pollfd = PollfdLayout.allocate(Arena.ofAuto(), 1);
        private boolean armed = true; // for a hang-up, as epoll reports one that nobody asked for

        PolledWatch(int fd, Runnable ready) {
            this.fd = fd;
            this.ready = ready;
            PollfdLayout.set(pollfd, 0, fd, 0);
        }

        @Override
        public void arm(int epollEvents) {
            armed = true;
            PollfdLayout.set(pollfd, 0, fd, epollEvents); // poll's bits are the same
        }

        boolean look() {
            if (!armed || Libc.check("poll", Libc.poll(pollfd.address(), 1, 0)) == 0) {
                return false;
            }
            if (PollfdLayout.revents(pollfd, 0) == 0) {
                return false;
            }
            armed = false;
            PollfdLayout.set(pollfd, 0, fd, 0);
            ready.run();
            return true;
        }

        boolean waitsFor(int events) {
            return armed && (PollfdLayout.events(pollfd, 0) & events) != 0;
        }

        @Override
        public void close() {
            armed = false;
            watches.remove(this);
        }
    }

    public final FakeTime time = new FakeTime(0);
    private final List<PolledWatch> watches = new ArrayList<>();

    /** Runs the handlers of what is ready, and what they lead to, until nothing happens any more. */
    public void turn() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (int i = 0; i < watches.size(); i++) {
                busy |= watches.get(i).look();
            }
            if (time.armed() > 0) {
                int before = time.expiries();
                time.advance(1_000_000);
                busy |= time.expiries() != before;
            }
        }
    }

    /** Whether anybody waits for a frame. */
    public boolean awaitsInput() {
        return watches.stream().anyMatch(watch -> watch.waitsFor(HostConstants.EPOLLIN));
    }

    /** How many watches are not closed. */
    public int open() {
        return watches.size();
    }

    @Override
    public Timer newTimer(String name, Runnable expiry) {
        return time.newTimer(name, expiry);
    }

    @Override
    public Watch watch(String name, int fd, Runnable ready) {
        PolledWatch watch = new PolledWatch(fd, ready);
        watches.add(watch);
        return watch;
    }

    @Override
    public Work newWork(String name, Runnable blocking, Runnable completed) {
        throw new AssertionError("a network device has nothing that blocks");
    }
}
