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

    /** Something that may block, run again and again on a worker thread, never twice at a time. */
    interface Work extends AutoCloseable {
        /** Runs it, and then its completion. Not to be called again before the completion runs. Allocates nothing. */
        void submit();

        /** Gives its resources back; what is submitted still runs. Idempotent. */
        @Override
        void close();
    }

    /**
     * Makes a watch, not yet armed.
     *
     * @param name for messages
     * @param fd an open descriptor
     * @param ready what runs on the event loop; it must not block
     * @throws HostException with EPERM for what is always ready: regular files, /dev/null
     */
    Watch watch(String name, int fd, Runnable ready);

    /**
     * Makes work.
     *
     * @param name for messages
     * @param blocking runs on a worker thread, and may block
     * @param completed runs on the event loop afterwards
     */
    Work newWork(String name, Runnable blocking, Runnable completed);
}
