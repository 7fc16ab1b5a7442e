package io.javisor.images.erofs;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a file system: see {@link ErofsHarness}. */
class ErofsFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(HandMadeErofs.compact(), HandMadeErofs.shared(), small(), deep(), large());
    }

    private static byte[] small() {
        ErofsTree tree = new ErofsTree(1).addFile("a", "content").addFile("empty", "");
        tree.add("link", new ErofsNode.Symlink(ErofsTree.attributes(0777), "a"))
                .add("long", new ErofsNode.Symlink(ErofsTree.attributes(0777), "t".repeat(4095)))
                .add(
                        "null",
                        new ErofsNode.Special(
                                ErofsTree.attributes(0666), ErofsNode.Special.Kind.CHARACTER_DEVICE, 1, 3))
                .add("fifo", new ErofsNode.Special(ErofsTree.attributes(0600), ErofsNode.Special.Kind.FIFO, 0, 0))
                .add(
                        "x",
                        new ErofsNode.RegularFile(
                                ErofsTree.attributes(Map.of("user.a", "b", "security.capability", "\0\1")), 0, 0, 0));
        return unsealed(tree);
    }

    private static byte[] deep() {
        ErofsTree tree = new ErofsTree(1);
        ErofsNode.Directory directory = tree.root();
        for (int i = 0; i < 5; i++) {
            ErofsNode.Directory next = new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY);
            directory.children().put("d", next);
            directory.children().put("l" + i, new ErofsNode.Symlink(ErofsTree.attributes(0777), "../d/l1"));
            directory = next;
        }
        return unsealed(tree);
    }

    private static byte[] large() {
        ErofsTree tree = new ErofsTree(1);
        ErofsNode.Symlink link = new ErofsNode.Symlink(ErofsTree.attributes(0777), "target");
        for (int i = 0; i < 20; i++) {
            tree.add("x".repeat(230 + i), link);
        }
        return unsealed(tree);
    }

    /** Without the checksum, which would refuse every change. */
    private static byte[] unsealed(ErofsTree tree) {
        byte[] image = tree.image();
        image[HandMadeErofs.SUPERBLOCK + 8] &= ~1;
        return image;
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) {
        ErofsHarness.read(input);
    }
}
