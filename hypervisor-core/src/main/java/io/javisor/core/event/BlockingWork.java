package io.javisor.core.event;

import org.jspecify.annotations.Nullable;

/** Work that may block, for a {@link WorkerPool}. An object of it may be submitted again once it is completed. */
public interface BlockingWork {
    /** Runs on a thread of the pool. What it throws is handed to {@link #completed}. */
    void run() throws Exception;

    /**
     * Runs on the event loop afterwards, and sees what {@link #run} did.
     *
     * @param failure what {@code run} threw, or a {@link java.util.concurrent.CancellationException} if the pool was closed before
     *     it could run; null if it went well
     */
    void completed(@Nullable Throwable failure);
}
