package io.javisor.core.io;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Waits;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What all engines have in common: places for requests, what is done again, and the end. */
final class LoopFileBackend implements AsyncFileBackend, FileEngine.Owner {
    /** Shorter than the loop's own close waits, so that it sees the end. */
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(8);

    private final Fd file;
    private final String name;
    private final EventLoop loop;
    private final Completion completion;
    private final FileRequests requests;
    private final FileEngine engine;
    private final Runnable endAction = this::endWithLoop;
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean closing;
    private boolean completing;

    /**
     * @param newEngine makes the engine
     * @throws IllegalStateException if the loop is closed
     */
    LoopFileBackend(
            Fd file,
            EventLoop loop,
            FileRequests requests,
            Completion completion,
            Function<FileEngine.Owner, FileEngine> newEngine) {
        this.file = file;
        this.name = file.name();
        this.loop = loop;
        this.completion = completion;
        this.requests = requests;
        this.engine = newEngine.apply(this);
        try {
            loop.addEndAction(endAction);
        } catch (IllegalStateException e) {
            engine.release();
            throw e;
        }
    }

    @Override
    public int depth() {
        return requests.depth();
    }

    @Override
    public boolean readv(long offset, long iovecHva, int iovecCount, long sizeBytes, long token) {
        return queue(FileOperation.READV, offset, iovecHva, iovecCount, 0, isLarge(sizeBytes), token);
    }

    /**
     * As the other one, of another file, which is opened as this one is.
     *
     * @param most the most bytes that may be told of, at least 0
     */
    boolean readv(Fd part, long offset, long iovecHva, int iovecCount, long sizeBytes, long most, long token) {
        boolean large = isLarge(Math.min(sizeBytes, most));
        int slot = add(part, FileOperation.READV, offset, iovecHva, iovecCount, 0, large, token);
        if (slot < 0) {
            return false;
        }
        requests.setMost(slot, most);
        engine.queue(slot);
        return true;
    }

    @Override
    public boolean writev(long offset, long iovecHva, int iovecCount, long sizeBytes, boolean dsync, long token) {
        int flags = dsync ? HostConstants.RWF_DSYNC : 0;
        return queue(FileOperation.WRITEV, offset, iovecHva, iovecCount, flags, isLarge(sizeBytes), token);
    }

    private static boolean isLarge(long sizeBytes) {
        return sizeBytes > AsyncFiles.MAX_INLINE_BYTES;
    }

    @Override
    public boolean fdatasync(long token) {
        return queue(FileOperation.FDATASYNC, 0, 0, 0, 0, false, token);
    }

    @Override
    public boolean discard(long offset, long length, long token) {
        int mode = HostConstants.FALLOC_FL_PUNCH_HOLE | HostConstants.FALLOC_FL_KEEP_SIZE;
        return queue(FileOperation.FALLOCATE, offset, length, mode, 0, false, token);
    }

    @Override
    public boolean zero(long offset, long length, long token) {
        int mode = HostConstants.FALLOC_FL_ZERO_RANGE | HostConstants.FALLOC_FL_KEEP_SIZE;
        return queue(FileOperation.FALLOCATE, offset, length, mode, 0, false, token);
    }

    private boolean queue(
            FileOperation operation, long offset, long address, int length, int flags, boolean large, long token) {
        int slot = add(file, operation, offset, address, length, flags, large, token);
        if (slot < 0) {
            return false;
        }
        engine.queue(slot);
        return true;
    }

    /** Takes a place for a request; -1 if there is none. */
    private int add(
            Fd target,
            FileOperation operation,
            long offset,
            long address,
            int length,
            int flags,
            boolean large,
            long token) {
        requireLoop();
        if (offset < 0) { // io_uring takes -1 as the file's position
            throw new IllegalArgumentException("offset " + offset + " of " + target.name());
        }
        int _ = target.value(); // throws if it was closed, and another file may have its number
        return closing ? -1 : requests.add(target, operation, offset, address, length, flags, large, token);
    }

    @Override
    public void submit() {
        requireLoop();
        if (released.getCount() > 0) {
            engine.submit();
        }
    }

    private void requireLoop() {
        if (!loop.isLoopThread()) {
            throw new IllegalStateException("only " + loop.name() + " may do I/O on " + name);
        }
    }

    @Override
    public void finished(int slot, long result) {
        // The one place for both. EINTR: a kernel thread that works for io_uring is woken like by a signal.
        // EAGAIN: it could not be done without waiting, and is asked for once more in a way that may wait.
        if (result == -Errno.EINTR || (result == -Errno.EAGAIN && !requests.refused(slot))) {
            if (result == -Errno.EAGAIN) {
                requests.setRefused(slot);
            }
            engine.queue(slot);
            return;
        }
        long token = requests.token(slot);
        long told = Math.min(result, requests.most(slot));
        requests.remove(slot);
        completing = true;
        try {
            completion.completed(token, told);
        } finally {
            completing = false;
        }
    }

    @Override
    public void settled() {
        if (closing && requests.inFlight() == 0 && released.getCount() > 0) {
            loop.removeEndAction(endAction);
            engine.release();
            released.countDown();
        }
    }

    @Override
    public void close() {
        boolean onLoop = loop.isLoopThread();
        if (onLoop && completing) {
            throw new IllegalStateException(name + " is closed by one of its own completions");
        }
        closing = true;
        if (onLoop) {
            drain();
        } else {
            // A loop that is closed already does it at its end.
            boolean _ = loop.executeCompletion(this::submit);
        }
        if (!Waits.await(released, onLoop ? 0 : Waits.LIMIT_NANOS)) {
            throw new IllegalStateException("requests on " + name + " are still in flight, after 8 to 10 s");
        }
    }

    private void endWithLoop() {
        closing = true;
        drain();
        if (released.getCount() > 0) {
            throw new IllegalStateException(
                    requests.inFlight() + " requests on " + name + " do not end; their memory stays mapped");
        }
    }

    private void drain() {
        long end = System.nanoTime() + DRAIN_NANOS;
        submit();
        long left = DRAIN_NANOS;
        while (released.getCount() > 0 && left > 0) {
            engine.await(left);
            left = end - System.nanoTime();
        }
    }

    @Override
    public String engine() {
        return engine.name();
    }

    @Override
    public String toString() {
        return name + " by " + engine.name();
    }
}
