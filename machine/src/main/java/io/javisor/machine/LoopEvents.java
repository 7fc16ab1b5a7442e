package io.javisor.machine;

import io.javisor.core.event.BlockingWork;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Registration;
import io.javisor.core.event.Timer;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.HostConstants;
import io.javisor.devices.backend.HostEvents;
import org.jspecify.annotations.Nullable;

/** Gives backends the machine's event loop and worker pool. */
final class LoopEvents implements HostEvents {
    private final EventLoop loop;
    private final WorkerPool workers;

    LoopEvents(EventLoop loop, WorkerPool workers) {
        this.loop = loop;
        this.workers = workers;
    }

    @Override
    public Watch watch(int fd, Runnable ready) {
        Registration registration = loop.register("descriptor " + fd, fd, HostConstants.EPOLLONESHOT, _ -> ready.run());
        return new Watch() {
            @Override
            public void arm(int epollEvents) {
                registration.modify(epollEvents | HostConstants.EPOLLONESHOT);
            }

            @Override
            public void close() {
                registration.close();
            }
        };
    }

    @Override
    public void runBlocking(Runnable work) {
        BlockingWork request = new BlockingWork() {
            @Override
            public void run() {
                work.run();
            }

            @Override
            public void completed(@Nullable Throwable failure) {
                if (failure instanceof RuntimeException exception) {
                    throw exception; // the loop logs it
                }
            }
        };
        if (!workers.submit(request, loop)) {
            throw new IllegalStateException("more blocking work than the pool was made for");
        }
    }

    @Override
    public Timer newTimer(String name, Runnable expiry) {
        return loop.newTimer(name, expiry);
    }
}
