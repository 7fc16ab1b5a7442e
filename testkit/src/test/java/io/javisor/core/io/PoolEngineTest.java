package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.BlockingWork;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.testkit.Await;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What only the pool's engine meets: a pool that is full, and one that is closed. */
class PoolEngineTest {
    private static Fd full() {
        return Fd.own("/dev/full", Libc.open("/dev/full", HostConstants.O_RDWR, 0));
    }

    private static final class Held implements BlockingWork {
        final CountDownLatch release = new CountDownLatch(1);

        @Override
        public void run() throws Exception {
            release.await();
        }

        @Override
        public void completed(@Nullable Throwable failure) {}
    }

    @Test
    void aFullPoolIsTriedAgain() {
        try (FileRig rig = new FileRig(AsyncFiles.Engine.POOL);
                Fd file = full();
                AsyncFileBackend backend = rig.backend(file, 4)) {
            Held held = new Held();
            while (rig.pool.submit(held, rig.loop)) {
                // until nothing goes in
            }
            long iovecs = rig.iovecs(rig.arena.allocate(8));
            rig.onLoop(() -> {
                for (long token = 0; token < 4; token++) {
                    assertTrue(backend.readv(0, iovecs, 1, 0, token));
                }
                backend.submit();
            });
            Await.sleep(5);
            assertTrue(rig.results.isEmpty());
            held.release.countDown();
            Await.until(() -> rig.results.size() == 4);
            assertTrue(rig.results.values().stream().allMatch(result -> result == 8));
        }
    }

    @Test
    void aLoopThatEndsWaitsForTheWorkers() throws InterruptedException {
        try (FileRig rig = new FileRig(AsyncFiles.Engine.POOL);
                Fd file = full();
                AsyncFileBackend backend = rig.backend(file, 4)) {
            Held held = new Held();
            while (rig.pool.submit(held, rig.loop)) {
                // until nothing goes in
            }
            long iovecs = rig.iovecs(rig.arena.allocate(8));
            rig.onLoop(() -> assertTrue(backend.readv(0, iovecs, 1, 0, 1)));
            Thread closer = Thread.ofPlatform().name("closer").start(rig.loop::close);
            Await.until(() -> closer.getState() == Thread.State.TIMED_WAITING);
            held.release.countDown();
            closer.join();
            assertEquals(8, rig.results.get(1L));
        }
    }

    @Test
    void aClosedPoolCancels() {
        try (FileRig rig = new FileRig(AsyncFiles.Engine.POOL);
                Fd file = full();
                AsyncFileBackend backend = rig.backend(file, 4)) {
            rig.pool.close();
            assertEquals(-Errno.ECANCELED, rig.result(backend, each -> assertTrue(each.fdatasync(1))));
        }
    }
}
