package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.io.abi.IoUringConstants;
import io.javisor.testkit.Await;
import io.javisor.testkit.host.Pipe;
import io.javisor.testkit.host.SeccompThread;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IoUringTest {
    @BeforeEach
    void needsIoUring() {
        assumeTrue(IoUringProbe.reasonAgainst() == null, "no io_uring");
    }

    private static boolean nop(IoUring ring, long userData) {
        return ring.queue(IoUringConstants.IORING_OP_NOP, 0, -1, 0, 0, 0, 0, userData);
    }

    /** What the ring was not made for, the kernel refuses, and a register call too. */
    @Test
    void doesNothingButWhatItIsFor() {
        try (IoUring ring = new IoUring("test", 4, 4, IoUringConstants.IORING_OP_FSYNC)) {
            int ioLink = 4; // IOSQE_IO_LINK
            assertTrue(nop(ring, 1));
            assertTrue(ring.queue(IoUringConstants.IORING_OP_FSYNC, 0, -1, 0, 0, 0, 0, 2));
            assertTrue(ring.queue(IoUringConstants.IORING_OP_FSYNC, ioLink, -1, 0, 0, 0, 0, 3));
            while (ring.queuedCount() > 0) {
                int _ = ring.enter();
            }
            int[] expected = {-Errno.EACCES, -Errno.EBADF, -Errno.EACCES};
            for (int i = 0; i < expected.length; i++) {
                Await.until(() -> ring.hasNext() || ring.enter() > 0);
                assertTrue(ring.next());
                assertEquals(expected[(int) ring.userData() - 1], ring.result(), "request " + ring.userData());
            }
        }
    }

    @Test
    void queuesUntilItIsFullAndSubmitsInOne() {
        try (IoUring ring = new IoUring("test", 4, 8, IoUringConstants.IORING_OP_NOP)) {
            for (int round = 0; round < 100; round++) {
                for (int i = 0; i < 4; i++) {
                    assertTrue(nop(ring, 10 * round + i));
                }
                assertFalse(nop(ring, 99));
                assertEquals(4, ring.queuedCount());
                assertFalse(ring.next());
                assertEquals(4, ring.enter());
                assertEquals(0, ring.queuedCount());
                for (int i = 0; i < 4; i++) {
                    assertTrue(ring.next());
                    assertEquals(10 * round + i, ring.userData());
                    assertEquals(0, ring.result());
                }
                assertFalse(ring.next());
            }
        }
    }

    /** The kernel keeps what finds no room, and says so. */
    @Test
    void noCompletionIsLostWhenTheRingOverflows() {
        try (IoUring ring = new IoUring("test", 2, 2, IoUringConstants.IORING_OP_NOP)) {
            for (int i = 0; i < 10; i++) {
                assertTrue(nop(ring, i));
                assertTrue(nop(ring, i + 100));
                assertEquals(2, ring.enter());
            }
            Set<Long> seen = new HashSet<>();
            assertTrue(ring.needsEnter());
            for (int round = 0; round < 20 && seen.size() < 20; round++) {
                while (ring.next()) {
                    seen.add(ring.userData());
                }
                assertTrue(ring.enter() >= 0);
            }
            assertEquals(20, seen.size());
            assertFalse(ring.needsEnter());
        }
    }

    @Test
    void completionsAreSignalledUnlessMuted() {
        try (IoUring ring = new IoUring("test", 4, 4, IoUringConstants.IORING_OP_NOP)) {
            assertTrue(nop(ring, 1));
            assertEquals(1, ring.enter());
            assertTrue(ring.completions().eventFd().drain() > 0);
            ring.muteSignal();
            assertTrue(nop(ring, 2));
            assertEquals(1, ring.enter());
            assertEquals(0, ring.completions().eventFd().drain());
            ring.unmuteSignal();
            assertTrue(ring.hasNext());
            assertTrue(nop(ring, 3));
            assertEquals(1, ring.enter());
            assertTrue(ring.completions().eventFd().drain() > 0);
        }
    }

    @Test
    void aBadRequestDoesNotHoldUpTheNext() {
        try (IoUring ring = new IoUring("test", 4, 4, IoUringConstants.IORING_OP_NOP)) {
            assertTrue(ring.queue(255, 0, -1, 0, 0, 0, 0, 1));
            assertTrue(nop(ring, 2));
            assertEquals(2, ring.enter());
            assertTrue(ring.next());
            assertEquals(1, ring.userData());
            assertEquals(-Errno.EINVAL, ring.result());
            assertTrue(ring.next());
            assertEquals(2, ring.userData());
        }
    }

    @Test
    void aRingNeedsSensibleSizes() {
        HostException e = assertThrows(HostException.class, () -> new IoUring("test", 1 << 30, 1 << 30));
        assertEquals(Errno.EINVAL, e.errno());
    }

    /** A pipe without data holds a read for as long as a test needs; only io_uring reads pipes with an offset. */
    private static final class HeldRead implements AutoCloseable {
        final FileRig rig = new FileRig(AsyncFiles.Engine.IO_URING);
        final Pipe pipe;
        final AsyncFileBackend backend;

        HeldRead() {
            this(0);
        }

        HeldRead(int flags) {
            pipe = Pipe.open(flags);
            backend = rig.backend(pipe.reader(), 2);
            long iovecs = rig.iovecs(rig.arena.allocate(1));
            rig.onLoop(() -> {
                assertTrue(backend.readv(0, iovecs, 1, 0, 1));
                backend.submit();
            });
        }

        void end() {
            assertEquals(
                    1, Libc.write(pipe.writer().value(), rig.arena.allocate(1).address(), 1));
        }

        @Override
        public void close() {
            backend.close();
            pipe.close();
            rig.close();
        }
    }

    @Test
    void aRequestInFlightHoldsNobodyUp() {
        try (HeldRead held = new HeldRead()) {
            Await.idle(held.rig.loop);
            long start = System.nanoTime();
            System.gc();
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
            assertTrue(held.rig.results.isEmpty());
            held.end();
            assertEquals(1, held.rig.awaitResult(1));
        }
    }

    /** It refuses to wait, is asked a second time in a way that may wait, and does. */
    @Test
    void aReadOfAPipeInNonBlockingModeIsTriedAgain() {
        try (HeldRead held = new HeldRead(HostConstants.O_NONBLOCK)) {
            Await.idle(held.rig.loop);
            assertTrue(held.rig.results.isEmpty(), held.rig.results::toString);
            held.end();
            assertEquals(1, held.rig.awaitResult(1));
        }
    }

    @Test
    void closeWaitsAndTheLoopGoesOn() throws InterruptedException {
        try (HeldRead held = new HeldRead()) {
            Thread closer = Thread.ofPlatform().name("closer").start(held.backend::close);
            Await.until(() -> closer.getState() == Thread.State.TIMED_WAITING);
            Await.idle(held.rig.loop);
            held.rig.onLoop(() -> assertFalse(held.backend.fdatasync(2), "closing"));
            held.end();
            closer.join();
            assertEquals(1, held.rig.results.get(1L));
        }
    }

    @Test
    void aLoopThatEndsWaits() throws InterruptedException {
        try (HeldRead held = new HeldRead()) {
            Thread closer = Thread.ofPlatform().name("closer").start(held.rig.loop::close);
            Await.until(() -> closer.getState() == Thread.State.TIMED_WAITING);
            held.end();
            closer.join();
            assertEquals(1, held.rig.results.get(1L));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EPERM, Errno.ENOSYS})
    void whereItIsForbiddenThePoolDoesIt(int errno) throws Exception {
        try (FileRig rig = new FileRig(AsyncFiles.Engine.AUTO);
                Fd file = Fd.own("/dev/full", Libc.open("/dev/full", HostConstants.O_RDWR, 0))) {
            AsyncFiles insisting = new AsyncFiles(rig.loop, rig.pool, AsyncFiles.Engine.IO_URING);
            AsyncFileBackend fallback = SeccompThread.deny(HostConstants.SYS_io_uring_setup, errno, () -> {
                String reason = IoUringProbe.reasonAgainst();
                assertNotNull(reason);
                assertTrue(reason.contains(Errno.name(errno)), reason);
                assertInstanceOf(
                        HostException.class,
                        assertThrows(RuntimeException.class, () -> insisting.open(file, 1, (token, result) -> {})));
                return rig.backend(file, 1);
            });
            assertEquals("worker pool", fallback.engine());
            fallback.close();
            assertNull(IoUringProbe.reasonAgainst(), "on this thread");
            try (AsyncFileBackend backend = rig.backend(file, 1)) {
                assertEquals("io_uring", backend.engine());
            }
        }
    }
}
