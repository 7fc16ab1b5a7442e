package io.javisor.oci.tree;

import static io.javisor.oci.testing.TarBytes.changed;
import static io.javisor.oci.testing.TarBytes.header;
import static io.javisor.oci.testing.TarBytes.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.images.erofs.ErofsNode;
import io.javisor.images.erofs.ErofsWriter;
import io.javisor.oci.OciException;
import io.javisor.oci.testing.Compressed;
import io.javisor.oci.testing.LayerRun;
import io.javisor.oci.testing.OciLayout;
import io.javisor.oci.testing.TarBytes;
import io.javisor.oci.testing.UnpackedTree;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Images that umoci unpacks (Debian: umoci): the merged tree is what it made. Who is not root sees types, modes, contents and links compared; root sees owners and devices too. The same tree
 * as EROFS, as {@code fsck.erofs} extracts it (Debian: erofs-utils).
 */
class UmociTest {
    private static boolean root;

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void requireTools() throws IOException {
        HostTool.require("umoci", "umoci");
        root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    /** What umoci makes of the layers; fails if it refuses them. */
    private Path unpack(List<byte[]> layers) {
        OciLayout.write(directory.resolve("layout"), layers);
        Path bundle = directory.resolve("bundle");
        String rootless = root ? "" : "--rootless";
        HostTool.run(
                directory, "", "sh", "-c", "umask 022; umoci unpack " + rootless + " --image layout:latest bundle");
        return bundle.resolve("rootfs");
    }

    private List<LayerRun> run(List<byte[]> layers) {
        List<LayerRun> runs = new ArrayList<>();
        for (byte[] layer : layers) {
            runs.add(LayerRun.of(directory.resolve("data" + runs.size()), layer, layer));
        }
        return runs;
    }

    private static ErofsNode.Directory merge(List<LayerRun> runs) {
        return ImageTree.merge("image", runs.stream().map(LayerRun::table).toList());
    }

    private ErofsNode.Directory assertSame(List<byte[]> layers) {
        List<LayerRun> runs = run(layers);
        ErofsNode.Directory tree = merge(runs);
        Path rootfs = unpack(layers);
        assertEquals(lines(UnpackedTree.of(rootfs, directory, root)), lines(UnpackedTree.of(tree, runs, root)));
        assertEquals(UnpackedTree.hardLinks(rootfs, directory), UnpackedTree.hardLinks(tree));
        return tree;
    }

    private static String lines(Map<String, String> tree) {
        StringBuilder text = new StringBuilder();
        tree.forEach((path, line) -> text.append(path).append(": ").append(line).append('\n'));
        return text.toString();
    }

    private static List<byte[]> layers() {
        TarBytes base = new TarBytes()
                .directory("./")
                .symlink("./lib", "usr/lib")
                .directory("./usr/")
                .directory("./usr/lib/")
                .file("./usr/lib/libc.so", "x".repeat(10_000))
                .symlink("./usr/lib/libc.so.6", "libc.so")
                .directory("./etc/")
                .file("./etc/passwd", "root:x:0:0::/root:/bin/sh\n")
                .file("./etc/empty", "")
                .file("./etc/old", "old")
                .hardLink("./etc/passwd-", "./etc/passwd")
                .raw(changed(changed(header('0', "./su", 0), 100, "0004755"), 108, "0000000\0" + "0000052"))
                .raw(changed(header('5', "./tmp/", 0), 100, "0001777"))
                .raw(header('6', "./fifo", 0))
                .file("./name with space\nand line\u00FF\u00E9", "odd")
                .pax("path", "./deep/" + "d".repeat(255) + "/" + "e".repeat(255) + "/f")
                .file("short", "long names")
                .gnu('L', "./gnu/" + "g".repeat(200))
                .file("short", "gnu")
                .pax('x', record("mtime", "1700000000.5") + record("uid", "100000") + record("gid", "3000000000"))
                .file("./far", "owner")
                .pax(
                        'x',
                        record("GNU.sparse.major", "1")
                                + record("GNU.sparse.minor", "0")
                                + record("GNU.sparse.name", "./sparse")
                                + record("GNU.sparse.realsize", "300000"))
                .file("s", "1\n200000\n5\n" + "\0".repeat(501) + "bytes")
                .directory("./opaque/")
                .file("./opaque/a", "1")
                .file("./opaque/b/c", "2");
        if (root) {
            base.raw(changed(header('3', "./null", 0), 329, "0000001\0" + "0000003"))
                    .raw(changed(header('4', "./disk", 0), 329, "0000010\0" + "0000421"));
        }
        TarBytes second = new TarBytes()
                .file("lib/libm.so", "through a link")
                .file("etc/.wh.old", "")
                .hardLink("etc/shadow", "etc/passwd")
                .directory("opaque/")
                .file("opaque/.wh..wh..opq", "")
                .file("opaque/d", "3")
                .file("etc/empty", "no longer")
                .hardLink("usr/lib/again", "usr/lib/libc.so.6")
                .file("a/b/c/implied", "parents")
                .symlink("dangling", "not/there")
                .symlink("up", "../../../opaque");
        TarBytes third = new TarBytes()
                .file(".wh.fifo", "")
                .file("up/through", "stays inside")
                .raw(changed(header('5', "a/b", 0), 100, "0000700"))
                .file("su", "a file again")
                .file("dup", "first")
                .file("dup", "second")
                .directory("a/b/c/implied/")
                .file("lib/.wh.libc.so", "");
        return List.of(base.end(), second.end(), third.end());
    }

    @Test
    void mergesAsUmociDoes() {
        assertSame(layers());
    }

    /** From tars to a disk: what is on it is what umoci unpacks. Special files and owners are there for root only. */
    @Test
    void givesADiskOfTheSame() throws IOException {
        HostTool.require("fsck.erofs", "erofs-utils");
        assumeTrue(root, "fsck.erofs gives files their owners, and makes devices, for root only: not compared");
        List<byte[]> layers = layers();
        ErofsNode.Directory tree = assertSame(layers);
        long[] blocks =
                run(layers).stream().mapToLong(run -> run.table().dataBlocks()).toArray();
        Path disk = directory.resolve("disk");
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long metadata = ErofsWriter.write(tree, blocks, new UUID(1, 2), channel);
            channel.position(metadata * ErofsWriter.BLOCK_SIZE);
            for (int i = 0; i < blocks.length; i++) {
                try (FileChannel data = FileChannel.open(directory.resolve("data" + i))) {
                    assertEquals(data.size(), data.transferTo(0, data.size(), channel));
                }
            }
        }
        Path extracted = directory.resolve("extracted");
        HostTool.run(directory, "", "fsck.erofs", "--extract=" + extracted, "--preserve", disk.toString());
        assertEquals(
                lines(UnpackedTree.of(directory.resolve("bundle/rootfs"), directory, true)),
                lines(UnpackedTree.of(extracted, directory, true)));
    }

    /** Layers of few names, in which much meets; seeds by which no link is to what it takes the place of, which umoci removes first. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void mergesRandomLayersAsUmociDoes(int seed) {
        Random random = new Random(seed);
        List<byte[]> layers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            byte[] layer = i == 0 ? new byte[0] : randomWhiteouts(random);
            for (int entries = 4 + random.nextInt(12); entries > 0; entries--) {
                byte[] more = Compressed.join(layer, randomEntry(random));
                if (merges(layers, more)) {
                    layer = more;
                }
            }
            layers.add(layer);
        }
        assertSame(layers);
    }

    /** What does not fit, it refuses too. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void refusesWhatUmociRefuses(int seed) {
        Random random = new Random(seed);
        byte[] layer = new byte[0];
        while (merges(List.of(), layer)) {
            layer = Compressed.join(layer, randomEntry(random));
        }
        List<byte[]> layers = List.of(layer);
        assertThrows(AssertionError.class, () -> unpack(layers));
    }

    private boolean merges(List<byte[]> layers, byte[] last) {
        List<byte[]> all = new ArrayList<>(layers);
        all.add(last);
        try {
            merge(run(all));
            return true;
        } catch (OciException _) {
            return false;
        }
    }

    /** They come first, as umoci counts them where they come. */
    private static byte[] randomWhiteouts(Random random) {
        TarBytes tar = new TarBytes();
        for (int i = random.nextInt(3); i > 0; i--) {
            String path = randomPath(random);
            int slash = path.lastIndexOf('/') + 1;
            String name = random.nextInt(3) == 0 ? ".wh..wh..opq" : ".wh." + path.substring(slash);
            tar.file(path.substring(0, slash) + name, "");
        }
        return tar.bytes();
    }

    private static byte[] randomEntry(Random random) {
        String path = randomPath(random);
        TarBytes tar = new TarBytes();
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> tar.file(path, "x" + random.nextInt(100));
            case 3, 4 -> tar.raw(changed(header('5', path, 0), 100, "0000" + (700 + random.nextInt(6))));
            case 5 -> tar.symlink(path, randomTarget(random));
            case 6 -> tar.hardLink(path, randomPath(random));
            default -> tar.raw(header('6', path, 0));
        }
        return tar.bytes();
    }

    private static String randomPath(Random random) {
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            path.append(path.isEmpty() ? "" : "/").append((char) ('a' + random.nextInt(4)));
        }
        return path.toString();
    }

    private static String randomTarget(Random random) {
        return (random.nextBoolean() ? "/" : "../".repeat(random.nextInt(3))) + randomPath(random);
    }
}
