package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.io.AsyncFiles;
import io.javisor.core.io.StitchedFile;
import io.javisor.core.memory.IovecLayout;
import io.javisor.images.ByteSource;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be wrong with an image's files, and what is read of those that are right. */
class ImageFilesTest {
    private static final List<BiConsumer<List<Path>, List<DiskFile>>> BOTH_WAYS = List.of(
            (paths, disks) -> ImageFiles.look(paths, disks).close(),
            (paths, disks) -> ImageFiles.open(paths, disks).close());

    @TempDir
    private Path directory = Path.of("");

    private final Random random = new Random(3);

    private Path file(String name, int size) throws IOException {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Files.write(directory.resolve(name), bytes);
    }

    private static void refused(List<Path> paths, List<DiskFile> disks, String reason) {
        for (BiConsumer<List<Path>, List<DiskFile>> way : BOTH_WAYS) {
            ConfigException refusal = assertThrows(ConfigException.class, () -> way.accept(paths, disks));
            String message = String.valueOf(refusal.getMessage());
            assertTrue(message.startsWith("image file " + paths.getLast() + " " + reason), message);
            assertEquals(1, message.lines().count());
        }
    }

    @Test
    void whatIsNoPartOfAnImageIsRefused() throws Exception {
        Path good = file("good", 4096);
        refused(List.of(good, directory.resolve("none")), List.of(), "does not exist");
        refused(List.of(good, good.resolve("below")), List.of(), "does not exist");
        refused(List.of(good, directory), List.of(), "is not a file");
        refused(List.of(good, Path.of("/dev/null")), List.of(), "is not a file");
        refused(List.of(good, file("empty", 0)), List.of(), "is empty");
        refused(List.of(good, file("odd", 6000)), List.of(), "has 6000 bytes, which is not a multiple of 4096");
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        refused(List.of(good, fifo), List.of(), "is not a file");
    }

    @Test
    void manyMachinesMayHaveThemAndNobodyMayWrite() throws IOException {
        Path path = file("a", 4096);
        List<Path> twice = List.of(path, path);
        try (ImageFiles one = ImageFiles.open(twice, List.of());
                ImageFiles other = ImageFiles.open(twice, List.of());
                HostDisks _ = HostDisks.open(List.of(DiskConfig.parse(path + ",readonly")))) {
            ImageFiles.look(twice, List.of()).close();
            assertEquals(8192, one.file().sizeBytes());
            assertEquals(8192, other.file().sizeBytes());
            assertThrows(ConfigException.class, () -> HostDisks.open(List.of(DiskConfig.of(path))));
        }
        try (HostDisks _ = HostDisks.open(List.of(DiskConfig.of(path)))) {
            refused(twice, List.of(), "is in use by another machine or program, which writes to it");
        }
    }

    /** A dry run has no lock that would tell it. */
    @Test
    void aDiskOfTheSameMachineMayNotWriteToThem() throws IOException {
        Path path = file("a", 4096);
        try (HostDisks disks = HostDisks.look(List.of(DiskConfig.of(path)))) {
            refused(List.of(path), disks.files(), "is disk " + path + " of this machine; add ,readonly to that");
        }
        try (HostDisks disks = HostDisks.look(List.of(DiskConfig.parse(path + ",readonly")))) {
            ImageFiles.look(List.of(path), disks.files()).close();
        }
    }

    /** Random layouts and requests, against what images are read by on the host. */
    @Test
    void theyReadAsTheHostReadsThem() throws Exception {
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < 130; i++) {
            paths.add(file("part" + i, 4096 * (1 + random.nextInt(5))));
        }
        paths.add(paths.getFirst());
        try (EventLoop loop = EventLoop.start("image-test/io-loop");
                WorkerPool pool = new WorkerPool("image-test/worker", 2, 16);
                Arena arena = Arena.ofShared();
                ImageFiles files = ImageFiles.open(paths, List.of())) {
            Files.move(file("other", 4096), paths.get(5), StandardCopyOption.REPLACE_EXISTING);
            ByteSource host = hostSource(paths, files.file(), arena);
            SynchronousQueue<Long> results = new SynchronousQueue<>();
            AsyncFileBackend backend = new AsyncFiles(loop, pool, AsyncFiles.Engine.POOL)
                    .stitched(files.file())
                    .open(files.file().first(), 1, (_, result) -> give(results, result));
            MemorySegment expected = arena.allocate(200_000);
            MemorySegment got = arena.allocate(200_000);
            MemorySegment iovec = arena.allocate(IovecLayout.SIZE, Long.BYTES);
            for (int i = 0; i < 200; i++) {
                long size = 1L + random.nextInt(200_000);
                long offset = random.nextLong(host.sizeBytes() - size + 1);
                host.read(offset, expected.asSlice(0, size));
                long done = 0;
                while (done < size) {
                    long at = done;
                    iovec.set(ValueLayout.JAVA_LONG, IovecLayout.IOV_BASE_OFFSET, got.address() + at);
                    iovec.set(ValueLayout.JAVA_LONG, IovecLayout.IOV_LEN_OFFSET, size - at);
                    loop.execute(() -> {
                        assertTrue(backend.readv(offset + at, iovec.address(), 1, size - at, 1));
                        backend.submit();
                    });
                    Long result = results.poll(20, TimeUnit.SECONDS);
                    assertTrue(result != null && result > 0, "a result of " + result);
                    done += result;
                }
                assertEquals(-1, expected.asSlice(0, size).mismatch(got.asSlice(0, size)));
            }
            backend.close();
        }
    }

    private static void give(SynchronousQueue<Long> results, long result) {
        try {
            results.put(result);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** By descriptors of its own, of the files as they were opened: one path leads to another file by now. */
    private static ByteSource hostSource(List<Path> paths, StitchedFile file, Arena arena) throws IOException {
        List<ByteSource> parts = new ArrayList<>();
        long sum = 0;
        for (Path path : paths) {
            byte[] bytes = path.equals(paths.get(5)) ? openBytes(path) : Files.readAllBytes(path);
            parts.add(ByteSource.of(path.toString(), arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes)));
            sum += bytes.length;
        }
        assertEquals(file.sizeBytes(), sum);
        return ByteSource.concat("all", parts);
    }

    private static byte[] openBytes(Path path) throws IOException {
        try (var list = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : list.toList()) {
                if (Files.isSymbolicLink(fd)
                        && Files.readSymbolicLink(fd).toString().equals(path.toRealPath() + " (deleted)")) {
                    try (Fd again = Fd.own("again", Libc.open(fd.toString(), HostConstants.O_RDONLY, 0))) {
                        return Files.readAllBytes(Path.of("/proc/self/fd/" + again.value()));
                    }
                }
            }
        }
        throw new AssertionError(path + " is not open");
    }
}
