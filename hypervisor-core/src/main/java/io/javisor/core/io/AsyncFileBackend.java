package io.javisor.core.io;

import io.javisor.core.host.Fd;
import io.javisor.core.memory.MemoryLease;

/**
 * A file or block device whose reads and writes do not wait. A request is queued, and started with all that are queued by {@link
 * #submit}; its {@link Completion} is called on the event loop, from {@code submit} or later, never from the call that queues it.
 * Requests run in any order and side by side: a flush covers the writes that had completed when it was queued, no others.
 *
 * <p>All but {@link #close} is for the event loop's thread alone, and allocates nothing.
 */
public interface AsyncFileBackend extends AutoCloseable {
    /** What is told of each request, on the event loop, once. */
    @FunctionalInterface
    interface Completion {
        /**
         * The request is over: the host no longer touches its memory. It may queue other requests, which need no {@link #submit} then.
         *
         * @param token what the request was queued with
         * @param result what Linux returned: the bytes done, which may be fewer than asked for, or 0; or a negated errno.
         *     {@code -ECANCELED} if it never ran
         */
        void completed(long token, long result);
    }

    /** Makes backends for files. */
    @FunctionalInterface
    interface Opener {
        /**
         * Makes a backend.
         *
         * @param file stays the caller's, and open until the backend is closed
         * @param depth how many requests there may be in flight, 1 to {@value AsyncFiles#MAX_DEPTH}
         * @param completion is told of every request
         */
        AsyncFileBackend open(Fd file, int depth, Completion completion);
    }

    /** How many requests may be in flight, from the call that queues one to its completion. */
    int depth();

    /**
     * Queues a read, as preadv(2) does it.
     *
     * @param offset in bytes, in the file, at least 0
     * @param iovecHva an array of {@code struct iovec}, such as a {@link MemoryLease}'s; it and the memory that it names stay as they
     *     are until the completion
     * @param sizeBytes what that may be in all: past {@value AsyncFiles#MAX_INLINE_BYTES} a copy from or to the page cache is not the loop's work
     * @return false if as many requests as may be are in flight: try again after a completion; or if this is closed
     * @throws IllegalStateException if the caller is not the event loop
     */
    boolean readv(long offset, long iovecHva, int iovecCount, long sizeBytes, long token);

    /**
     * Queues a write, as pwritev2(2) does it; the rest as {@link #readv}.
     *
     * @param dsync whether the data is on stable storage at the completion (RWF_DSYNC)
     */
    boolean writev(long offset, long iovecHva, int iovecCount, long sizeBytes, boolean dsync, long token);

    /** Queues an fdatasync(2); the rest as {@link #readv}. */
    boolean fdatasync(long token);

    /**
     * Queues the deallocation of a range, which reads as zeroes then (fallocate(2), FALLOC_FL_PUNCH_HOLE); the rest as {@link #readv}.
     * The result is 0, or {@code -EOPNOTSUPP} if the file system cannot.
     */
    boolean discard(long offset, long length, long token);

    /** As {@link #discard}, but the range stays allocated (FALLOC_FL_ZERO_RANGE). */
    boolean zero(long offset, long length, long token);

    /**
     * Starts what was queued. Completions may be called before this returns. Whoever queues on the loop, outside a completion, is to
     * call it before returning to the loop.
     */
    void submit();

    /**
     * Refuses new requests, waits until all that were queued have completed, and gives the engine's resources back; the file stays
     * open. Any thread may call it. The event loop goes on meanwhile, unless it is the caller. A loop that ends does the same first,
     * and the loop is to end before the worker pool. Does nothing the second time but wait.
     *
     * @throws IllegalStateException if requests are still in flight after some 10 s, whose memory then stays mapped and lent; or if a
     *     completion calls this
     */
    @Override
    void close();

    /** What runs the requests, for messages: {@code io_uring} or {@code worker pool}. */
    String engine();
}
