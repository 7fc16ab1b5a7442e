package io.javisor.images.erofs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.javisor.testkit.image.ElfBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was written is read. */
class ErofsRoundTripTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void readsWhatWasWritten(int seed) {
        ErofsTree tree = RandomTree.of(seed, 40 * seed);
        Map<String, String> expected = Listing.of(tree);
        assertEquals(expected, Listing.of(tree.open()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void findsEveryName(int seed) {
        ErofsTree tree = RandomTree.of(seed, 200);
        ErofsFileSystem files = tree.open();
        assertNames(files, files.root(), tree.root());
    }

    private static void assertNames(ErofsFileSystem files, ErofsInode inode, ErofsNode.Directory directory) {
        List<ErofsEntry> entries = files.entries(inode);
        assertEquals(
                List.copyOf(directory.children().keySet()),
                entries.stream().map(ErofsEntry::name).toList());
        for (ErofsEntry entry : entries) {
            assertEquals(entry, files.entry(inode, entry.name()));
            assertNull(files.entry(inode, entry.name() + "\u0001"));
            if (directory.children().get(entry.name()) instanceof ErofsNode.Directory child) {
                assertNames(files, files.inode(entry), child);
            }
        }
        assertNull(files.entry(inode, "nothing"));
        assertNull(files.entry(inode, "."));
        assertNull(files.entry(inode, ""));
    }

    @Test
    void holdsAnEmptyTree() {
        ErofsFileSystem files = new ErofsTree(0).open();
        assertEquals(List.of(), files.entries(files.root()));
        assertEquals(2, files.root().linkCount());
        assertEquals("00112233-4455-6677-8899-aabbccddeeff", files.uuid());
        assertEquals("", files.label());
        assertEquals(List.of(), files.notes());
    }

    @Test
    void holdsADirectoryOfExactlyABlock() {
        // Two entries for the dots take 27 bytes, the others 12 and their names.
        for (int length = 250; length <= 255; length++) {
            ErofsTree tree = new ErofsTree(1);
            for (int i = 0; i < 15; i++) {
                tree.add("%02d".formatted(i) + "x".repeat(252), new ErofsNode.Symlink(ErofsTree.attributes(0), "t"));
            }
            tree.add(
                    "y".repeat(4096 - 27 - 15 * 266 - 12 - 255 + length),
                    tree.root().children().firstEntry().getValue());
            assertEquals(Listing.of(tree), Listing.of(tree.open()));
        }
    }

    @Test
    void holdsTargetsAndAttributesThatFillABlockOrMore() {
        ErofsTree tree = new ErofsTree(1);
        for (int length : new int[] {1, 3000, 4031, 4032, 4033, 4094, 4095}) {
            tree.add("link" + length, new ErofsNode.Symlink(ErofsTree.attributes(0777), "t".repeat(length)));
            tree.add(
                    "both" + length,
                    new ErofsNode.Symlink(
                            ErofsTree.attributes(Map.of("user.a", "v".repeat(9000))), "t".repeat(length)));
            tree.add(
                    "file" + length,
                    new ErofsNode.RegularFile(
                            ErofsTree.attributes(Map.of("security.capability", "\0".repeat(length))), 0, 0, 0));
        }
        tree.add(
                "most",
                new ErofsNode.RegularFile(
                        ErofsTree.attributes(Map.of(
                                "user.a", "1".repeat(65535), "user.b", "2".repeat(65535), "user.c", "3".repeat(65535))),
                        0,
                        0,
                        0));
        assertEquals(Listing.of(tree), Listing.of(tree.open()));
    }

    @Test
    void holdsARootWithLongAttributes() {
        ErofsTree tree = new ErofsTree(1, ErofsTree.attributes(Map.of("user.a", "v".repeat(60_000), "trusted.b", "")));
        tree.addFile("a", "content");
        assertEquals(Listing.of(tree), Listing.of(tree.open()));
    }

    @Test
    void keepsHardLinksAndNothingElseTogether() {
        ErofsTree tree = new ErofsTree(2);
        ErofsNode.RegularFile file = tree.file(ErofsTree.attributes(0600), new byte[] {1, 2, 3}, 1);
        ErofsNode.Directory directory = new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY);
        directory.children().put("second", file);
        tree.add("first", file)
                .add("directory", directory)
                .add("other", new ErofsNode.RegularFile(file.attributes(), 3, 1, file.firstBlock()));
        ErofsFileSystem files = tree.open();
        ErofsInode first = files.find("/first");
        ErofsInode second = files.find("/directory/second");
        ErofsInode other = files.find("/other");
        assertNotNull(first);
        assertNotNull(other);
        assertEquals(first, second);
        assertEquals(2, first.linkCount());
        assertEquals(1, other.linkCount());
        assertEquals(first.startBlock(), other.startBlock());
        assertArrayEquals(new byte[] {1, 2, 3}, Listing.read(files.content(other, "/other")));
    }

    @Test
    void joinsManySources() {
        ErofsTree tree = new ErofsTree(200);
        for (int i = 0; i < 200; i++) {
            byte[] content = ElfBuilder.pattern(i * 100, i);
            tree.add("a" + i, tree.file(ErofsTree.attributes(0644), content, i));
            tree.add("b" + i, tree.file(ErofsTree.attributes(0644), content, 199 - i));
        }
        assertEquals(Listing.of(tree), Listing.of(tree.open()));
    }
}
