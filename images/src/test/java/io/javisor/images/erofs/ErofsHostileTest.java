package io.javisor.images.erofs;

import static io.javisor.images.erofs.HandMadeErofs.DEVICE;
import static io.javisor.images.erofs.HandMadeErofs.FILE;
import static io.javisor.images.erofs.HandMadeErofs.FILE_SIZE;
import static io.javisor.images.erofs.HandMadeErofs.LINK;
import static io.javisor.images.erofs.HandMadeErofs.ROOT;
import static io.javisor.images.erofs.HandMadeErofs.SHARED_OFFSET;
import static io.javisor.images.erofs.HandMadeErofs.SUPERBLOCK;
import static io.javisor.images.erofs.HandMadeErofs.offset;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.testkit.HeapMeter;
import io.javisor.testkit.image.ElfBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small file systems made by hand: what is read from sound ones, and what is said of others. */
class ErofsHostileTest {
    private static final int ROUNDS = 1500;

    /** Values that tend to hurt. */
    private static final long[] NASTY = {
        0,
        1,
        2,
        3,
        5,
        7,
        8,
        11,
        12,
        13,
        24,
        36,
        255,
        256,
        0xFFF,
        0x1000,
        0x4000,
        0x7FFF,
        0x8000,
        0xA000,
        0xFFFF,
        0x7FFF_FFFFL,
        0x8000_0000L,
        0xFFFF_FFFFL,
        1L << 32,
        1L << 48,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -4096
    };

    private static byte[] broken(byte[] bytes, Consumer<ByteBuffer> damage) {
        damage.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return bytes;
    }

    private static void refused(String expected, Executable executable) {
        String message =
                String.valueOf(assertThrows(ImageException.class, executable).getMessage());
        assertEquals(1, message.lines().count(), message);
        assertEquals("disk: " + expected, message);
    }

    private static void damaged(String expected, Executable executable) {
        refused("its EROFS file system is damaged: " + expected + "; try: fsck.erofs", executable);
    }

    /** One that is broken must be refused when it is opened. */
    private static void notOpened(String expected, Consumer<ByteBuffer> damage) {
        refused(expected, () -> ErofsTree.open(broken(HandMadeErofs.compact(), damage)));
    }

    /** One that is broken must be opened, and refused when it is read. */
    private static ErofsFileSystem opened(Consumer<ByteBuffer> damage) {
        return ErofsTree.open(broken(HandMadeErofs.shared(), damage));
    }

    private static ErofsInode find(ErofsFileSystem files, String path) {
        ErofsInode inode = files.findLink(path);
        assertNotNull(inode, path);
        return inode;
    }

    @Test
    void readsWhatTheWriterDoesNotWrite() {
        for (byte[] image : List.of(HandMadeErofs.compact(), HandMadeErofs.shared())) {
            ErofsFileSystem files = ErofsTree.open(image);
            assertEquals("box", files.label());
            assertEquals(List.of("d", "f", "l"), files.names("/"));
            ByteSource file = files.file("/l");
            assertNotNull(file);
            assertEquals("/l in disk", file.name());
            byte[] content = Listing.read(file);
            assertEquals(FILE_SIZE, content.length);
            assertEquals(4095 % 251, content[4095] & 0xFF);
            assertEquals("0123456789", new String(content, 4096, 10, StandardCharsets.US_ASCII));
            assertEquals('3', file.fields(4099, 1).u8(0));
            ErofsInode device = find(files, "/d");
            assertEquals(1, device.major());
            assertEquals(3, device.minor());
            assertEquals(1000, device.uid());
            assertEquals(65534, device.gid());
            assertEquals(1_000_000, device.mtimeSeconds());
            assertEquals(77, device.mtimeNanos());
        }
        ErofsFileSystem files = ErofsTree.open(HandMadeErofs.shared());
        assertEquals(
                Map.of("user.a", "own", "trusted.b", "one"),
                files.attributes(find(files, "/f")).xattrs());
    }

    @Test
    void refusesWhatIsNoFileSystem() {
        refused("it holds no EROFS file system", () -> ErofsTree.open(new byte[0]));
        refused("it holds no EROFS file system", () -> ErofsTree.open(new byte[4095]));
        refused("it holds no EROFS file system", () -> ErofsTree.open(new byte[8192]));
        refused("it holds no EROFS file system", () -> ErofsTree.open(Arrays.copyOf(HandMadeErofs.compact(), 4000)));
        refused(
                "its EROFS file system has 2 blocks of 4096 bytes, but there are only 8191 bytes: is it truncated?",
                () -> ErofsTree.open(Arrays.copyOf(HandMadeErofs.compact(), 8191)));
    }

    @Test
    void refusesDamagedSuperblocks() {
        String size = "its EROFS file system has blocks of other sizes than 4096 bytes, which javisor can't read";
        notOpened(size, image -> image.put(SUPERBLOCK + 12, (byte) 14));
        notOpened(size, image -> image.put(SUPERBLOCK + 90, (byte) 1));
        notOpened(
                "the checksum of its EROFS superblock is wrong: is it damaged?",
                image -> image.putInt(SUPERBLOCK + 8, 1));
        for (int bit : new int[] {0x8, 0x40, 0x80, 0x100, 0x8000_0000}) {
            notOpened(
                    "its EROFS file system has features that javisor can't read (incompat 0x%x)".formatted(bit),
                    image -> image.putInt(SUPERBLOCK + 80, bit | 0x37));
        }
        String damaged = "its EROFS superblock is damaged: ";
        notOpened(damaged + "sb_extslots is 185", image -> image.put(SUPERBLOCK + 13, (byte) 185));
        notOpened(damaged + "build_time_nsec is 1000000000", image -> image.putInt(SUPERBLOCK + 32, 1_000_000_000));
        notOpened(damaged + "blocks is 0", image -> image.putInt(SUPERBLOCK + 36, 0));
        notOpened(damaged + "meta_blkaddr is 2", image -> image.putInt(SUPERBLOCK + 40, 2));
        notOpened(
                "its EROFS file system has 4294967295 blocks of 4096 bytes, but there are only 8192 bytes: is it"
                        + " truncated?",
                image -> image.putInt(SUPERBLOCK + 36, -1));
        String root = "its EROFS file system is damaged: its root is no directory; try: fsck.erofs";
        notOpened(root, image -> image.putShort(SUPERBLOCK + 14, (short) FILE));
        notOpened(
                "its EROFS file system is damaged: inode 65535 is not there; try: fsck.erofs",
                image -> image.putShort(SUPERBLOCK + 14, (short) -1));
        notOpened(
                "its EROFS file system is damaged: an inode is at byte 8192 of 8192; try: fsck.erofs",
                image -> image.putShort(SUPERBLOCK + 14, (short) 256));
    }

    @Test
    void seesTheChecksumOfTheWholeBlock() {
        byte[] image = new ErofsTree(1).addFile("a", "b").image();
        assertEquals(List.of("a"), ErofsTree.open(image).names("/"));
        for (int at : new int[] {1024 + 4, 1024 + 127, 2000, 4095}) {
            byte[] changed = image.clone();
            changed[at] ^= 0x10;
            refused("the checksum of its EROFS superblock is wrong: is it damaged?", () -> ErofsTree.open(changed));
        }
    }

    @Test
    void refusesDamagedInodes() {
        damaged(
                "inode 50 has mode 0644",
                () -> find(opened(image -> image.putShort(offset(FILE) + 4, (short) 0644)), "/f"));
        damaged("inode 50 has no name", () -> find(opened(image -> image.putShort(offset(FILE) + 6, (short) 0)), "/f"));
        for (int format : new int[] {1 << 1, 3 << 1, 4 << 1, 5 << 1, 7 << 1, 0x10, 0x8000}) {
            refused(
                    "inode 50 of its EROFS file system is compressed, or of another format that javisor can't read (0x%x)"
                            .formatted(format),
                    () -> find(opened(image -> image.putShort(offset(FILE), (short) format)), "/f"));
        }
        damaged(
                "inode 50 was modified at 1000000000 nanoseconds",
                () -> find(
                        opened(image ->
                                image.putShort(offset(FILE), (short) 5).putInt(offset(FILE) + 40, 1_000_000_000)),
                        "/f"));
        damaged(
                "inode 50 has 18446744073709551615 bytes",
                () -> find(
                        opened(image -> image.putShort(offset(FILE), (short) 5)
                                .putInt(offset(FILE) + 40, 0)
                                .putInt(offset(FILE) + 44, 1)
                                .putLong(offset(FILE) + 8, -1)),
                        "/f"));
        damaged(
                "inode 64 is of another kind than its directory says",
                () -> find(opened(image -> image.putShort(offset(DEVICE) + 4, (short) 060666)), "/d"));
    }

    @ParameterizedTest
    @CsvSource({"-1", "257", "65536", "4294967295", "9223372036854775807", "-9223372036854775808"})
    void refusesNumbersOfNoInode(long nid) {
        damaged(
                "inode %s is not there".formatted(Long.toUnsignedString(nid)),
                () -> find(opened(image -> image.putLong(offset(ROOT) + 32 + 3 * 12, nid)), "/f"));
    }

    @Test
    void refusesInodesThatCrossTheEnd() {
        // The last slot holds the first half of an inode of 64 bytes.
        damaged(
                "an inode is at byte 8160 of 8192",
                () -> find(
                        opened(image ->
                                image.putLong(offset(ROOT) + 32 + 3 * 12, 255).putShort(offset(255), (short) 1)),
                        "/f"));
    }

    @Test
    void refusesContentOutsideOfTheFileSystem() {
        ErofsFileSystem far = opened(image -> image.putInt(offset(FILE) + 16, 2));
        damaged("the content of inode 50 is at byte 8192 of 8192", () -> far.file("/f"));
        ErofsFileSystem farthest = opened(image -> image.putInt(offset(FILE) + 16, -1));
        damaged("the content of inode 50 is at byte 17592186040320 of 8192", () -> farthest.file("/f"));
        ErofsFileSystem large = opened(image -> image.putInt(offset(FILE) + 8, -1));
        damaged("the content of inode 50 is at byte 4096 of 8192", () -> large.file("/f"));
        ErofsFileSystem plain = opened(image -> image.putShort(offset(FILE), (short) 0));
        damaged("the content of inode 50 is at byte 4096 of 8192", () -> plain.file("/f"));
        ErofsFileSystem crossing = opened(image -> image.putInt(offset(FILE) + 8, 4096 + 2500));
        damaged("inode 50 has inline content that crosses the end of a block", () -> crossing.file("/f"));
        ErofsFileSystem huge = opened(image -> image.putShort(offset(FILE), (short) 5)
                .putInt(offset(FILE) + 40, 0)
                .putInt(offset(FILE) + 44, 1)
                .putLong(offset(FILE) + 8, Long.MAX_VALUE));
        damaged("the content of inode 50 is at byte 4096 of 8192", () -> huge.file("/f"));
        // Without content, where it would be does not matter.
        ErofsFileSystem empty =
                opened(image -> image.putInt(offset(FILE) + 16, -1).putInt(offset(FILE) + 8, 0));
        ByteSource file = empty.file("/f");
        assertNotNull(file);
        assertEquals(0, file.sizeBytes());
        ErofsFileSystem ends = ErofsTree.open(HandMadeErofs.compact());
        ByteSource whole = ends.file("/f");
        assertNotNull(whole);
        assertThrows(ImageException.class, () -> whole.fields(FILE_SIZE - 1, 2));
        assertThrows(ImageException.class, () -> whole.fields(Long.MAX_VALUE, 1));
    }

    @Test
    void refusesDamagedLinks() {
        damaged(
                "inode 60 is a symbolic link of 0 bytes",
                () -> find(opened(image -> image.putInt(offset(LINK) + 8, 0)), "/l"));
        damaged(
                "inode 60 is a symbolic link of 4096 bytes",
                () -> find(opened(image -> image.putInt(offset(LINK) + 8, 4096)), "/l"));
        damaged(
                "inode 60 is a symbolic link with a NUL in its target",
                () -> opened(image -> image.putInt(offset(LINK) + 8, 2)).find("/l"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11, 61, 65, 0xFFFF})
    void refusesDirectoriesWhoseFirstNameIsNowhere(int nameOffset) {
        ErofsFileSystem files = opened(image -> image.putShort(offset(ROOT) + 32 + 8, (short) nameOffset));
        damaged("inode 40 is a directory that has a block with names outside of it", () -> files.names("/"));
        damaged("inode 40 is a directory that has a block with names outside of it", () -> files.find("/f"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 60, 61, 66, 0xFFFF})
    void refusesDirectoriesWithNamesOutOfPlace(int nameOffset) {
        ErofsFileSystem files = opened(image -> image.putShort(offset(ROOT) + 32 + 2 * 12 + 8, (short) nameOffset));
        damaged("inode 40 is a directory that has a block with names outside of it", () -> files.names("/"));
        damaged("inode 40 is a directory that has a block with names outside of it", () -> files.find("/f"));
    }

    @Test
    void refusesDamagedDirectories() {
        int names = offset(ROOT) + 32 + 60;
        damaged(
                "inode 40 is a directory that has names that are not in order",
                () -> opened(image -> image.put(names + 3, (byte) 'f')).names("/"));
        damaged(
                "inode 40 is a directory that has names that are not in order",
                () -> opened(image -> image.put(names + 3, (byte) 'g')).names("/"));
        damaged(
                "inode 40 is a directory that has a name of 1 bytes that is not one of a file",
                () -> opened(image -> image.put(names + 3, (byte) '/')).names("/"));
        damaged(
                "inode 40 is a directory that has names that are not in order",
                () -> opened(image -> image.put(names + 5, (byte) 0)).names("/"));
        damaged(
                "inode 40 is a directory that has an entry of type 8",
                () -> opened(image -> image.put(offset(ROOT) + 32 + 3 * 12 + 10, (byte) 8))
                        .names("/"));
        damaged(
                "the content of inode 40 is at byte 17592186040320 of 8192",
                () -> opened(image -> image.putInt(offset(ROOT) + 8, -1)).names("/"));
        damaged(
                "inode 40 is a directory that has a block with names outside of it",
                () -> opened(image -> image.putInt(offset(ROOT) + 8, 11)).names("/"));
        // As Linux has it: a directory without a block has no names.
        assertEquals(
                List.of(), opened(image -> image.putInt(offset(ROOT) + 8, 0)).names("/"));
        assertNull(opened(image -> image.putInt(offset(ROOT) + 8, 0)).find("/f"));
    }

    @Test
    void listsNoEndlessDirectories() {
        // 17 MiB of a file as one directory.
        ErofsTree tree = new ErofsTree(1);
        tree.add("d", tree.file(ErofsTree.attributes(0755), new byte[17 << 20], 0));
        byte[] image = tree.image();
        ErofsInode file = tree.open().find("/d");
        assertNotNull(file);
        int inode = (int) file.nid() * 32;
        broken(
                image,
                bytes -> bytes.put(SUPERBLOCK + 8, (byte) 0)
                        .putShort(SUPERBLOCK + 14, (short) file.nid())
                        .putShort(inode + 4, (short) 040755));
        ErofsFileSystem files = ErofsTree.open(image);
        HeapMeter heap = HeapMeter.start();
        refused(
                "a directory of 17825792 bytes is too long to be listed: 16777216 are possible",
                () -> files.names("/"));
        damaged(
                "inode %d is a directory that has a block with names outside of it".formatted(file.nid()),
                () -> files.find("/x"));
        heap.requireAtMost(1 << 20);
    }

    @Test
    void walksCirclesNoFurtherThanAPathLeads() {
        ErofsFileSystem files = opened(image ->
                image.putLong(offset(ROOT) + 32 + 2 * 12, ROOT).put(offset(ROOT) + 32 + 2 * 12 + 10, (byte) 2));
        assertEquals(files.root(), files.find("/d".repeat(2000)));
    }

    @Test
    void refusesDamagedAttributes() {
        int xattrs = offset(FILE) + 32;
        for (int count : new int[] {1, 255}) {
            int icount = count == 1 ? 1 : 4;
            ErofsFileSystem files = opened(
                    image -> image.putShort(offset(FILE) + 2, (short) icount).put(xattrs + 4, (byte) count));
            damaged(
                    "inode 50 has extended attributes of %d bytes with %d shared ones"
                            .formatted(12 + (icount - 1) * 4, count),
                    () -> files.attributes(find(files, "/f")));
        }
        attributes(
                "an extended attribute is at byte 1632 of 8192", image -> image.putShort(offset(FILE) + 2, (short) -1));
        attributes("inode 50 has an extended attribute of 264 bytes", image -> image.put(xattrs + 16, (byte) -1));
        attributes(
                "inode 50 has an extended attribute of 65540 bytes", image -> image.putShort(xattrs + 18, (short) -1));
        for (int index : new int[] {0, 2, 3, 5, 7, 0x81}) {
            attributes(
                    "inode 50 has an extended attribute whose name there can't be (index %d)".formatted(index),
                    image -> image.put(xattrs + 17, (byte) index));
        }
        attributes(
                "inode 50 has an extended attribute whose name there can't be (index 1)",
                image -> image.put(xattrs + 20, (byte) 0));
        attributes(
                "inode 50 has an extended attribute twice",
                image -> image.put(xattrs + 17, (byte) 4).put(xattrs + 20, (byte) 'b'));
        attributes(
                "a shared extended attribute is at byte 17179869180 of 8192", image -> image.putInt(xattrs + 12, -1));
        attributes(
                "a shared extended attribute is at byte 3000 of 8192",
                image -> image.putShort(SHARED_OFFSET + 2, (short) -1));
        attributes(
                "a shared extended attribute is at byte 17592186043320 of 8192",
                image -> image.putInt(SUPERBLOCK + 44, -1));
    }

    private static void attributes(String expected, Consumer<ByteBuffer> damage) {
        ErofsFileSystem files = opened(damage);
        damaged(expected, () -> files.attributes(find(files, "/f")));
    }

    /** Damaged images, thousands of them: each is read or refused in one line, and nothing else ever comes out. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void readsOrRefusesInOneLine(int kind) {
        byte[] valid =
                switch (kind) {
                    case 0 -> HandMadeErofs.compact();
                    case 1 -> HandMadeErofs.shared();
                    default -> RandomTree.of(1, 30).image();
                };
        valid[SUPERBLOCK + 8] = 0;
        int all = ErofsHarness.read(valid);
        Random random = new Random(0xE0F5 + kind);
        int whole = 0;
        for (int round = 0; round < ROUNDS; round++) {
            whole += ErofsHarness.read(mutate(valid, random)) == all ? 1 : 0;
        }
        // Both happen often, or the mutations would be too wild or too tame to find anything.
        assertTrue(whole > ROUNDS / 20 && whole < ROUNDS * 19 / 20, whole + " read");
    }

    private static byte[] mutate(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        int changes = 1 + random.nextInt(5);
        for (int i = 0; i < changes; i++) {
            int at = SUPERBLOCK + random.nextInt(Math.min(bytes.length, 16_384) - SUPERBLOCK);
            at = random.nextInt(4) == 0 ? SUPERBLOCK + random.nextInt(96) : at;
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                default -> {
                    int size = 1 << random.nextInt(4);
                    byte[] value = ElfBuilder.le(NASTY[random.nextInt(NASTY.length)], size);
                    System.arraycopy(value, 0, bytes, at & -size, size);
                }
            }
        }
        return bytes;
    }
}
