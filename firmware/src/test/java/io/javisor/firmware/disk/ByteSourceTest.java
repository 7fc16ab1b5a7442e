package io.javisor.firmware.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.firmware.image.BootException;
import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.image.ExtBuilder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ByteSourceTest {
    private static final int SIZE = 3_000_000;

    @TempDir
    private Path directory = Path.of("");

    private static void refused(Executable executable, String expected) {
        String message =
                String.valueOf(assertThrows(BootException.class, executable).getMessage());
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void readsAFileAndItsParts() throws IOException {
        byte[] bytes = ElfBuilder.pattern(SIZE, 1);
        Path path = Files.write(directory.resolve("image"), bytes);
        try (FileChannel channel = FileChannel.open(path);
                Arena arena = Arena.ofConfined()) {
            ByteSource file = ByteSource.of("disk image", channel, channel.size());
            MemorySegment all = MemorySegment.ofArray(bytes);
            assertEquals(-1, file.load(arena, SIZE).bytes().mismatch(all));
            ByteSource part = file.slice("part", 12_345, 2_000_000);
            assertEquals(-1, part.load(arena, SIZE).bytes().mismatch(all.asSlice(12_345, 2_000_000)));
            assertEquals(0, part.slice("none", 2_000_000, 0).load(arena, 0).sizeBytes());
            refused(() -> part.fields(1_999_999, 2), "part: it ends at byte 2000000");
            refused(() -> part.slice("x", 1, 2_000_000), "it ends at byte 2000000");
            refused(() -> part.slice("x", Long.MAX_VALUE, 1), "at 9223372036854775807 are asked for");
            refused(() -> part.slice("x", -1, 1), "at 18446744073709551615 are asked for");
            refused(() -> part.slice("x", 0, -1), "it ends at byte");
        }
    }

    @Test
    void saysThatAFileWasCutOff() throws IOException {
        Path path = Files.write(directory.resolve("image"), new byte[SIZE]);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteSource file = ByteSource.of("disk image", channel, channel.size());
            channel.truncate(1000);
            refused(() -> file.fields(0, 2000), "disk image: it ends at byte 1000, though it had 3000000 bytes");
        }
    }

    @Test
    void saysThatAFileCannotBeRead() throws IOException {
        Path path = Files.write(directory.resolve("image"), new byte[10]);
        FileChannel channel = FileChannel.open(path);
        ByteSource file = ByteSource.of("disk image", channel, channel.size());
        channel.close();
        refused(() -> file.fields(0, 1), "disk image: 1 bytes at 0 can't be read: java.nio.channels.Closed");
    }

    private static Content content(int size, int offset, String magic) {
        byte[] bytes = new byte[size];
        byte[] put = magic.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(put, 0, bytes, offset, put.length);
        return Content.of(ByteSource.of("p", MemorySegment.ofArray(bytes)));
    }

    @Test
    void recognisesContents() {
        assertEquals(
                Content.EXT,
                Content.of(ByteSource.of(
                        "p", MemorySegment.ofArray(ExtBuilder.ext4().bytes()))));
        assertEquals(Content.XFS, content(512, 0, "XFSB"));
        assertEquals(Content.BTRFS, content(0x1_1000, 0x1_0040, "_BHRfS_M"));
        assertEquals(Content.FAT32, content(512, 0x52, "FAT32   "));
        assertEquals(Content.LUKS, content(512, 0, "LUKS\u00BA\u00BE"));
        assertEquals(Content.LVM, content(1024, 0x218, "LVM2 001"));
        assertEquals(Content.SWAP, content(4096, 0xFF6, "SWAPSPACE2"));
        assertEquals(Content.UNKNOWN, content(512, 0, "XFS"));
        assertEquals(Content.UNKNOWN, content(0, 0, ""));
    }
}
