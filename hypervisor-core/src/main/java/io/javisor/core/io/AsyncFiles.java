package io.javisor.core.io;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.log.LogLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens backends, over all lives of a machine. Any thread. */
public final class AsyncFiles implements AsyncFileBackend.Opener {
    /** The highest depth of a backend. */
    public static final int MAX_DEPTH = 4096;

    /** What is copied from or to the page cache on the loop at most, in bytes: some microseconds of work. */
    public static final int MAX_INLINE_BYTES = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(AsyncFiles.class);

    /** What runs a file's requests. */
    public enum Engine {
        /** io_uring where the host has it and lets the process use it, else the pool. */
        AUTO,
        /** io_uring, of Linux 6.1 or later. */
        IO_URING,
        /** Threads of the worker pool, which wait for system calls. */
        POOL
    }

    private final EventLoop loop;
    private final WorkerPool workers;
    private final Engine engine;
    private final LogLimit choices = new LogLimit();
    private final LogLimit failures = new LogLimit();

    /**
     * Of backends whose completions come on {@code loop}, which stays the caller's as {@code workers} do.
     *
     * @param loop where everything runs but what blocks
     * @param workers for the pool engine
     * @param engine which engine backends have
     */
    public AsyncFiles(EventLoop loop, WorkerPool workers, Engine engine) {
        this.loop = loop;
        this.workers = workers;
        this.engine = engine;
    }

    /**
     * {@inheritDoc}
     *
     * @throws HostException if io_uring is asked for and cannot be had, or the process has no memory or descriptors left
     * @throws IllegalStateException if the loop is closed
     */
    @Override
    public AsyncFileBackend open(Fd file, int depth, AsyncFileBackend.Completion completion) {
        return openLoop(file, depth, completion);
    }

    /**
     * Opens backends of a file of several parts: for reading only, and one engine for all parts. The file that the opener is handed is not asked. A read
     * ends where a part does, with fewer bytes than were asked for. The rest as {@link #open}.
     */
    public AsyncFileBackend.Opener stitched(StitchedFile parts) {
        return (_, depth, completion) -> new StitchedFileBackend(parts, openLoop(parts.first(), depth, completion));
    }

    private LoopFileBackend openLoop(Fd file, int depth, AsyncFileBackend.Completion completion) {
        if (depth < 1 || depth > MAX_DEPTH) {
            throw new IllegalArgumentException("a file has 1 to " + MAX_DEPTH + " requests in flight, not " + depth);
        }
        FileRequests requests = new FileRequests(depth);
        if (engine != Engine.POOL) {
            try {
                return new LoopFileBackend(
                        file, loop, requests, completion, owner -> new IoUringEngine(file, loop, requests, owner));
            } catch (HostException e) {
                String reason = IoUringProbe.reasonAgainst(e);
                if (engine == Engine.IO_URING || reason == null) {
                    throw e;
                }
                choices.info(LOG, "{}: I/O on the worker pool: {}", file.name(), reason);
            }
        }
        return new LoopFileBackend(
                file,
                loop,
                requests,
                completion,
                owner -> new PoolEngine(file, loop, workers, requests, owner, failures));
    }
}
