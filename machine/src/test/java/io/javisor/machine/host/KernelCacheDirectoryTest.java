package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelCacheDirectoryTest {
    private static final int SIZE = 10_000;
    private static final int TRAILER_SIZE = 24;
    /** The files of a test are new, and the cache waits until they no longer are. */
    private static final InstantSource LATER = InstantSource.offset(InstantSource.system(), Duration.ofSeconds(10));

    private final Arena arena = Arena.ofShared();
    private final MappedFiles files = new MappedFiles();
    private final List<InputFile> opened = new ArrayList<>();

    @TempDir
    private Path home = Path.of("");

    private Path bzImage = Path.of("");
    private Path directory = Path.of("");

    @BeforeEach
    void makeKernel() throws IOException {
        bzImage = Files.write(home.resolve("vmlinuz"), new byte[] {1, 2, 3, 4});
        directory = home.resolve("cache/kernels");
    }

    @AfterEach
    void unmap() {
        arena.close();
        files.close();
        opened.forEach(InputFile::close);
    }

    private KernelCacheDirectory cache() throws IOException {
        return cache(LATER);
    }

    private KernelCacheDirectory cache(InstantSource clock) throws IOException {
        MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, Files.readAllBytes(bzImage));
        return new KernelCacheDirectory(directory, openKernel(), bytes, files, clock);
    }

    private InputFile openKernel() {
        InputFile file = InputFile.open("kernel", bzImage);
        opened.add(file);
        return file;
    }

    private MemorySegment kernel() {
        MemorySegment kernel = arena.allocate(SIZE);
        for (int i = 0; i < SIZE; i++) {
            kernel.set(ValueLayout.JAVA_BYTE, i, (byte) (i % 251));
        }
        return kernel;
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private Path stored() throws IOException {
        cache().store(kernel());
        List<Path> entries = entries();
        assertEquals(1, entries.size(), entries::toString);
        return entries.getFirst();
    }

    private void assertFound(@Nullable MemorySegment found) {
        assertNotNull(found);
        assertEquals(-1, kernel().mismatch(found));
    }

    @Test
    void whatWasStoredIsFoundByTheNextStart() throws IOException {
        KernelCacheDirectory first = cache();
        assertNull(first.find(SIZE));
        first.store(kernel());
        assertFound(cache().find(SIZE));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
    }

    @Test
    void whoeverFindsItMayChangeIt() throws IOException {
        stored();
        MemorySegment found = cache().find(SIZE);
        assertNotNull(found);
        found.fill((byte) 0);
        assertFound(cache().find(SIZE));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, SIZE - 1, SIZE, SIZE + 8, SIZE + 16, SIZE + TRAILER_SIZE - 1})
    void aChangedByteAnywhereIsNoticed(int offset) throws IOException {
        Path entry = stored();
        byte[] bytes = Files.readAllBytes(entry);
        bytes[offset] ^= 4;
        Files.write(entry, bytes);
        assertNull(cache().find(SIZE));
        assertEquals(List.of(), entries());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, TRAILER_SIZE, SIZE, SIZE + TRAILER_SIZE - 1, SIZE + TRAILER_SIZE + 1})
    void aFileOfAnotherLengthIsNotTaken(int length) throws IOException {
        Path entry = stored();
        try (RandomAccessFile file = new RandomAccessFile(entry.toFile(), "rw")) {
            file.setLength(length);
        }
        assertNull(cache().find(SIZE));
        cache().store(kernel());
        assertFound(cache().find(SIZE));
    }

    @Test
    void anotherDeclaredSizeIsAnotherKernel() throws IOException {
        stored();
        assertNull(cache().find(SIZE - 1));
    }

    @Test
    void aChangedImageIsAnotherOne() throws IOException {
        stored();
        FileTime modified = Files.getLastModifiedTime(bzImage);
        Files.write(bzImage, new byte[] {4, 3, 2, 1});
        Files.setLastModifiedTime(bzImage, modified);
        assertNull(cache().find(SIZE));
    }

    @Test
    void sameTimesAndPlaceWithOtherContentAreAnotherImage() throws IOException {
        stored();
        MemorySegment other = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 9, (byte) 2, (byte) 3, (byte) 4);
        KernelCacheDirectory cache = new KernelCacheDirectory(directory, openKernel(), other, files, LATER);
        assertNull(cache.find(SIZE));
    }

    @Test
    void anImageThatIsWrittenToMeanwhileIsNeitherStoredNorFound() throws IOException {
        Path entry = stored();
        KernelCacheDirectory cache = cache();
        Files.write(bzImage, new byte[] {1, 2, 3, 4, 5});
        assertNull(cache.find(SIZE));
        Files.delete(entry);
        cache.store(kernel());
        assertEquals(List.of(), entries());
    }

    @Test
    void anImageOfThisMomentIsNotStored() throws IOException {
        cache(InstantSource.fixed(Instant.now())).store(kernel());
        assertEquals(List.of(), entries());
    }

    @Test
    void theOldestGo() throws IOException {
        Path entry = stored();
        Files.setLastModifiedTime(entry, FileTime.fromMillis(1000));
        cache().find(SIZE); // used just now
        List<Path> others = IntStream.range(0, KernelCacheDirectory.MAX_ENTRIES)
                .mapToObj(i -> directory.resolve(i + ".vmlinux"))
                .toList();
        for (int i = 0; i < others.size(); i++) {
            Files.setLastModifiedTime(Files.writeString(others.get(i), "x"), FileTime.fromMillis(2000 + i));
        }
        cache().store(kernel());
        assertEquals(
                Stream.concat(others.stream().skip(1), Stream.of(entry))
                        .sorted()
                        .toList(),
                entries());
    }

    @Test
    void itsSizeIsBounded() throws IOException {
        Path entry = stored();
        for (int i = 0; i < 2; i++) {
            Path other = directory.resolve(i + ".vmlinux");
            try (RandomAccessFile file = new RandomAccessFile(other.toFile(), "rw")) {
                file.setLength(KernelCacheDirectory.MAX_BYTES / 2 - SIZE / 2);
            }
            Files.setLastModifiedTime(other, FileTime.fromMillis(2000 + i));
        }
        cache().store(kernel());
        assertEquals(List.of(directory.resolve("1.vmlinux"), entry), entries());
    }

    @Test
    void whatACrashLeftGoes() throws IOException {
        Files.delete(stored());
        Path left = Files.writeString(directory.resolve("1-1.tmp"), "x");
        Path beingWritten = Files.writeString(directory.resolve("2-1.tmp"), "x");
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minusSeconds(7200)));
        cache().store(kernel());
        assertEquals(2, entries().size());
        assertEquals(beingWritten, entries().getFirst());
    }

    @Test
    void aPlaceThatOthersCanWriteToIsNotTrusted() throws IOException {
        Path entry = stored();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertNull(cache().find(SIZE));
        Files.delete(entry);
        cache().store(kernel());
        assertEquals(List.of(), entries());
    }

    @Test
    void neitherIsAFileThatOthersCanWriteToOrALink() throws IOException {
        Path entry = stored();
        Files.setPosixFilePermissions(entry, PosixFilePermissions.fromString("rw-rw----"));
        assertNull(cache().find(SIZE));
        Files.setPosixFilePermissions(entry, PosixFilePermissions.fromString("rw-------"));
        assertFound(cache().find(SIZE));
        Path elsewhere = Files.move(entry, home.resolve("elsewhere"));
        Files.createSymbolicLink(entry, elsewhere);
        assertNull(cache().find(SIZE));
    }

    @Test
    void whereNothingCanBeWrittenNothingIsKept() throws IOException {
        directory = Files.writeString(home.resolve("file"), "x").resolve("kernels");
        KernelCacheDirectory cache = cache();
        assertNull(cache.find(SIZE));
        cache.store(kernel());
        assertNull(cache.find(SIZE));
    }
}
