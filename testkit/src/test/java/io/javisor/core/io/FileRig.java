package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.IovecLayout;
import io.javisor.testkit.Await;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A loop, a pool, memory for buffers, and what tests do with them. */
final class FileRig implements AutoCloseable {
    static final String NAME = "file-test";

    final EventLoop loop = EventLoop.start(NAME + "/io-loop");
    final WorkerPool pool = new WorkerPool(NAME + "/worker", 4, 64);
    final Arena arena = Arena.ofShared();
    final AsyncFiles files;
    final Map<Long, Long> results = new ConcurrentHashMap<>();

    FileRig(AsyncFiles.Engine engine) {
        files = new AsyncFiles(loop, pool, engine);
    }

    static Fd open(Path path, int flags) {
        return Fd.own(path.getFileName().toString(), Libc.open(path.toString(), flags | HostConstants.O_CREAT, 0600));
    }

    /** A backend whose results go to {@link #results}. */
    AsyncFileBackend backend(Fd file, int depth) {
        return files.open(file, depth, results::put);
    }

    /** Runs {@code action} on the loop and waits for it. */
    void onLoop(Runnable action) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(() -> {
            try {
                action.run();
            } catch (Throwable e) {
                failure.set(e);
            } finally {
                done.countDown();
            }
        });
        Await.latch(done);
        if (failure.get() instanceof RuntimeException e) {
            throw e;
        }
        if (failure.get() instanceof Error e) {
            throw e;
        }
    }

    /** The result of the one request, of token 1, that {@code request} queues. */
    long result(AsyncFileBackend backend, Consumer<AsyncFileBackend> request) {
        results.remove(1L);
        onLoop(() -> {
            request.accept(backend);
            backend.submit();
        });
        return awaitResult(1);
    }

    long awaitResult(long token) {
        Await.until(() -> results.containsKey(token));
        return Objects.requireNonNull(results.get(token));
    }

    /** The address of an array of {@code struct iovec} for {@code pieces}. */
    long iovecs(MemorySegment... pieces) {
        MemorySegment iovecs = arena.allocate((long) pieces.length * IovecLayout.SIZE, Long.BYTES);
        for (int i = 0; i < pieces.length; i++) {
            setIovec(iovecs, i, pieces[i]);
        }
        return iovecs.address();
    }

    static void setIovec(MemorySegment iovecs, int index, MemorySegment piece) {
        long offset = (long) index * IovecLayout.SIZE;
        iovecs.set(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_BASE_OFFSET, piece.address());
        iovecs.set(ValueLayout.JAVA_LONG, offset + IovecLayout.IOV_LEN_OFFSET, piece.byteSize());
    }

    @Override
    public void close() {
        loop.close();
        pool.close();
        arena.close();
        assertTrue(Await.threadCount(NAME + "/") == 0);
    }
}
