package io.javisor.devices.virtio.net.backend;

import io.javisor.core.host.HostConstants;
import io.javisor.devices.backend.HostEvents;

/** Waits for both directions of one descriptor with one watch. On the loop. */
final class ReadyWatch implements AutoCloseable {
    private final HostEvents.Watch watch;
    private final Runnable receivable;
    private final Runnable sendable;
    private final Runnable hungUp;
    private int wanted;

    /** @param hungUp called when something happened although nobody waited, which is an error or a hang-up */
    ReadyWatch(String name, int fd, HostEvents events, Runnable receivable, Runnable sendable, Runnable hungUp) {
        this.receivable = receivable;
        this.sendable = sendable;
        this.hungUp = hungUp;
        this.watch = events.watch(name, fd, this::ready);
    }

    void awaitReceive() {
        await(HostConstants.EPOLLIN);
    }

    void awaitSend() {
        await(HostConstants.EPOLLOUT);
    }

    private void await(int events) {
        if ((wanted & events) == 0) {
            wanted |= events;
            watch.arm(wanted);
        }
    }

    /** It is not said which: who finds nothing waits again. */
    private void ready() {
        int before = wanted;
        wanted = 0;
        if (before == 0) {
            hungUp.run();
        }
        if ((before & HostConstants.EPOLLOUT) != 0) {
            sendable.run();
        }
        if ((before & HostConstants.EPOLLIN) != 0) {
            receivable.run();
        }
    }

    @Override
    public void close() {
        watch.close();
    }
}
