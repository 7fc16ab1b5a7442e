package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What backends take from the process, and that they give it back. */
class AsyncFileResourcesTest {
    private static final int DEPTH = 32;

    @TempDir
    private Path directory = Path.of("");

    private Fd file() throws IOException {
        Path path = directory.resolve("disk.img");
        Files.write(path, new byte[DEPTH * 4096]);
        return FileRig.open(path, HostConstants.O_RDWR);
    }

    private static long ringMappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("[io_uring]")).count();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "POOL"})
    void hundredsOfBackendsLeaveNothing(AsyncFiles.Engine engine) throws IOException {
        assumeTrue(engine == AsyncFiles.Engine.POOL || IoUringProbe.reasonAgainst() == null);
        try (Fd file = file();
                FileRig rig = new FileRig(engine)) {
            long iovecs = rig.iovecs(rig.arena.allocate(4096));
            cycle(rig, file, iovecs, true); // the loop makes its timer
            long fds = Await.fdCount();
            long mappings = ringMappings();
            for (int i = 0; i < 300; i++) {
                cycle(rig, file, iovecs, i % 3 != 0);
            }
            assertEquals(fds, Await.fdCount());
            assertEquals(mappings, ringMappings());
        }
    }

    private static void cycle(FileRig rig, Fd file, long iovecs, boolean used) {
        try (AsyncFileBackend backend = rig.backend(file, DEPTH)) {
            if (used) {
                rig.onLoop(() -> {
                    assertTrue(backend.writev(0, iovecs, 1, 0, false, 1));
                    backend.submit();
                });
            }
        }
    }

    /** A chain of reads and writes, {@link #DEPTH} in flight, that starts again at each release. */
    private static final class Chain {
        private final FileRig rig;
        private final AsyncFileBackend backend;
        private final long[] iovecs = new long[DEPTH];
        private final Semaphore ended = new Semaphore(0);
        private int left;
        private int inFlight;

        Chain(FileRig rig, Fd file) {
            this.rig = rig;
            for (int i = 0; i < DEPTH; i++) {
                iovecs[i] = rig.iovecs(rig.arena.allocate(4096));
            }
            backend = rig.files.open(file, DEPTH, this::completed);
        }

        private void start(int slot) {
            boolean accepted = (left & 3) == 0
                    ? backend.writev(slot * 4096L, iovecs[slot], 1, 0, false, slot)
                    : backend.readv(slot * 4096L, iovecs[slot], 1, 0, slot);
            assertTrue(accepted);
            left--;
            inFlight++;
        }

        private void completed(long token, long result) {
            inFlight--;
            if (result != 4096) {
                throw new AssertionError(result);
            }
            if (left > 0) {
                start((int) token);
            } else if (inFlight == 0) {
                ended.release();
            }
        }

        private void begin() {
            for (int slot = 0; slot < DEPTH; slot++) {
                start(slot);
            }
            backend.submit();
        }

        void run(int requests) {
            left = requests;
            rig.loop.execute(this::begin);
            ended.acquireUninterruptibly();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "POOL"})
    void requestsAllocateNothing(AsyncFiles.Engine engine) throws IOException {
        assumeTrue(engine == AsyncFiles.Engine.POOL || IoUringProbe.reasonAgainst() == null);
        try (Fd file = file();
                FileRig rig = new FileRig(engine)) {
            Chain chain = new Chain(rig, file);
            chain.run(20_000);
            List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith(FileRig.NAME + "/"))
                    .toList();
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 10 && best > 0; i++) {
                long before = allocatedBytes(threads);
                chain.run(2_000);
                best = Math.min(best, allocatedBytes(threads) - before);
            }
            chain.backend.close();
            // An object in every tenth request would be 3,200 bytes.
            assertTrue(best < 1_000, best + " bytes in 2,000 requests");
        }
    }

    private static long allocatedBytes(List<Thread> threads) {
        var bean = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.stream()
                .mapToLong(thread -> bean.getThreadAllocatedBytes(thread.threadId()))
                .sum();
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "POOL"})
    void theCollectorRunsWhileRequestsAreInFlight(AsyncFiles.Engine engine) throws IOException {
        assumeTrue(engine == AsyncFiles.Engine.POOL || IoUringProbe.reasonAgainst() == null);
        try (Fd file = file();
                FileRig rig = new FileRig(engine)) {
            Chain chain = new Chain(rig, file);
            CountDownLatch running = new CountDownLatch(1);
            Thread work = Thread.ofPlatform().name("chain").start(() -> {
                running.countDown();
                chain.run(20_000);
            });
            Await.latch(running);
            for (int i = 0; i < 5; i++) {
                System.gc();
            }
            try {
                work.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            chain.backend.close();
            assertEquals(0, rig.loop.failureCount());
        }
    }
}
