package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.core.memory.MemoryLease;
import io.javisor.testkit.Await;
import io.javisor.testkit.host.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What every engine does. */
@ParameterizedClass
@EnumSource(
        value = AsyncFiles.Engine.class,
        names = {"IO_URING", "POOL"})
class AsyncFileContractTest {
    private static final int DEPTH = 8;

    private final AsyncFiles.Engine engine;
    private final FileRig rig;

    @TempDir
    private Path directory = Path.of("");

    private Path path = directory;
    private Fd file;
    private AsyncFileBackend backend;

    AsyncFileContractTest(AsyncFiles.Engine engine) {
        assumeTrue(engine == AsyncFiles.Engine.POOL || IoUringProbe.reasonAgainst() == null);
        this.engine = engine;
        this.rig = new FileRig(engine);
        this.file = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDWR, 0));
        this.backend = rig.backend(file, 1);
    }

    @BeforeEach
    void open() {
        backend.close();
        file.close();
        path = directory.resolve("disk.img");
        file = FileRig.open(path, HostConstants.O_RDWR);
        backend = rig.backend(file, DEPTH);
    }

    @AfterEach
    void close() {
        backend.close();
        file.close();
        rig.close();
    }

    private MemorySegment text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return rig.arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }

    private static String text(MemorySegment segment) {
        return new String(segment.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    private long write(long offset, MemorySegment... pieces) {
        return rig.result(
                backend, each -> assertTrue(each.writev(offset, rig.iovecs(pieces), pieces.length, 0, false, 1)));
    }

    private long read(long offset, MemorySegment... pieces) {
        return rig.result(backend, each -> assertTrue(each.readv(offset, rig.iovecs(pieces), pieces.length, 0, 1)));
    }

    @Test
    void namesItsEngine() {
        assertEquals(engine == AsyncFiles.Engine.POOL ? "worker pool" : "io_uring", backend.engine());
        assertEquals(DEPTH, backend.depth());
    }

    @Test
    void writesAndReadsPieces() throws Exception {
        assertEquals(11, write(3, text("hello "), text("world")));
        assertEquals("\0\0\0hello world", Files.readString(path));
        MemorySegment first = rig.arena.allocate(4);
        MemorySegment second = rig.arena.allocate(4);
        assertEquals(8, read(5, first, second));
        assertEquals("llo world".substring(0, 8), text(first) + text(second));
        assertEquals(0, read(0));
    }

    @Test
    void aReadPastTheEndIsShort() {
        assertEquals(5, write(0, text("hello")));
        assertEquals(3, read(2, rig.arena.allocate(100)));
        assertEquals(0, read(5, rig.arena.allocate(100)));
        assertEquals(0, read(1L << 40, rig.arena.allocate(100)));
    }

    @Test
    void writesToStableStorage() {
        long iovecs = rig.iovecs(text("durable"));
        assertEquals(7, rig.result(backend, each -> assertTrue(each.writev(0, iovecs, 1, 0, true, 1))));
        assertEquals(0, rig.result(backend, each -> assertTrue(each.fdatasync(1))));
    }

    @Test
    void discardsAndZeroes() throws Exception {
        int size = 1 << 20;
        byte[] expected = new byte[size];
        Arrays.fill(expected, (byte) 'x');
        Files.write(path, expected);
        long discarded = rig.result(backend, each -> assertTrue(each.discard(4096, 65_536, 1)));
        assumeTrue(discarded != -Errno.EOPNOTSUPP, "the file system has no holes");
        assertEquals(0, discarded);
        Arrays.fill(expected, 4096, 4096 + 65_536, (byte) 0);
        assertArrayEquals(expected, Files.readAllBytes(path));
        long zeroed = rig.result(backend, each -> assertTrue(each.zero(size - 8192, 65_536, 1)));
        if (zeroed != -Errno.EOPNOTSUPP) { // tmpfs
            assertEquals(0, zeroed);
            Arrays.fill(expected, size - 8192, size, (byte) 0);
        }
        assertArrayEquals(expected, Files.readAllBytes(path), "and the size stays");
        assertEquals(-Errno.EINVAL, rig.result(backend, each -> assertTrue(each.discard(0, 0, 1))));
    }

    @Test
    void reportsErrorsAsLinuxDoes() {
        assertEquals(-Errno.EFAULT, rig.result(backend, each -> assertTrue(each.readv(0, 8, 1, 0, 1))));
        long iovecs = rig.iovecs(text("x"));
        Libc.segmentAt(iovecs, Long.BYTES).set(ValueLayout.JAVA_LONG, 0, 8); // where nothing is
        assertEquals(-Errno.EFAULT, rig.result(backend, each -> assertTrue(each.writev(0, iovecs, 1, 0, false, 1))));
        assertEquals(
                -Errno.EINVAL,
                rig.result(backend, each -> assertTrue(each.readv(0, iovecs, 1 << 20, 0, 1))),
                "UIO_MAXIOV");
        try (Fd readOnly = FileRig.open(path, HostConstants.O_RDONLY);
                AsyncFileBackend other = rig.backend(readOnly, 1)) {
            long good = rig.iovecs(text("x"));
            assertEquals(-Errno.EBADF, rig.result(other, each -> assertTrue(each.writev(0, good, 1, 0, false, 1))));
        }
        try (Fd full = Fd.own("/dev/full", Libc.open("/dev/full", HostConstants.O_RDWR, 0));
                AsyncFileBackend other = rig.backend(full, 1)) {
            long good = rig.iovecs(text("x"));
            assertEquals(-Errno.ENOSPC, rig.result(other, each -> assertTrue(each.writev(0, good, 1, 0, false, 1))));
            assertEquals(-Errno.EINVAL, rig.result(other, each -> assertTrue(each.fdatasync(1))));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> rig.onLoop(() -> backend.readv(-1, rig.iovecs(text("x")), 1, 0, 1)));
    }

    /** A file system of 16 KiB, in a mount namespace that ends with the process. */
    @Test
    void reportsAFullDiskRaw() throws Exception {
        assumeTrue(Posix.isRoot(), "mounting needs root");
        String script = "mount -t tmpfs -o size=16k none " + directory + " && echo ready && exec cat";
        Process namespace = new ProcessBuilder("unshare", "-m", "sh", "-c", script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertEquals("ready", namespace.inputReader().readLine());
            Path small = Path.of("/proc/" + namespace.pid() + "/root" + directory, "small.img");
            try (Fd disk = FileRig.open(small, HostConstants.O_RDWR);
                    AsyncFileBackend other = rig.backend(disk, 1)) {
                long iovecs = rig.iovecs(rig.arena.allocate(40_000));
                assertEquals(16_384, rig.result(other, each -> assertTrue(each.writev(0, iovecs, 1, 0, false, 1))));
                assertEquals(
                        -Errno.ENOSPC,
                        rig.result(other, each -> assertTrue(each.writev(16_384, iovecs, 1, 0, false, 1))));
            }
        } finally {
            namespace.destroy();
            assertTrue(namespace.waitFor(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void ioGoesToLeasedGuestMemory() {
        assertEquals(5, write(0, text("hello")));
        try (GuestMemory memory = GuestMemory.allocate(List.of(new GpaRange(0, 8192)), MemoryBackingConfig.DEFAULT)) {
            MemoryLease lease = memory.newLease(2);
            CountDownLatch done = new CountDownLatch(1);
            try (AsyncFileBackend other = rig.files.open(file, 1, (token, result) -> {
                lease.release();
                done.countDown();
            })) {
                rig.onLoop(() -> {
                    lease.addDeviceWritable(0x100, 2);
                    lease.addDeviceWritable(0x200, 2);
                    assertTrue(other.readv(1, lease.iovecHva(), lease.iovecCount(), 0, 7));
                    other.submit();
                });
                Await.latch(done);
            }
            assertEquals('e', memory.getByte(0x100));
            assertEquals('o', memory.getByte(0x201));
        }
    }

    @Test
    void saysWhenItIsFull() {
        long iovecs = rig.iovecs(text("x"));
        rig.onLoop(() -> {
            for (long token = 0; token < DEPTH; token++) {
                assertTrue(backend.writev(token, iovecs, 1, 0, false, token));
            }
            assertFalse(backend.readv(0, iovecs, 1, 0, 99));
            assertFalse(backend.writev(0, iovecs, 1, 0, true, 99));
            assertFalse(backend.fdatasync(99));
            assertFalse(backend.discard(0, 4096, 99));
            assertFalse(backend.zero(0, 4096, 99));
            assertTrue(rig.results.isEmpty(), "nothing is told before submit");
            backend.submit();
        });
        Await.until(() -> rig.results.size() == DEPTH);
        assertTrue(rig.results.values().stream().allMatch(result -> result == 1));
        assertEquals(1, read(0, rig.arena.allocate(1)));
    }

    /** Each completion starts the next request, and another that is refused now and then: the pool is full of other work. */
    @Test
    void completionsStartRequests() {
        int count = 5_000;
        long iovecs = rig.iovecs(text("x"));
        AtomicInteger started = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(count);
        AsyncFileBackend[] chain = new AsyncFileBackend[1];
        chain[0] = rig.files.open(file, 2, (token, result) -> {
            assertEquals(1, result);
            done.countDown();
            while (started.get() < count && chain[0].readv(0, iovecs, 1, 0, 0)) {
                started.incrementAndGet();
            }
        });
        assertEquals(1, write(0, text("x")));
        try (AsyncFileBackend each = chain[0]) {
            rig.onLoop(() -> {
                started.incrementAndGet();
                assertTrue(each.readv(0, iovecs, 1, 0, 0));
                each.submit();
            });
            Await.latch(done);
            Await.idle(rig.loop);
            assertEquals(count, started.get());
        }
        assertEquals(0, rig.loop.failureCount());
    }

    @Test
    void aCompletionThatThrowsHarmsNoOther() {
        AtomicInteger completed = new AtomicInteger();
        long iovecs = rig.iovecs(text("x"));
        try (AsyncFileBackend other = rig.files.open(file, DEPTH, (token, result) -> {
            completed.incrementAndGet();
            throw new IllegalStateException("a device's bug");
        })) {
            for (int round = 1; round <= 100; round++) { // whether results meet an exception is chance
                int count = round * DEPTH;
                rig.loop.execute(() -> {
                    for (int i = 0; i < DEPTH; i++) {
                        assertTrue(other.writev(0, iovecs, 1, 0, false, i));
                    }
                    other.submit();
                });
                Await.until(() -> completed.get() == count);
                Await.idle(rig.loop);
                Await.until(() -> rig.loop.failureCount() == count);
            }
        }
    }

    @Test
    void otherThreadsAreRefused() {
        assertThrows(IllegalStateException.class, () -> backend.readv(0, 0, 0, 0, 0));
        assertThrows(IllegalStateException.class, backend::submit);
        assertThrows(IllegalArgumentException.class, () -> rig.backend(file, 0));
        assertThrows(IllegalArgumentException.class, () -> rig.backend(file, AsyncFiles.MAX_DEPTH + 1));
    }

    @Test
    void closeWaitsForWhatIsInFlight() {
        long iovecs = rig.iovecs(rig.arena.allocate(1 << 20));
        rig.onLoop(() -> {
            for (long token = 0; token < DEPTH; token++) {
                assertTrue(backend.writev(token << 20, iovecs, 1, 0, true, token));
            }
            backend.submit();
        });
        backend.close();
        assertEquals(DEPTH, rig.results.size());
        assertTrue(rig.results.values().stream().allMatch(result -> result == 1 << 20), rig.results::toString);
        backend.close();
        rig.onLoop(() -> {
            assertFalse(backend.readv(0, iovecs, 1, 0, 99));
            backend.submit();
        });
    }

    @Test
    void closeStartsWhatIsOnlyQueued() {
        long iovecs = rig.iovecs(text("x"));
        rig.onLoop(() -> assertTrue(backend.writev(0, iovecs, 1, 0, false, 1)));
        backend.close();
        assertEquals(1, rig.results.get(1L));
    }

    @Test
    void theLoopClosesIt() {
        long iovecs = rig.iovecs(text("x"));
        rig.onLoop(() -> {
            assertTrue(backend.writev(0, iovecs, 1, 0, false, 1));
            assertTrue(backend.fdatasync(2));
            backend.close();
            assertEquals(1, rig.results.get(1L));
            assertEquals(0, rig.results.get(2L));
        });
        Await.idle(rig.loop);
        assertEquals(0, rig.loop.failureCount());
    }

    @Test
    void aCompletionMustNotCloseIt() {
        AsyncFileBackend[] self = new AsyncFileBackend[1];
        CountDownLatch refused = new CountDownLatch(1);
        self[0] = rig.files.open(file, 1, (token, result) -> {
            assertThrows(IllegalStateException.class, self[0]::close);
            refused.countDown();
        });
        rig.onLoop(() -> {
            assertTrue(self[0].fdatasync(1));
            self[0].submit();
        });
        Await.latch(refused);
        self[0].close();
    }

    @Test
    void aLoopThatEndsWaitsForWhatIsInFlight() {
        long iovecs = rig.iovecs(rig.arena.allocate(1 << 20));
        rig.loop.execute(() -> {
            for (long token = 0; token < DEPTH - 1; token++) {
                assertTrue(backend.writev(token << 20, iovecs, 1, 0, true, token));
            }
            backend.submit();
            assertTrue(backend.fdatasync(DEPTH - 1)); // only queued
        });
        rig.loop.close();
        assertEquals(DEPTH, rig.results.size());
        assertTrue(rig.results.values().stream().allMatch(result -> result >= 0), rig.results::toString);
        assertEquals(0, rig.loop.failureCount());
        backend.close();
        assertThrows(IllegalStateException.class, () -> rig.backend(file, 1));
    }
}
