package io.javisor.images.ext4;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.HeapMeter;
import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.image.ExtBuilder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Small file systems made by hand: what is read from sound ones, and what is said of others. */
class Ext4FileSystemTest {
    private static final int SB = ExtBuilder.SUPERBLOCK;

    private static Ext4FileSystem open(byte[] bytes) {
        return Ext4FileSystem.open(ByteSource.of("disk box.raw, partition 1", MemorySegment.ofArray(bytes)));
    }

    private static Ext4FileSystem open(ExtBuilder builder) {
        return open(builder.bytes());
    }

    private static byte[] read(Ext4FileSystem files, String path) {
        ByteSource file = files.file(path);
        assertNotNull(file, path);
        try (Arena arena = Arena.ofConfined()) {
            ImageFile image = file.load(arena, 1 << 20);
            return image.bytes().toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static void refused(Executable executable, String... expected) {
        String message =
                String.valueOf(assertThrows(ImageException.class, executable).getMessage());
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.startsWith("disk box.raw, partition 1: ") || message.contains(" in disk box.raw"), message);
        for (String part : expected) {
            assertTrue(message.contains(part), message);
        }
    }

    /** One that is broken must be refused when it is opened. */
    private static void notOpened(Consumer<ByteBuffer> damage, String... expected) {
        ExtBuilder builder = ExtBuilder.ext4();
        damage.accept(builder.image());
        refused(() -> open(builder), expected);
    }

    private static ExtBuilder sample(ExtBuilder builder) {
        return builder.file("/etc/hostname", "box\n")
                .file("/boot/vmlinuz-6.1", ElfBuilder.pattern(20_000, 1))
                .file("/empty", "")
                .link("/vmlinuz", "boot/vmlinuz-6.1")
                .link("/boot/again", "/vmlinuz")
                .link("/boot/up", "../../../boot/./vmlinuz-6.1")
                .link("/long", "boot/" + "./".repeat(60) + "vmlinuz-6.1");
    }

    @Test
    void readsFilesInExtentsAndInBlocks() {
        for (ExtBuilder builder : new ExtBuilder[] {ExtBuilder.ext4(), ExtBuilder.ext2()}) {
            Ext4FileSystem files = open(sample(builder));
            assertEquals(ExtBuilder.UUID, files.uuid());
            assertEquals("box", files.label());
            assertEquals(0, files.notes().size());
            byte[] kernel = ElfBuilder.pattern(20_000, 1);
            for (String path : new String[] {
                "/boot/vmlinuz-6.1", "/vmlinuz", "/boot/again", "/boot/up", "/long", "//boot/../boot//vmlinuz-6.1"
            }) {
                assertArrayEquals(kernel, read(files, path), path);
            }
            assertArrayEquals(new byte[0], read(files, "/empty"));
            assertEquals(Set.of("etc", "boot", "empty", "vmlinuz", "long"), new TreeSet<>(files.names("/")));
            assertEquals(Set.of("vmlinuz-6.1", "again", "up"), new TreeSet<>(files.names("/boot")));
            assertTrue(files.isDirectory("/boot/..") && files.isDirectory("/etc/"));
        }
    }

    @Test
    void readsAnyPartOfAFile() {
        byte[] kernel = ElfBuilder.pattern(20_000, 1);
        for (ExtBuilder builder : new ExtBuilder[] {ExtBuilder.ext4(), ExtBuilder.ext2()}) {
            ByteSource file = open(sample(builder)).file("/vmlinuz");
            assertNotNull(file);
            for (int offset : new int[] {0, 1, 1023, 1024, 12_287, 12_288, 19_999, 20_000}) {
                for (int length : new int[] {0, 1, 1024, 5000}) {
                    int count = Math.min(length, 20_000 - offset);
                    assertArrayEquals(
                            Arrays.copyOfRange(kernel, offset, offset + count),
                            file.fields(offset, count).copy(0, count));
                }
            }
            refused(() -> file.fields(19_999, 2), "it ends at byte 20000");
            refused(() -> file.load(Arena.global(), 19_999), "it has 20000 bytes; 19999 are the most");
        }
    }

    @Test
    void findsNothingWhereNothingIs() {
        Ext4FileSystem files = open(sample(ExtBuilder.ext4()).link("/dangling", "nowhere"));
        for (String path : new String[] {"/nothing", "/boot", "/", "/etc/hostname/x", "/dangling", "/nothing/x"}) {
            assertNull(files.file(path), path);
        }
        assertTrue(files.names("/nothing").isEmpty()
                && files.names("/etc/hostname").isEmpty());
    }

    @Test
    void refusesWhatIsNoFileSystem() {
        notOpened(image -> image.putShort(SB + 0x38, (short) 0), "no ext2, ext3 or ext4 file system");
        refused(() -> open(new byte[100]), "it ends at byte 100");
    }

    @Test
    void refusesATruncatedImage() {
        byte[] bytes = ExtBuilder.ext4().bytes();
        refused(
                () -> open(Arrays.copyOf(bytes, bytes.length - 1)),
                "has 192 blocks of 1024 bytes, but the partition only 196607 bytes",
                "truncated");
    }

    @Test
    void refusesAbsurdSuperblocks() {
        notOpened(image -> image.putInt(SB + 0x18, 7), "s_log_block_size is 7");
        notOpened(image -> image.putInt(SB + 0x18, -1), "s_log_block_size is 4294967295");
        notOpened(image -> image.putInt(SB + 0x04, 0), "s_blocks_count is 0");
        notOpened(image -> image.putInt(SB + 0x04, -1), "has 4294967295 blocks");
        notOpened(image -> image.putInt(SB + 0x14, 2), "s_first_data_block is 2");
        notOpened(image -> image.putInt(SB + 0x20, 0), "s_blocks_per_group is 0");
        notOpened(image -> image.putInt(SB + 0x28, 0), "s_inodes_per_group is 0");
        notOpened(image -> image.putInt(SB + 0x28, -1), "s_inodes_per_group is 4294967295");
        for (int size : new int[] {0, 1, 127, 129, 2048, 0xFFFF}) {
            notOpened(image -> image.putShort(SB + 0x58, (short) size), "s_inode_size is " + size);
        }
        for (int size : new int[] {0, 32, 65, 2048}) {
            notOpened(
                    image -> image.putInt(SB + 0x60, 0xC2).putShort(SB + 0xFE, (short) size), "s_desc_size is " + size);
        }
        notOpened(
                image -> image.putInt(SB + 0x60, 0xC2)
                        .putShort(SB + 0xFE, (short) 64)
                        .putInt(SB + 0x150, -1),
                "s_blocks_count is 18446744069414584512");
    }

    @Test
    void refusesFeaturesThatItDoesNotKnow() {
        notOpened(image -> image.putInt(SB + 0x60, 0x8), "incompat 0x8", "another one's journal");
        notOpened(image -> image.putInt(SB + 0x60, 0x4000_0042), "incompat 0x40000000");
    }

    /** The file at {@code /f} has 5000 bytes, in five blocks. */
    private static void notRead(boolean extents, Consumer<ByteBuffer> damage, String... expected) {
        ExtBuilder builder = extents ? ExtBuilder.ext4() : ExtBuilder.ext2();
        builder.file("/f", ElfBuilder.pattern(5000, 2));
        int at = ExtBuilder.inodeOffset(builder.inode("/f"));
        damage.accept(builder.image().slice(at, 128).order(builder.image().order()));
        refused(() -> read(open(builder), "/f"), expected);
    }

    @Test
    void refusesExtentsThatLie() {
        notRead(true, inode -> inode.putShort(0x28, (short) 0), "extent tree of inode 11", "magic");
        notRead(true, inode -> inode.putShort(0x2A, (short) 5), "5 entries");
        notRead(true, inode -> inode.putShort(0x2A, (short) 0xFFFF), "65535 entries");
        notRead(true, inode -> inode.putShort(0x2E, (short) 6), "6 levels deep");
        notRead(true, inode -> inode.putInt(0x3C, 0), "at block 0");
        notRead(true, inode -> inode.putInt(0x3C, 190), "names block 190 of 192");
        notRead(true, inode -> inode.putShort(0x3A, (short) -1), "names block");
        notRead(true, inode -> inode.putShort(0x38, (short) 0x7000), "names block");
        notRead(false, inode -> inode.putInt(0x28, -1), "names block 4294967295");
    }

    @Test
    void endsInALoopOfExtents() {
        ExtBuilder builder = ExtBuilder.ext4().file("/f", ElfBuilder.pattern(5000, 2));
        int root = ExtBuilder.inodeOffset(builder.inode("/f")) + 0x28;
        int node = builder.contentOffset("/f");
        for (int at : new int[] {root, node}) {
            // Each claims to be an index of the second level, and leads to the same node.
            builder.image()
                    .putShort(at, (short) 0xF30A)
                    .putShort(at + 2, (short) 1)
                    .putShort(at + 6, (short) 2)
                    .putInt(at + 12, 0)
                    .putInt(at + 16, node / ExtBuilder.BLOCK_SIZE)
                    .putShort(at + 20, (short) 0);
        }
        refused(() -> read(open(builder), "/f"), "extent tree", "another level");
    }

    @Test
    void readsHolesAndUninitializedExtentsAsZeros() {
        ExtBuilder builder = ExtBuilder.ext4().file("/f", ElfBuilder.pattern(5000, 2));
        int root = ExtBuilder.inodeOffset(builder.inode("/f")) + 0x28;
        builder.image().putShort(root + 16, (short) (32768 + 5));
        assertArrayEquals(new byte[5000], read(open(builder), "/f"));
        builder.image().putShort(root + 2, (short) 0);
        assertArrayEquals(new byte[5000], read(open(builder), "/f"));
        builder.image().putShort(root + 2, (short) 1).putInt(root + 12, 2).putShort(root + 16, (short) 3);
        byte[] shifted = new byte[5000];
        System.arraycopy(ElfBuilder.pattern(5000, 2), 0, shifted, 2048, 5000 - 2048);
        assertArrayEquals(shifted, read(open(builder), "/f"));
    }

    @Test
    void refusesDirectoriesThatLie() {
        for (int length : new int[] {0, 4, 7, 13, 1028, 0xFFFC}) {
            ExtBuilder builder = ExtBuilder.ext4().file("/d/f", "x");
            builder.image().putShort(builder.contentOffset("/d") + 12 + 4, (short) length);
            refused(() -> open(builder).file("/d/f"), "an entry of %d bytes".formatted(length));
            refused(() -> open(builder).names("/d"), "an entry of %d bytes".formatted(length));
        }
        ExtBuilder name = ExtBuilder.ext4().file("/d/f", "x");
        name.image().put(name.contentOffset("/d") + 12 + 6, (byte) 5);
        refused(() -> open(name).names("/d"), "an entry of 12 bytes");
        ExtBuilder size = ExtBuilder.ext4().file("/d/f", "x");
        size.image().putInt(ExtBuilder.inodeOffset(size.inode("/d")) + 4, -1);
        refused(() -> open(size).names("/d"), "has 4294967295 bytes");
        ExtBuilder inode = ExtBuilder.ext4().file("/d/f", "x");
        inode.image().putInt(inode.contentOffset("/d") + 24, ExtBuilder.INODE_COUNT + 1);
        refused(() -> open(inode).file("/d/f"), "names inode 65");
    }

    @Test
    void refusesLoopsOfSymbolicLinks() {
        Ext4FileSystem files =
                open(ExtBuilder.ext4().link("/a", "b").link("/b", "/a").link("/c", "c/c/c/c"));
        refused(() -> files.file("/a"), "/a leads through more than 40 symbolic links");
        refused(() -> files.file("/c"), "more than 40 symbolic links");
        refused(() -> files.file("/" + "x".repeat(5000)), "a path of 5001 characters");
    }

    @Test
    void refusesAbsurdSizes() {
        ExtBuilder builder = ExtBuilder.ext4().file("/f", "x").link("/l", "y".repeat(70));
        int file = ExtBuilder.inodeOffset(builder.inode("/f"));
        builder.image().putInt(file + 4, -1).putInt(file + 0x6C, 0x7FFF_FFFF);
        refused(() -> read(open(builder), "/f"), "it has 9223372036854775807 bytes");
        builder.image().putInt(file + 0x6C, -1);
        refused(() -> open(builder).file("/f"), "inode 11 has 18446744073709551615 bytes");
        builder.image().putInt(ExtBuilder.inodeOffset(builder.inode("/l")) + 4, 4097);
        refused(() -> open(builder).file("/l"), "symbolic link of inode 12 has 4097 bytes");
    }

    @Test
    void refusesEncryptedFiles() {
        ExtBuilder builder = ExtBuilder.ext4().file("/f", "x");
        builder.image().putInt(ExtBuilder.inodeOffset(builder.inode("/f")) + 0x20, 0x8_0800);
        refused(() -> open(builder).file("/f"), "inode 11 is encrypted");
    }

    @Test
    void stopsWhatTakesTooLong() {
        // A directory of 16 MiB that is one hole, over and over: no work of the disk's, all of it ours.
        ExtBuilder builder = ExtBuilder.ext4().directory("/d");
        int directory = ExtBuilder.inodeOffset(builder.inode("/d"));
        builder.image().putInt(directory + 4, 16 << 20).putShort(directory + 0x2A, (short) 0);
        Ext4FileSystem files = open(builder);
        HeapMeter heap = HeapMeter.start();
        refused(
                () -> {
                    for (int i = 0; i < 1000; i++) {
                        files.file("/d/x");
                    }
                },
                "takes too long");
        heap.requireAtMost(2L << 30);
    }

    @Test
    void asksForMemoryOnlyUpToTheLimit() {
        ExtBuilder builder = ExtBuilder.ext4().file("/f", "x");
        builder.image().putInt(ExtBuilder.inodeOffset(builder.inode("/f")) + 4, 1 << 30);
        ByteSource file = open(builder).file("/f");
        assertNotNull(file);
        refused(
                () -> file.load(
                        (size, align) -> {
                            throw new AssertionError("asks for " + size);
                        },
                        1 << 20),
                "1048576 are the most");
    }
}
