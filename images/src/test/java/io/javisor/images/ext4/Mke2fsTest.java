package io.javisor.images.ext4;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.images.ByteSource;
import io.javisor.images.disk.FileSystem;
import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** File systems that mke2fs makes (Debian: e2fsprogs), of every kind that is about: what was put in is read. */
class Mke2fsTest {
    private static final int MANY = 2000;
    private static final long SPARSE_SIZE = 5L << 30;
    private static final int PATCH_COUNT = 1000;
    private static final int PATCH_STRIDE = 8192;

    @TempDir
    private static Path shared = Path.of("");

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void makeTree() throws IOException {
        HostTool.require("mke2fs", "e2fsprogs");
        Path tree = Files.createDirectories(shared.resolve("tree"));
        Path boot = Files.createDirectories(tree.resolve("boot/grub"));
        Files.write(tree.resolve("boot/vmlinuz"), ElfBuilder.pattern(3_000_001, 1));
        Files.writeString(boot.resolve("short"), "inline");
        Files.write(boot.resolve("medium"), ElfBuilder.pattern(120, 2));
        Files.write(boot.resolve("block"), ElfBuilder.pattern(1024, 3));
        Files.createFile(boot.resolve("empty"));
        for (int length : new int[] {40, 48, 200, 1000}) {
            // Slashes don't survive in a Path; steps back and forth do.
            String target = "boot/../".repeat(length / 8) + "boot/vmlinuz";
            Files.createSymbolicLink(tree.resolve("link" + length), Path.of(target));
        }
        Files.createSymbolicLink(boot.resolve("absolute"), Path.of("/boot/vmlinuz"));
        Path many = Files.createDirectories(tree.resolve("many"));
        for (int i = 0; i < MANY; i++) {
            Files.writeString(many.resolve("a-name-of-some-length-" + i), Integer.toString(i));
        }
        try (FileChannel sparse = create(tree.resolve("sparse"))) {
            sparse.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            sparse.write(ByteBuffer.wrap(new byte[] {4, 5, 6}), SPARSE_SIZE - 3);
        }
        // Every other piece is a hole: so many extents that their tree has levels.
        try (FileChannel patches = create(tree.resolve("patches"))) {
            for (int i = 0; i < PATCH_COUNT; i++) {
                patches.write(ByteBuffer.wrap(new byte[] {(byte) i}), (long) i * PATCH_STRIDE);
            }
        }
    }

    private static FileChannel create(Path path) throws IOException {
        return FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE);
    }

    private Path make(String options) {
        Path image = directory.resolve("image");
        List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F", "-F", "-N", "4000", "-L", "box"));
        command.addAll(List.of(options.split(" ")));
        command.addAll(List.of(
                "-d", shared.resolve("tree").toString(), image.toString(), options.contains("65536") ? "256M" : "64M"));
        HostTool.run(directory, "", command.toArray(String[]::new));
        return image;
    }

    private static byte[] read(FileSystem files, String path) {
        ByteSource file = files.file(path);
        assertNotNull(file, path);
        byte[] bytes = new byte[(int) file.sizeBytes()];
        file.read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void assertTree(Path image) throws IOException {
        try (Fd file = Fd.own("image", Libc.open(image.toString(), HostConstants.O_RDONLY, 0))) {
            assertTree(Ext4FileSystem.open(ByteSource.of("image", file, Files.size(image), 1)));
        }
    }

    private static void assertTree(FileSystem files) {
        assertEquals("box", files.label());
        byte[] kernel = ElfBuilder.pattern(3_000_001, 1);
        for (String path :
                new String[] {"/boot/vmlinuz", "/link40", "/link48", "/link200", "/link1000", "/boot/grub/absolute"}) {
            assertArrayEquals(kernel, read(files, path), path);
        }
        assertArrayEquals(bytes("inline"), read(files, "/boot/grub/short"));
        assertArrayEquals(ElfBuilder.pattern(120, 2), read(files, "/boot/grub/medium"));
        assertArrayEquals(ElfBuilder.pattern(1024, 3), read(files, "/boot/grub/block"));
        assertArrayEquals(new byte[0], read(files, "/boot/grub/empty"));
        assertNull(files.file("/boot/grub/nothing"));
        assertEquals(Set.of("short", "medium", "block", "empty", "absolute"), new HashSet<>(files.names("/boot/grub")));

        Set<String> names = new HashSet<>(files.names("/many"));
        assertEquals(MANY, names.size());
        for (int i = 0; i < MANY; i += 97) {
            assertArrayEquals(bytes(Integer.toString(i)), read(files, "/many/a-name-of-some-length-" + i));
        }

        ByteSource sparse = files.file("/sparse");
        assertNotNull(sparse);
        assertEquals(SPARSE_SIZE, sparse.sizeBytes());
        assertArrayEquals(new byte[] {1, 2, 3, 0}, sparse.fields(0, 4).copy(0, 4));
        assertTrue(sparse.fields(SPARSE_SIZE / 2, 1 << 20).isZero());
        assertArrayEquals(
                new byte[] {0, 4, 5, 6}, sparse.fields(SPARSE_SIZE - 4, 4).copy(0, 4));

        byte[] patches = read(files, "/patches");
        byte[] expected = new byte[(PATCH_COUNT - 1) * PATCH_STRIDE + 1];
        for (int i = 0; i < PATCH_COUNT; i++) {
            expected[i * PATCH_STRIDE] = (byte) i;
        }
        assertArrayEquals(expected, patches);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-t ext2 -b 1024",
                "-t ext2 -b 4096 -r 0",
                "-t ext3 -b 1024",
                "-t ext3 -b 4096",
                "-t ext4 -b 1024",
                "-t ext4 -b 4096",
                "-t ext4 -b 2048 -O ^64bit -I 128",
                "-t ext4 -b 65536",
                "-t ext4 -b 4096 -O ^extent,^64bit",
                "-t ext4 -b 4096 -O inline_data -I 256",
                "-t ext4 -b 1024 -O inline_data -I 1024",
                "-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode",
                "-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode,^sparse_super,^64bit",
                "-t ext4 -b 4096 -O bigalloc -C 16384",
                "-t ext4 -b 1024 -O bigalloc,meta_bg,^resize_inode -C 16384",
                "-t ext4 -b 4096 -O sparse_super2,^resize_inode,meta_bg",
                "-t ext4 -b 4096 -O ^metadata_csum,uninit_bg,^flex_bg",
                "-t ext4 -b 4096 -O metadata_csum_seed,large_dir,ea_inode,mmp",
            })
    void readsWhatWasPutIn(String options) throws IOException {
        assertTree(make(options));
    }

    @Test
    void readsHashedDirectories() throws IOException {
        Path image = make("-t ext4 -b 1024");
        HostTool.require("e2fsck", "e2fsprogs");
        HostTool.require("debugfs", "e2fsprogs");
        // With this option it makes the index, which mke2fs does not.
        HostTool.run(directory, "", "e2fsck", "-fpD", image.toString());
        String dump = HostTool.run(directory, "", "debugfs", "-R", "htree_dump /many", image.toString());
        assertTrue(dump.contains("Root node dump"), dump);
        assertTree(image);
    }
}
