package io.javisor.devices.backend;

import io.javisor.core.event.Timers;
import io.javisor.core.host.HostException;

/**
 * What a backend needs of the host's event loop and worker pool. All calls may come from any thread; none waits.
 *
 * <p>A watch is one-shot: once its handler was called, nothing more is reported (not even a hang-up, which epoll otherwise repeats
 * for ever) until it is armed again.
 */
public interface HostEvents extends Timers {
    /** A watched descriptor. */
    interface Watch extends AutoCloseable {
        /**
         * Waits once more for any of {@code epollEvents}, an error or a hang-up. Allocates nothing.
         *
         * @param epollEvents EPOLLIN, EPOLLOUT
         */
        void arm(int epollEvents);

        /** Stops watching. The descriptor stays open; a handler that is running goes on. Idempotent. */
        @Override
        void close();
    }

    /**
     * Makes a watch, not yet armed.
     *
     * @param fd an open descriptor
     * @param ready what runs on the event loop; it must not block
     * @throws HostException with EPERM for what is always ready: regular files, /dev/null
     */
    Watch watch(int fd, Runnable ready);

    /** Runs {@code work}, which may block, on a worker thread. */
    void runBlocking(Runnable work);
}
