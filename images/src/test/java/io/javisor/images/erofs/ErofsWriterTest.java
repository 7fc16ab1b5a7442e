package io.javisor.images.erofs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import io.javisor.images.ImageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written, and what is refused. */
class ErofsWriterTest {
    private static final int SUPERBLOCK = 1024;

    private static void refused(String expected, ErofsNode.Directory root, long... sourceBlocks) {
        String message = assertThrows(ImageException.class, () -> ErofsTree.write(root, sourceBlocks))
                .getMessage();
        assertEquals(expected, message);
    }

    private static void refused(String expected, String name, ErofsNode node) {
        refused(expected, new ErofsTree(0).add(name, node).root(), 10);
    }

    private static ErofsNode.RegularFile empty(Map<String, String> xattrs) {
        return new ErofsNode.RegularFile(ErofsTree.attributes(xattrs), 0, 0, 0);
    }

    private static ErofsNode.RegularFile file(long size, int source, long block) {
        return new ErofsNode.RegularFile(ErofsTree.attributes(0644), size, source, block);
    }

    @Test
    void writesTheSuperblock() {
        byte[] image = RandomTree.of(3, 100).image();
        Fields fields = Fields.littleEndian(image).slice(SUPERBLOCK, 128);
        assertEquals(0xE0F5E1E2L, fields.u32(0));
        assertEquals(3, fields.u32(8));
        assertEquals(12, fields.u8(12));
        assertEquals(0, fields.u8(13));
        assertEquals(image.length / 4096, fields.u32(36));
        assertEquals("00112233-4455-6677-8899-aabbccddeeff".replace("-", ""), hex(fields.copy(48, 16)));
        assertEquals(0, fields.u32(80));
        assertTrue(fields.slice(64, 64).isZero());
        assertTrue(Fields.littleEndian(Arrays.copyOf(image, SUPERBLOCK)).isZero());

        byte[] block = Arrays.copyOfRange(image, SUPERBLOCK, 4096);
        ByteBuffer.wrap(block).putInt(4, 0);
        CRC32C crc = new CRC32C();
        crc.update(block);
        assertEquals(crc.getValue() ^ 0xFFFF_FFFFL, fields.u32(4));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void writesTheSameBytesForTheSameTree() {
        assertArrayEquals(
                RandomTree.of(7, 300).metadata(), RandomTree.of(7, 300).metadata());
        // Maps of attributes have no order of their own.
        Map<String, String> xattrs = new HashMap<>();
        byte[] first = {};
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 20; i++) {
                xattrs.put("user." + (round == 1 ? 19 - i : i), "value");
            }
            byte[] metadata = new ErofsTree(0).add("a", empty(xattrs)).metadata();
            first = round == 0 ? metadata : first;
            assertArrayEquals(first, metadata);
            xattrs = new HashMap<>(1 << (round + 5));
        }
    }

    @Test
    void writesAtThePositionOfTheChannel(@TempDir Path directory) throws IOException {
        ErofsTree tree = RandomTree.of(2, 50);
        Path path = directory.resolve("image");
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.position(100);
            long blocks = ErofsWriter.write(tree.root(), tree.sourceBlocks(), ErofsTree.ID, channel);
            assertEquals(100 + blocks * 4096, channel.position());
        }
        byte[] written = Files.readAllBytes(path);
        assertArrayEquals(tree.metadata(), Arrays.copyOfRange(written, 100, written.length));
    }

    @Test
    void keepsSmallDirectoriesBesideTheirInodes() {
        ErofsTree tree = new ErofsTree(0);
        for (int i = 0; i < 200; i++) {
            tree.add("d" + i, new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY));
        }
        // 200 times 96 bytes, and the root's entries in a block of their own.
        assertEquals(7, tree.metadata().length / 4096);
    }

    @Test
    void addressesTheLastBlockThatThereCanBe() {
        ErofsTree tree = new ErofsTree(0)
                .add("a", file(4097, 0, 0xFFFF_FEFEL))
                .add("b", file(0xFE * 4096, 2, 0))
                .add("c", file(0, 9, -1));
        refused("the image is larger than the 16 TiB that EROFS can address", tree.root(), 0xFFFF_FF00L, 0, 0xFF);
        byte[] metadata = ErofsTree.write(tree.root(), 0xFFFF_FF00L, 0, 0xFE);
        assertEquals(4096, metadata.length);
        assertEquals(0xFFFF_FFFFL, Fields.littleEndian(metadata).u32(SUPERBLOCK + 36));

        ErofsFileSystem files = ErofsFileSystem.open(ByteSource.concat(
                "disk",
                List.of(
                        ByteSource.of("metadata", MemorySegment.ofArray(metadata)),
                        new Numbered(0xFFFF_FFFEL * 4096))));
        ByteSource a = files.file("/a");
        ByteSource b = files.file("/b");
        assertNotNull(a);
        assertNotNull(b);
        assertEquals(0xFFFF_FEFEL * 4096, a.fields(0, 8).u64(0));
        assertEquals(0xFFFF_FFFDL * 4096, b.fields(0xFD * 4096, 8).u64(0));
    }

    /** Every eight bytes say where they are. */
    private record Numbered(long sizeBytes) implements ByteSource {
        @Override
        public String name() {
            return "numbers";
        }

        @Override
        public void read(long offset, MemorySegment target) {
            require(offset, target.byteSize());
            for (long i = 0; i + 8 <= target.byteSize(); i += 8) {
                target.set(ValueLayout.JAVA_LONG_UNALIGNED, i, offset + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 10",
        "40961, 0, 0",
        "4096, 1, 0",
        "4096, -1, 0",
        "4096, 0, -1",
        "-1, 0, 0",
        "9223372036854775807, 0, 1"
    })
    void refusesDataOutsideOfItsSource(long size, int source, long block) {
        refused(
                "/a: its %d bytes from block %d are not in data source %d of 1".formatted(size, block, source),
                "a",
                file(size, source, block));
    }

    @Test
    void refusesMoreBlocksThanFitANumber() {
        long[] sources = new long[5];
        Arrays.fill(sources, Long.MAX_VALUE);
        refused("the image is larger than the 16 TiB that EROFS can address", new ErofsTree(0).root(), sources);
        assertThrows(IllegalArgumentException.class, () -> ErofsTree.write(new ErofsTree(0).root(), -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a\0", "\u0100"})
    void refusesNamesThatThereCannotBe(String name) {
        String shown = name.replaceAll("[^ -~]", "?");
        refused(
                "/%s: a name of %d bytes that is not one of a file (1 to 255 bytes, no slash, no NUL)"
                        .formatted(shown, name.length()),
                name,
                empty(Map.of()));
        ErofsNode.RegularFile linked = empty(Map.of());
        assertThrows(
                ImageException.class,
                () -> new ErofsTree(0).add("!", linked).add(name, linked).metadata());
    }

    @Test
    void refusesLongNames() {
        new ErofsTree(0).add("a".repeat(255), empty(Map.of())).metadata();
        refused(
                "/%s...: a name of 256 bytes that is not one of a file (1 to 255 bytes, no slash, no NUL)"
                        .formatted("a".repeat(199)),
                "a".repeat(256),
                empty(Map.of()));
    }

    @Test
    void refusesTargetsThatThereCannotBe() {
        for (String target : new String[] {"", "t".repeat(4096)}) {
            refused(
                    "/a: its target as a symbolic link has %d bytes; 1 to 4095 are possible".formatted(target.length()),
                    "a",
                    new ErofsNode.Symlink(ErofsTree.attributes(0), target));
        }
        for (String target : new String[] {"a\0b", "\u20AC"}) {
            refused(
                    "/a: its target as a symbolic link holds what no path can",
                    "a",
                    new ErofsNode.Symlink(ErofsTree.attributes(0), target));
        }
    }

    @ParameterizedTest
    @CsvSource({"4096, 0", "0, 1048576", "-1, 0", "0, -1"})
    void refusesDevicesThatThereCannotBe(int major, int minor) {
        refused(
                "/a: there is no device %s:%s: 4095 and 1048575 are the highest numbers"
                        .formatted(Integer.toUnsignedString(major), Integer.toUnsignedString(minor)),
                "a",
                new ErofsNode.Special(ErofsTree.attributes(0), ErofsNode.Special.Kind.BLOCK_DEVICE, major, minor));
    }

    @Test
    void encodesDevicesAsLinux() {
        // makedev(8, 1), (259, 0), (0xFFF, 0xFFFFF), (0, 0x100)
        assertEquals(0x801, ErofsDevice.encode(8, 1));
        assertEquals(0x1_0300, ErofsDevice.encode(259, 0));
        assertEquals(-1, ErofsDevice.encode(0xFFF, 0xF_FFFF));
        assertEquals(0x10_0000, ErofsDevice.encode(0, 0x100));
        for (int i = 0; i < 1000; i++) {
            int device = ErofsDevice.encode(i * 4 & 0xFFF, i * 1049 & 0xF_FFFF);
            assertEquals(i * 4 & 0xFFF, ErofsDevice.major(device));
            assertEquals(i * 1049 & 0xF_FFFF, ErofsDevice.minor(device));
        }
    }

    @Test
    void leavesAttributesOutThatLinuxWouldNotShow() {
        Map<String, String> xattrs = Map.of(
                "user.a",
                "1",
                "com.apple.provenance",
                "2",
                "system.nfs4_acl",
                "3",
                "system.posix_acl_accessible",
                "4",
                "user",
                "5",
                "",
                "6");
        ErofsFileSystem files = new ErofsTree(0)
                .add("a", empty(xattrs))
                .add("b", empty(Map.of("com.apple.provenance", "x")))
                .open();
        ErofsInode a = files.find("/a");
        ErofsInode b = files.find("/b");
        assertNotNull(a);
        assertNotNull(b);
        assertEquals(Map.of("user.a", "1"), files.attributes(a).xattrs());
        assertEquals(0, b.xattrBytes());
        for (String name : xattrs.keySet()) {
            assertEquals(name.equals("user.a"), ErofsWriter.keepsXattr(name), name);
        }
        for (String name :
                new String[] {"trusted.a", "security.capability", "system.posix_acl_access", "system.posix_acl_default"
                }) {
            assertTrue(ErofsWriter.keepsXattr(name), name);
        }
        assertFalse(ErofsWriter.keepsXattr("lustre.lov"));
    }

    @Test
    void refusesAttributesThatThereCannotBe() {
        refused("/a: its extended attribute user. has a name that there can't be", "a", empty(Map.of("user.", "")));
        refused("/a: its extended attribute user.? has a name that there can't be", "a", empty(Map.of("user.\0", "")));
        refused(
                "/a: its extended attribute user.? has a name that there can't be",
                "a",
                empty(Map.of("user.\u0100", "")));
        refused(
                "/a: its extended attribute user.%s... has a name of 256 bytes; 255 are possible"
                        .formatted("x".repeat(195)),
                "a",
                empty(Map.of("user." + "x".repeat(251), "")));
        refused(
                "/a: its extended attribute user.a has a value of 65536 bytes; 65535 are possible",
                "a",
                empty(Map.of("user.a", "x".repeat(65536))));
        refused(
                "/a: its extended attribute user.a has a value that is not made of bytes",
                "a",
                empty(Map.of("user.a", "\u0100")));
    }

    @Test
    void refusesMoreAttributesThanFit() {
        Map<String, String> xattrs = new HashMap<>();
        for (int i = 0; i < 4; i++) {
            xattrs.put("user." + i, "x".repeat(65_500));
        }
        // 65,508 bytes each and 12 in all; 65,535 units of four bytes are possible, of which the first is the 12.
        xattrs.put("user.4", "x".repeat(12 + 65_534 * 4 - 12 - 4 * 65_508 - 5));
        new ErofsTree(0).add("a", empty(xattrs)).metadata();
        xattrs.put("user.4", xattrs.get("user.4") + "x");
        refused("/a: its extended attributes take 262152 bytes; 262148 are possible", "a", empty(xattrs));
    }

    @Test
    void refusesTreesThatNoPathIsLongEnoughFor() {
        ErofsTree tree = new ErofsTree(0);
        ErofsNode.Directory deepest = tree.root();
        for (int i = 0; i < 2048; i++) {
            ErofsNode.Directory next = new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY);
            deepest.children().put("d", next);
            deepest = next;
        }
        assertTrue(tree.open().isDirectory("/d".repeat(2048)));
        deepest.children().put("d", empty(Map.of()));
        refused("/%sd...: it is more than 2048 directories below the root".formatted("d/".repeat(99)), tree.root());
    }

    @Test
    void takesADirectoryOnce() {
        ErofsNode.Directory directory = new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY);
        ErofsTree tree = new ErofsTree(0).add("a", directory);
        tree.metadata();
        tree.add("b", directory);
        assertThrows(IllegalArgumentException.class, tree::metadata);
        ErofsTree circle = new ErofsTree(0);
        circle.add("c", circle.root());
        assertThrows(IllegalArgumentException.class, circle::metadata);
    }

    @Test
    void saysWhenTheChannelFails(@TempDir Path directory) throws IOException {
        Path path = Files.createFile(directory.resolve("image"));
        ErofsTree tree = new ErofsTree(0);
        FileChannel closed = FileChannel.open(path, StandardOpenOption.WRITE);
        closed.close();
        assertThrows(
                ClosedChannelException.class, () -> ErofsWriter.write(tree.root(), new long[0], ErofsTree.ID, closed));
    }
}
