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
import io.javisor.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Several files read as one, by both engines. */
@ParameterizedClass
@EnumSource(
        value = AsyncFiles.Engine.class,
        names = {"IO_URING", "POOL"})
class StitchedFileTest {
    private static final int DEPTH = 8;

    private final FileRig rig;
    private final Random random = new Random(2026_12);
    private final List<Fd> opened = new ArrayList<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    @TempDir
    private Path directory = Path.of("");

    StitchedFileTest(AsyncFiles.Engine engine) {
        assumeTrue(engine == AsyncFiles.Engine.POOL || IoUringProbe.reasonAgainst() == null);
        rig = new FileRig(engine);
    }

    @AfterEach
    void close() {
        rig.close();
        opened.forEach(Fd::close);
    }

    private Path path(int number) {
        return directory.resolve("part" + number);
    }

    private StitchedFile.Part part(int size) throws IOException {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        Path path = path(opened.size());
        Files.write(path, bytes);
        content.writeBytes(bytes);
        Fd fd = Fd.own(path.toString(), Libc.open(path.toString(), HostConstants.O_RDONLY, 0));
        opened.add(fd);
        return new StitchedFile.Part(fd, size);
    }

    private StitchedFile file(int... sizes) throws IOException {
        List<StitchedFile.Part> parts = new ArrayList<>();
        for (int size : sizes) {
            parts.add(part(size));
        }
        return new StitchedFile(parts);
    }

    private AsyncFileBackend backend(StitchedFile file) {
        return rig.files.stitched(file).open(file.first(), DEPTH, rig.results::put);
    }

    private long read(AsyncFileBackend backend, long offset, MemorySegment... pieces) {
        long size = Arrays.stream(pieces).mapToLong(MemorySegment::byteSize).sum();
        return rig.result(backend, each -> assertTrue(each.readv(offset, rig.iovecs(pieces), pieces.length, size, 1)));
    }

    /** Cuts a buffer in pieces of any size. */
    private MemorySegment[] cut(MemorySegment buffer) {
        List<MemorySegment> pieces = new ArrayList<>();
        for (long at = 0; at < buffer.byteSize(); at += pieces.getLast().byteSize()) {
            pieces.add(buffer.asSlice(at, 1 + random.nextLong(Math.min(3000, buffer.byteSize() - at))));
        }
        return pieces.toArray(MemorySegment[]::new);
    }

    /** As the disk does it: what a read leaves is asked for again. */
    private byte[] readAll(AsyncFileBackend backend, long offset, int size) {
        MemorySegment buffer = rig.arena.allocate(Math.max(1, size));
        int done = 0;
        while (done < size) {
            long now = read(backend, offset + done, cut(buffer.asSlice(done, size - done)));
            assertTrue(now > 0 && now <= size - done, () -> "a result of " + now);
            done += (int) now;
        }
        return buffer.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void anyLayoutReadsAsOneFileWould() throws IOException {
        for (int layout = 0; layout < 12; layout++) {
            content.reset();
            int count = 1 + random.nextInt(20);
            StitchedFile file = file(
                    IntStream.range(0, count).map(_ -> 1 + random.nextInt(9000)).toArray());
            byte[] whole = content.toByteArray();
            assertEquals(whole.length, file.sizeBytes());
            try (AsyncFileBackend backend = backend(file)) {
                for (int i = 0; i < 40; i++) {
                    int offset = random.nextInt(whole.length);
                    int size = random.nextInt(Math.min(40_000, whole.length - offset) + 1);
                    assertArrayEquals(Arrays.copyOfRange(whole, offset, offset + size), readAll(backend, offset, size));
                }
                assertEquals(0, read(backend, whole.length, rig.arena.allocate(10)));
                assertEquals(0, read(backend, 1L << 50, rig.arena.allocate(10)));
            }
        }
    }

    @Test
    void aReadEndsWithThePartThatItBeginsIn() throws IOException {
        try (AsyncFileBackend backend = backend(file(4096, 8192, 4096))) {
            assertEquals(1, read(backend, 4095, rig.arena.allocate(9000)));
            assertEquals(8192, read(backend, 4096, rig.arena.allocate(9000)));
            assertEquals(100, read(backend, 12_188, rig.arena.allocate(100)));
            assertEquals(4096, read(backend, 12_288, rig.arena.allocate(9000)));
            assertEquals(0, read(backend, 0));
        }
    }

    /** One engine serves them all: no more descriptors than one file takes. */
    @Test
    void hundredsOfPartsTakeOneEngine() throws IOException {
        int[] sizes = new int[300];
        Arrays.fill(sizes, 4096);
        StitchedFile file = file(sizes);
        backend(file).close(); // the loop has a timer of its own from now on
        long before = descriptors();
        long ofOne;
        try (AsyncFileBackend _ = rig.backend(file.first(), DEPTH)) {
            ofOne = descriptors() - before;
        }
        try (AsyncFileBackend backend = backend(file)) {
            assertEquals(ofOne, descriptors() - before);
            assertArrayEquals(content.toByteArray(), readAll(backend, 0, 300 * 4096));
        }
        assertEquals(before, descriptors());
    }

    /** Rings, event counters and the like. */
    private static long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).toString().startsWith("anon_inode:");
                        } catch (IOException e) {
                            return false; // that of the list itself
                        }
                    })
                    .count();
        }
    }

    @Test
    void aFileMayBeThereTwice() throws IOException {
        StitchedFile.Part first = part(4096);
        StitchedFile.Part second = part(4096);
        byte[] once = content.toByteArray();
        try (AsyncFileBackend backend = backend(new StitchedFile(List.of(first, second, first)))) {
            byte[] expected = Arrays.copyOf(once, 3 * 4096);
            System.arraycopy(once, 0, expected, 2 * 4096, 4096);
            assertArrayEquals(expected, readAll(backend, 0, 3 * 4096));
        }
    }

    @Test
    void aPartThatHasGrownEndsWhereItEnded() throws IOException {
        StitchedFile file = file(4096, 4096);
        try (RandomAccessFile grown = new RandomAccessFile(path(0).toFile(), "rw")) {
            grown.setLength(20_000);
        }
        try (AsyncFileBackend backend = backend(file)) {
            assertEquals(96, read(backend, 4000, rig.arena.allocate(5000)));
            assertArrayEquals(content.toByteArray(), readAll(backend, 0, 8192));
        }
    }

    @Test
    void aPartThatHasShrunkCannotBeReadAndTheOthersCan() throws IOException {
        StitchedFile file = file(8192, 4096);
        try (RandomAccessFile shrunk = new RandomAccessFile(path(0).toFile(), "rw")) {
            shrunk.setLength(5000);
        }
        try (AsyncFileBackend backend = backend(file)) {
            assertEquals(904, read(backend, 4096, rig.arena.allocate(8192)));
            assertEquals(0, read(backend, 5000, rig.arena.allocate(8192)));
            assertArrayEquals(Arrays.copyOfRange(content.toByteArray(), 8192, 12_288), readAll(backend, 8192, 4096));
        }
    }

    @Test
    void errorsOfAPartAreTold() throws IOException {
        StitchedFile.Part good = part(4096);
        Fd none = Fd.own("a directory", Libc.open(directory.toString(), HostConstants.O_RDONLY, 0));
        opened.add(none);
        StitchedFile file = new StitchedFile(List.of(good, new StitchedFile.Part(none, 4096)));
        try (AsyncFileBackend backend = backend(file)) {
            assertEquals(-Errno.EISDIR, read(backend, 4096, rig.arena.allocate(100)));
            assertEquals(-Errno.EFAULT, rig.result(backend, each -> assertTrue(each.readv(0, 8, 1, 1, 1))));
            assertEquals(4096, read(backend, 0, rig.arena.allocate(5000)));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> rig.onLoop(() -> backend.readv(-1, rig.iovecs(rig.arena.allocate(1)), 1, 1, 1)));
        }
    }

    @Test
    void saysWhenItIsFullOrClosed() throws IOException {
        AsyncFileBackend backend = backend(file(4096, 4096));
        assertEquals(DEPTH, backend.depth());
        long iovecs = rig.iovecs(rig.arena.allocate(100));
        rig.onLoop(() -> {
            for (long token = 0; token < DEPTH; token++) {
                assertTrue(backend.readv(4050 + token, iovecs, 1, 100, token));
            }
            assertFalse(backend.readv(0, iovecs, 1, 100, 99));
            backend.submit();
        });
        Await.until(() -> rig.results.size() == DEPTH);
        assertEquals(46, rig.awaitResult(0));
        assertEquals(39, rig.awaitResult(7));
        backend.close();
        rig.onLoop(() -> assertFalse(backend.readv(0, iovecs, 1, 100, 99)));
    }

    @Test
    void isForReadingOnly() throws IOException {
        try (AsyncFileBackend backend = backend(file(4096))) {
            List<Runnable> others = List.of(
                    () -> backend.writev(0, 0, 0, 0, false, 1),
                    () -> backend.fdatasync(1),
                    () -> backend.discard(0, 4096, 1),
                    () -> backend.zero(0, 4096, 1));
            for (Runnable other : others) {
                assertThrows(IllegalStateException.class, () -> rig.onLoop(other));
            }
        }
    }

    @Test
    void refusesWhatIsNoFile() throws IOException {
        StitchedFile.Part part = part(1);
        assertThrows(IllegalArgumentException.class, () -> new StitchedFile(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new StitchedFile.Part(part.file(), 0));
        StitchedFile.Part huge = new StitchedFile.Part(part.file(), Long.MAX_VALUE);
        assertThrows(IllegalArgumentException.class, () -> new StitchedFile(List.of(huge, part)));
    }
}
