package io.javisor.devices.backend;

import io.javisor.core.event.BlockingWork;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Registration;
import io.javisor.core.event.Timer;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.HostConstants;
import io.javisor.core.log.LogLimit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link HostEvents} of an {@link EventLoop} and a {@link WorkerPool}, which stay the caller's. */
public final class LoopHostEvents implements HostEvents {
    private static final Logger LOG = LoggerFactory.getLogger(LoopHostEvents.class);

    /** When all of the pool's requests are in flight, some will be through by then. */
    private static final long RETRY_NANOS = 1_000_000;

    private final EventLoop loop;
    private final WorkerPool workers;
    private final LogLimit limit = new LogLimit();

    public LoopHostEvents(EventLoop loop, WorkerPool workers) {
        this.loop = loop;
        this.workers = workers;
    }

    @Override
    public Timer newTimer(String name, Runnable expiry) {
        return loop.newTimer(name, expiry);
    }

    @Override
    public Watch watch(String name, int fd, Runnable ready) {
        // Until it is armed it reports a hang-up at most, and once.
        return new OneShotWatch(loop.register(name, fd, HostConstants.EPOLLONESHOT, events -> ready.run()));
    }

    @Override
    public Work newWork(String name, Runnable blocking, Runnable completed) {
        return new PoolWork(name, blocking, completed);
    }

    /**
     * Runs something once on a worker thread.
     *
     * @param name for messages
     * @param blocking may block; what it throws is logged
     */
    public void runOnce(String name, Runnable blocking) {
        PoolWork work = new PoolWork(name, blocking, () -> {});
        work.once = true;
        work.submit();
    }

    private record OneShotWatch(Registration registration) implements Watch {
        @Override
        public void arm(int epollEvents) {
            registration.modify(epollEvents | HostConstants.EPOLLONESHOT);
        }

        @Override
        public void close() {
            registration.close();
        }
    }

    private final class PoolWork implements Work, BlockingWork {
        private final String name;
        private final Runnable blocking;
        private final Runnable completed;
        private final Timer retry;
        private boolean once; // set before it is submitted

        PoolWork(String name, Runnable blocking, Runnable completed) {
            this.name = name;
            this.blocking = blocking;
            this.completed = completed;
            this.retry = loop.newTimer(name + "/retry", this::submit);
        }

        @Override
        public void submit() {
            if (!workers.submit(this, loop)) {
                retry.schedule(RETRY_NANOS);
            }
        }

        @Override
        public void run() {
            blocking.run();
        }

        @Override
        public void completed(@Nullable Throwable failure) {
            if (once) {
                close();
            }
            if (failure == null) {
                completed.run();
            } else {
                limit.warn(LOG, "{}: {}", name, failure.toString(), failure);
            }
        }

        @Override
        public void close() {
            retry.close();
        }
    }
}
