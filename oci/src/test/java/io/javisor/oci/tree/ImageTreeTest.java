package io.javisor.oci.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.images.erofs.ErofsNode;
import io.javisor.oci.OciException;
import io.javisor.oci.layer.LayerTable;
import io.javisor.oci.testing.LayerRun;
import io.javisor.oci.testing.Nodes;
import io.javisor.oci.testing.TarBytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Layers in short: names in a row. {@code d/} is a directory (mode 0755), {@code d/=700} one of another mode, {@code f} a file of one block, {@code l>x} a symbolic link, {@code h&x} a hard
 * link, {@code |} begins the next layer. What is expected is as {@link Nodes#text} has it.
 */
class ImageTreeTest {
    @TempDir
    private Path directory = Path.of("");

    private LayerTable table(String row) {
        TarBytes tar = new TarBytes();
        for (String word : row.strip().split("\\s+", -1)) {
            if (word.contains(">")) {
                tar.symlink(word.substring(0, word.indexOf('>')), word.substring(word.indexOf('>') + 1));
            } else if (word.contains("&")) {
                tar.hardLink(word.substring(0, word.indexOf('&')), word.substring(word.indexOf('&') + 1));
            } else if (word.contains("/=")) {
                String name = word.substring(0, word.indexOf('='));
                tar.raw(TarBytes.changed(
                        TarBytes.header('5', name, 0), 100, "0000" + word.substring(word.indexOf('=') + 1)));
            } else if (word.endsWith("/")) {
                // As nobody described it: so that it reads the same.
                byte[] header =
                        TarBytes.changed(TarBytes.header('5', word, 0), 100, "0000755\0" + "0000000\0" + "0000000\0");
                tar.raw(TarBytes.changed(header, 136, "00000000000"));
            } else if (!word.isEmpty()) {
                tar.file(word, "x");
            }
        }
        return LayerRun.of(directory.resolve("data"), tar.end()).table();
    }

    private ErofsNode.Directory merge(String layers) {
        List<LayerTable> tables = new ArrayList<>();
        for (String row : layers.split("\\|", -1)) {
            tables.add(table(row));
        }
        return ImageTree.merge("image", tables);
    }

    private void assertTree(String expected, String layers) {
        assertEquals(expected, Nodes.text(merge(layers)), layers);
    }

    private void assertRefused(String expected, String layers) {
        OciException refused = assertThrows(OciException.class, () -> merge(layers));
        assertEquals("image: layer " + expected, refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "d/ d/f g | d/h             # d/ | d/f=0:0 | d/h=1:0 | g=0:1",
                "f | f                      # f=1:0",
                "f f                        # f=0:1",
                "a/b/c/f                    # a/ | a/b/ | a/b/c/ | a/b/c/f=0:0",
                // A directory upon a directory, and all else.
                "d/=700 d/f | d/            # d/ | d/f=0:0",
                "d/ d/f | d/=700            # d/700 | d/f=0:0",
                "d/f d/=700                 # d/700 | d/f=0:0",
                "d/f | d                    # d=1:0",
                "d/f | d>x                  # d->x",
                "d | d/                     # d/",
                "d>x | d/ d/f               # d/ | d/f=1:0",
                "d>x x/f | d                # d=1:0 | x/ | x/f=0:0",
                "d>x x/f | d/=700           # d/700 | x/ | x/f=0:0",
            })
    void putsEntriesUponOthers(String layers, String expected) {
        assertTree(expected.strip(), layers);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "f g | .wh.f                # g=0:1",
                "d/f d/g | d/.wh.f          # d/ | d/g=0:1",
                "d/f | .wh.d                # ''",
                "f | .wh.g                  # f=0:0",
                "f | d/e/.wh.g              # f=0:0",
                "f | f/.wh.g                # f=0:0",
                // Of its own layer it hides nothing, in either order.
                "f | .wh.f f                # f=1:0",
                "f | f .wh.f                # f=1:0",
                "d/f | .wh.d d/ d/g         # d/ | d/g=1:0",
                "d/f | d/ d/g .wh.d         # d/ | d/g=1:0",
                "d/=700 d/f | .wh.d d/g     # d/ | d/g=1:0",
                "d/=700 d/f | d/g .wh.d     # d/ | d/g=1:0",
                "d/f | .wh.d d              # d=1:0",
                "f | .wh.f f/g              # f/ | f/g=1:0",
                "f | f/g .wh.f              # f/ | f/g=1:0",
                "d>x x/f | .wh.d d/g        # d/ | d/g=1:0 | x/ | x/f=0:0",
                "d>x x/f | d/g .wh.d        # d/ | d/g=1:0 | x/ | x/f=0:0",
                // A layer that only hides, and one that brings back.
                "f | .wh.f | .wh.f          # ''",
                "f | .wh.f | f              # f=2:0",
            })
    void hidesWhatIsBelow(String layers, String expected) {
        assertTree(expected.strip(), layers);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "d/=700 d/f | d/.wh..wh..opq     # d/700",
                "d/=700 d/f | d/.wh..wh..opq d/g # d/700 | d/g=1:0",
                "d/=700 d/f | d/g d/.wh..wh..opq # d/700 | d/g=1:0",
                "d/e/f | d/ d/.wh..wh..opq d/e/g # d/ | d/e/ | d/e/g=1:0",
                "d/e/f | d/e/g d/.wh..wh..opq    # d/ | d/e/ | d/e/g=1:0",
                "d/f g | .wh..wh..opq h          # h=1:0",
                "f | f/.wh..wh..opq              # f=0:0",
                "f | d/.wh..wh..opq              # f=0:0",
                "d>x x/f | d/.wh..wh..opq        # d->x | x/",
                "d>x x/f | d/ d/.wh..wh..opq     # d/ | x/ | x/f=0:0",
                "d>x x/f | d/.wh..wh..opq d/     # d/ | x/ | x/f=0:0",
            })
    void hidesAllThatIsInADirectory(String layers, String expected) {
        assertTree(expected.strip(), layers);
    }

    /** A layer was made over a system whose links led elsewhere; or it replaces them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "lib>usr/lib usr/lib/ | lib/f              # lib->usr/lib | usr/ | usr/lib/ | usr/lib/f=1:0",
                "lib>/usr/lib usr/lib/ | lib/a/f           # lib->/usr/lib | usr/ | usr/lib/ | usr/lib/a/ |"
                        + " usr/lib/a/f=1:0",
                "lib>usr/lib lib/f                         # lib->usr/lib | usr/ | usr/lib/ | usr/lib/f=0:0",
                "lib>usr/lib usr/lib/f | lib/.wh.f         # lib->usr/lib | usr/ | usr/lib/",
                "lib>usr/lib usr/lib/f | lib/.wh.f lib/    # lib/ | usr/ | usr/lib/ | usr/lib/f=0:0",
                "a/b>../c c/ | a/b/f                       # a/ | a/b->../c | c/ | c/f=1:0",
                "a>. f | a/a/./f                           # a->. | f=1:0",
                "a>b b>c c>/d d/ | a/f                     # a->b | b->c | c->/d | d/ | d/f=1:0",
                "a/b/c>../../d d/ | a/b/c/f                # a/ | a/b/ | a/b/c->../../d | d/ | d/f=1:0",
                // The root's parent is the root.
                "a>../../../b b/ | a/f                     # a->../../../b | b/ | b/f=1:0",
                "a>/../../b/../c c/ | a/f                  # a->/../../b/../c | b/ | c/ | c/f=1:0",
                "a>/ | a/f                                 # a->/ | f=1:0",
                // A link to nothing, and one to itself by way of others.
                "a>b/c | a/f                               # a->b/c | b/ | b/c/ | b/c/f=1:0",
                // The last name of a path is not followed.
                "a>b b | a                                 # a=1:0 | b=0:0",
                "a>b b/f | .wh.a                           # b/ | b/f=0:0",
            })
    void followsLinksOnTheWay(String layers, String expected) {
        assertTree(expected.strip(), layers);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "f h&f                     # f=0:0 | h==f",
                "f | h&f                   # f=0:0 | h==f",
                "f | h&f | f               # f=2:0 | h=0:0",
                "f | h&f | .wh.f           # h=0:0",
                "f g&f h&g                 # f=0:0 | g==f | h==f",
                "s>x h&s                   # h->x | s==h",
                "d>e e/f | h&d/f           # d->e | e/ | e/f=0:0 | h==e/f",
                "d/f | d&d/f               # d=0:0",
                "f f&f                     # f=0:0",
                "f g | f&g                 # f=0:1 | g==f",
            })
    void linksAcrossLayers(String layers, String expected) {
        assertTree(expected.strip(), layers);
    }

    @Test
    void makesAFileOfALinkThatBringsItsContent() {
        TarBytes tar = new TarBytes()
                .file("f", "hello")
                .pax("size", "5")
                .entry(TarBytes.changed(TarBytes.header('1', "h", 5), 157, "none"), TarBytes.latin1("hello"))
                .pax("size", "5")
                .entry(TarBytes.changed(TarBytes.header('1', "i", 5), 157, "f"), TarBytes.latin1("hello"));
        LayerTable table = LayerRun.of(directory.resolve("data"), tar.end()).table();
        assertEquals("f=0:0 | h=0:1 | i==f", Nodes.text(ImageTree.merge("image", List.of(table))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "f f/g               # 1: \"f/g\": what should be a directory on its way is none",
                "f | f/g/h           # 2: \"f/g/h\": what should be a directory on its way is none",
                "a>f f | a/g         # 2: \"a/g\": what should be a directory on its way is none",
                "a>b b>a a/f         # 1: \"a/f\": its path leads through more than 40 symbolic links",
                "a>a | a/f           # 2: \"a/f\": its path leads through more than 40 symbolic links",
                "a>b/c b>a | a/f     # 2: \"a/f\": its path leads through more than 40 symbolic links",
                "a>a | h&a/f         # 2: \"h\": its path leads through more than 40 symbolic links",
                "a>a | a/.wh.f       # 2: \"a/f\": its path leads through more than 40 symbolic links",
                "h&f f               # 1: \"h\": a hard link to \"f\", which is not there",
                "f | .wh.f h&f       # 2: \"h\": a hard link to \"f\", which is not there",
                "f h&f/g             # 1: \"h\": a hard link to \"f/g\", which is not there",
                "h&h                 # 1: \"h\": a hard link to \"h\", which is not there",
                "d/ h&d              # 1: \"h\": a hard link to a directory, \"d\"",
            })
    void refusesWhatDoesNotFit(String layers, String message) {
        assertRefused(message.strip(), layers);
    }

    @Test
    void givesTheRootItsAttributes() {
        assertEquals(ErofsAttributes.DEFAULT_DIRECTORY, merge("f").attributes());
        ErofsNode.Directory root = merge("./=711 f | g | ./=1777 ");
        assertEquals(new ErofsAttributes(01777, 1, 2, 3, 0, Map.of()), root.attributes());
        assertEquals("f=0:0 | g=1:0", Nodes.text(root));
    }

    @Test
    void keepsAttributesAndKinds() {
        TarBytes tar = new TarBytes()
                .pax("SCHILY.xattr.user.a", "b")
                .raw(TarBytes.changed(TarBytes.header('3', "c", 0), 329, "0000001\0" + "0000003"))
                .raw(TarBytes.header('4', "b", 0))
                .raw(TarBytes.header('6', "p", 0))
                .pax("mtime", "5.5")
                .file("f", "x".repeat(5000));
        LayerTable table = LayerRun.of(directory.resolve("data"), tar.end()).table();
        ErofsNode.Directory root = ImageTree.merge("image", List.of(table));
        assertEquals("b BLOCK_DEVICE | c CHARACTER_DEVICE | f=0:0 | p FIFO", Nodes.text(root));
        ErofsNode.Special device =
                assertInstanceOf(ErofsNode.Special.class, root.children().get("c"));
        assertEquals(new ErofsAttributes(0644, 1, 2, 3, 0, Map.of("user.a", "b")), device.attributes());
        assertEquals(1, device.major());
        assertEquals(3, device.minor());
        ErofsNode.RegularFile file =
                assertInstanceOf(ErofsNode.RegularFile.class, root.children().get("f"));
        assertEquals(5000, file.sizeBytes());
        assertEquals(new ErofsAttributes(0644, 1, 2, 5, 500_000_000, Map.of()), file.attributes());
    }

    @Test
    void putsHundredsOfLayersUponEachOther() {
        LayerTable base = table("f");
        List<LayerTable> layers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            layers.add(base);
        }
        assertEquals("f=299:0", Nodes.text(ImageTree.merge("image", layers)));
    }

    /** Links make a tree deeper than any path in a tar is: the limit is of the tree. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void limitsTheDepth(int times) {
        String deep = "d/".repeat(1024);
        TarBytes tar = new TarBytes()
                .pax("path", deep + "f")
                .file("f", "x")
                .pax("linkpath", deep)
                .symlink("l1", "t");
        for (int i = 1; i <= times; i++) {
            String path = "l" + i + "/" + "e/".repeat(1023);
            tar.pax("path", path + "f").file("f", "x");
            tar.pax("linkpath", path).symlink("l" + (i + 1), "t");
        }
        LayerTable table = LayerRun.of(directory.resolve("data"), tar.end()).table();
        if (times == 1) {
            int depth = Nodes.flat(ImageTree.merge("image", List.of(table))).keySet().stream()
                    .mapToInt(path -> (int) path.chars().filter(c -> c == '/').count() + 1)
                    .max()
                    .orElseThrow();
            assertEquals(2048, depth);
        } else {
            String message =
                    String.valueOf(assertThrows(OciException.class, () -> ImageTree.merge("image", List.of(table)))
                            .getMessage());
            assertTrue(message.endsWith("\": it is more than 2048 directories below the root"), message);
        }
    }

    /** Forty links of two thousand steps each, for every file: the work is bounded for all of them together. */
    @Test
    void limitsTheWorkOfLinks() {
        TarBytes tar = new TarBytes();
        String steps = "./".repeat(2000);
        for (int i = 0; i < 39; i++) {
            tar.pax("linkpath", steps + "l" + (i + 1)).symlink("l" + i, "t");
        }
        tar.directory("l39");
        for (int i = 0; i < 250; i++) {
            tar.file("l0/f" + i, "");
        }
        LayerTable table = LayerRun.of(directory.resolve("data"), tar.end()).table();
        String message = String.valueOf(assertThrows(OciException.class, () -> ImageTree.merge("image", List.of(table)))
                .getMessage());
        assertTrue(message.endsWith("the image's symbolic links make its paths too long"), message);
    }

    /** A heap of 256 MiB holds what an image may have; what takes another's place takes none. */
    @Test
    void refusesMoreFilesThanMemoryHolds() throws TreeException {
        TreeWalk walk = new TreeWalk(new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY));
        for (int i = 0; i < 1 << 19; i++) {
            walk.count();
        }
        assertEquals(
                "the image has more files than the 524288 that one may have",
                assertThrows(TreeException.class, walk::count).getMessage());
    }
}
