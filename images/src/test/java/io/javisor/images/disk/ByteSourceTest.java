package io.javisor.images.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.testkit.image.ElfBuilder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ByteSourceTest {
    private static final int SIZE = 3_000_000;

    @TempDir
    private Path directory = Path.of("");

    private static void refused(Executable executable, String expected) {
        String message =
                String.valueOf(assertThrows(ImageException.class, executable).getMessage());
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.contains(expected), message);
    }

    private static Fd open(Path path) {
        return Fd.own("image", Libc.open(path.toString(), HostConstants.O_RDONLY, 0));
    }

    @Test
    void readsAFileAndItsParts() throws IOException {
        byte[] bytes = ElfBuilder.pattern(SIZE, 1);
        Path path = Files.write(directory.resolve("image"), bytes);
        try (Fd fd = open(path);
                Arena arena = Arena.ofConfined()) {
            ByteSource file = ByteSource.of("disk image", fd, SIZE, 1);
            MemorySegment all = MemorySegment.ofArray(bytes);
            assertEquals(-1, file.load(arena, SIZE).bytes().mismatch(all));
            ByteSource part = file.slice("part", 12_345, 2_000_000);
            assertEquals(-1, part.load(arena, SIZE).bytes().mismatch(all.asSlice(12_345, 2_000_000)));
            byte[] onTheHeap = new byte[1_500_000];
            part.read(7, MemorySegment.ofArray(onTheHeap));
            assertArrayEquals(Arrays.copyOfRange(bytes, 12_352, 1_512_352), onTheHeap);
            assertEquals(0, part.slice("none", 2_000_000, 0).load(arena, 0).sizeBytes());
            refused(() -> part.fields(1_999_999, 2), "part: it ends at byte 2000000");
            refused(() -> part.slice("x", 1, 2_000_000), "it ends at byte 2000000");
            refused(() -> part.slice("x", Long.MAX_VALUE, 1), "at 9223372036854775807 are asked for");
            refused(() -> part.slice("x", -1, 1), "at 18446744073709551615 are asked for");
            refused(() -> part.slice("x", 0, -1), "it ends at byte");
        }
    }

    /** As direct I/O demands; where the file system has none, the arithmetic is the same. */
    @Test
    void readsInUnitsFromAnyPlace() throws IOException {
        byte[] bytes = ElfBuilder.pattern(4 << 20, 1);
        Path path = Files.write(directory.resolve("image"), bytes);
        int direct = Libc.open(path.toString(), HostConstants.O_RDONLY | HostConstants.O_DIRECT, 0);
        try (Fd fd = direct >= 0 ? Fd.own("image", direct) : open(path);
                Arena arena = Arena.ofConfined()) {
            ByteSource file = ByteSource.of("disk image", fd, bytes.length, 4096);
            for (int[] part : new int[][] {
                {0, 4096}, {0, 1}, {1, 1}, {4095, 2}, {4096, 4096}, {5000, 100_000}, {1, (4 << 20) - 1}, {8191, 1 << 20}
            }) {
                byte[] expected = Arrays.copyOfRange(bytes, part[0], part[0] + part[1]);
                byte[] onTheHeap = new byte[part[1]];
                file.read(part[0], MemorySegment.ofArray(onTheHeap));
                assertArrayEquals(expected, onTheHeap);
                MemorySegment outside = arena.allocate(part[1], 1);
                file.read(part[0], outside);
                assertArrayEquals(expected, outside.toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void saysThatAFileWasCutOff() throws IOException {
        Path path = Files.write(directory.resolve("image"), new byte[SIZE]);
        try (Fd fd = open(path);
                FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            ByteSource file = ByteSource.of("disk image", fd, SIZE, 1);
            ByteSource inUnits = ByteSource.of("disk image", fd, SIZE, 512);
            channel.truncate(1000);
            refused(() -> file.fields(0, 2000), "disk image: it ends at byte 1000, though it had 3000000 bytes");
            refused(() -> file.load(arena, SIZE), "disk image: it ends at byte 1000, though it had 3000000 bytes");
            refused(() -> inUnits.fields(0, 2000), "disk image: it ends at byte 1000, though it had 3000000 bytes");
        }
    }

    @Test
    void saysThatAFileCannotBeRead() {
        try (Fd fd = open(directory)) {
            ByteSource file = ByteSource.of("disk image", fd, 10, 1);
            refused(() -> file.fields(0, 1), "disk image: 1 bytes at 0 can't be read: EISDIR");
        }
    }

    /** A file that is as large as one likes. */
    private record Large(String name, long sizeBytes) implements ByteSource {
        @Override
        public void read(long offset, MemorySegment target) {
            throw new AssertionError("nobody reads it");
        }
    }

    @Test
    void chainsInitrds() {
        List<ByteSource> all = new ArrayList<>();
        for (String text : List.of("one", "", "three", "four")) {
            all.add(ByteSource.of(text, MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII))));
        }
        ByteSource chain = new BootFiles(all.getFirst(), all, "", "", List.of()).initrd();
        assertNotNull(chain);
        byte[] whole = "one\0three\0\0\0four".getBytes(StandardCharsets.US_ASCII);
        assertEquals(whole.length, chain.sizeBytes());
        for (int from = 0; from <= whole.length; from++) {
            for (int to = from; to <= whole.length; to++) {
                byte[] part = new byte[to - from];
                Arrays.fill(part, (byte) 0x55);
                chain.read(from, MemorySegment.ofArray(part));
                assertArrayEquals(Arrays.copyOfRange(whole, from, to), part);
            }
        }
        refused(() -> chain.fields(10, 7), "one and others: it ends at byte 16");
        ByteSource endless = new Large("endless", Long.MAX_VALUE - 7);
        refused(
                () -> new BootFiles(endless, List.of(endless, endless), "", "", List.of()).initrd(),
                "endless: it has 9223372036854775800 bytes, after 9223372036854775800 others");
    }

    @Test
    void readsSeveralAsOne() {
        byte[] bytes = ElfBuilder.pattern(1000, 1);
        for (int[] ends : new int[][] {{1000}, {0, 1000}, {1000, 1000}, {1, 1, 2, 500, 500, 500, 999, 1000, 1000}}) {
            List<ByteSource> parts = new ArrayList<>();
            int start = 0;
            for (int end : ends) {
                parts.add(ByteSource.of("part", MemorySegment.ofArray(Arrays.copyOfRange(bytes, start, end))));
                start = end;
            }
            ByteSource whole = ByteSource.concat("whole", parts);
            assertEquals("whole", whole.name());
            assertEquals(1000, whole.sizeBytes());
            for (int from = 0; from <= 1000; from += 83) {
                for (int to = from; to <= 1000; to += 97) {
                    assertArrayEquals(
                            Arrays.copyOfRange(bytes, from, to),
                            whole.fields(from, to - from).copy(0, to - from));
                }
            }
            refused(() -> whole.fields(999, 2), "it ends at byte 1000");
            refused(() -> whole.fields(-1, 1), "it ends at byte 1000");
        }
        assertEquals(0, ByteSource.concat("none", List.of()).sizeBytes());
    }

    private record Endless(long sizeBytes) implements ByteSource {
        @Override
        public String name() {
            return "endless";
        }

        @Override
        public void read(long offset, MemorySegment target) {
            throw new AssertionError();
        }
    }

    @Test
    void joinsNoMoreThanANumberSays() {
        List<ByteSource> parts = List.of(new Endless(Long.MAX_VALUE - 5), new Endless(5), new Endless(1));
        assertEquals(
                Long.MAX_VALUE, ByteSource.concat("most", parts.subList(0, 2)).sizeBytes());
        refused(() -> ByteSource.concat("more", parts), "endless: it has 1 bytes, after 9223372036854775807 others");
    }
}
