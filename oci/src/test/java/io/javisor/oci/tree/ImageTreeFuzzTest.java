package io.javisor.oci.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.images.erofs.ErofsNode;
import io.javisor.oci.OciException;
import io.javisor.oci.layer.LayerPass;
import io.javisor.oci.layer.LayerTable;
import io.javisor.oci.testing.Nodes;
import io.javisor.oci.testing.TarBytes;
import io.javisor.testkit.FuzzBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers of few names, so that much meets: an entry is a byte for its kind, one or two for its path and one or two for its target. There is a tree, or one line. Each directory stands at one
 * place, its names are names, files are of layers that there are; a layer that hides the root's content gives the tree of what is above it; and the same layers give the same tree.
 */
class ImageTreeFuzzTest {
    private static final int ENTRIES_MAX = 60;

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzBytes.of(0, 0x12, 3, 2, 0x31, 9, 5, 0x12, 6, 0x31),
                FuzzBytes.of(3, 0x01, 0x23, 0, 0x1F, 9, 2, 0x01, 4, 0x22, 0x1F),
                FuzzBytes.of(2, 0x00, 0, 0x01, 9, 6, 0x00, 0, 0x01, 9, 5, 0x00));
    }

    private static String path(FuzzBytes input) {
        int bits = input.u8();
        StringBuilder path = new StringBuilder().append((char) ('a' + (bits & 3)));
        for (int depth = bits >> 6; depth > 0; depth--) {
            bits >>= 2;
            path.append('/').append((char) ('a' + (bits & 3)));
        }
        return path.toString();
    }

    private static String target(FuzzBytes input) {
        int way = input.u8();
        return (way % 4 == 0 ? "/" : "../".repeat(way % 4 - 1)) + path(input);
    }

    private static List<LayerTable> layers(byte[] bytes) throws IOException {
        FuzzBytes input = new FuzzBytes(bytes);
        List<LayerTable> layers = new ArrayList<>();
        TarBytes tar = new TarBytes();
        for (int count = 0; input.more() && count < ENTRIES_MAX; count++) {
            switch (input.u8() % 10) {
                case 0, 1 -> tar.file(path(input), "");
                case 2 -> tar.directory(path(input));
                case 3 -> tar.symlink(path(input), target(input));
                case 4 -> tar.hardLink(path(input), path(input));
                case 5 -> tar.file(".wh." + (char) ('a' + (input.u8() & 3)), "");
                case 6 -> tar.file(path(input) + "/.wh." + (char) ('a' + (input.u8() & 3)), "");
                case 7 -> tar.file(path(input) + "/.wh..wh..opq", "");
                case 8 -> tar.raw(TarBytes.header('6', path(input), 0));
                default -> {
                    layers.add(table(tar.end()));
                    tar = new TarBytes();
                }
            }
        }
        layers.add(table(tar.end()));
        return layers;
    }

    private static LayerTable table(byte[] tar) throws IOException {
        Path file = Files.createTempFile("layer", ".data");
        try (FileChannel data = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return LayerPass.run("layer", new ByteArrayInputStream(tar), data, _ -> {})
                    .table();
        } finally {
            Files.delete(file);
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void mergesOrRefuses(byte[] input) throws IOException {
        List<LayerTable> layers = layers(input);
        try {
            ErofsNode.Directory root = ImageTree.merge("image", layers);
            IdentityHashMap<ErofsNode, Boolean> seen = new IdentityHashMap<>();
            Nodes.flat(root).forEach((path, node) -> {
                boolean first = seen.put(node, true) == null;
                assertTrue(first || !(node instanceof ErofsNode.Directory), path);
                assertTrue(
                        path.isEmpty()
                                || path.substring(path.lastIndexOf('/') + 1).matches("[a-d]"),
                        path);
                if (node instanceof ErofsNode.RegularFile file) {
                    assertTrue(file.source() >= 0 && file.source() < layers.size());
                }
            });
            assertEquals(Nodes.text(root), Nodes.text(ImageTree.merge("image", layers)));
            List<LayerTable> hidden = new ArrayList<>(layers);
            hidden.add(
                    table(new TarBytes().file(".wh..wh..opq", "").file("x", "").end()));
            assertEquals("x=" + layers.size() + ":0", Nodes.text(ImageTree.merge("image", hidden)));
        } catch (OciException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(
                    message.startsWith("image: layer ") && message.chars().allMatch(c -> c >= ' ' && c < 0x7F),
                    message);
        }
    }
}
