package io.javisor.images.erofs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where paths lead. */
class ErofsPathsTest {
    private static final ErofsFileSystem FILES = sample().open();

    private static ErofsTree sample() {
        ErofsTree tree = new ErofsTree(1);
        ErofsNode.Directory usr = new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY);
        ErofsNode.Directory bin = new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY);
        usr.children().put("bin", bin);
        bin.children().put("sh", tree.file(ErofsTree.attributes(0755), "shell".getBytes(US_ASCII), 0));
        bin.children().put("up", link("../../../usr/bin/sh"));
        return tree.add("usr", usr)
                .add("bin", link("usr/bin"))
                .add("absolute", link("/bin/up"))
                .add("dangling", link("nothing"))
                .add("loop", link("loop"))
                .add("dots", link("..//./usr/"));
    }

    private static ErofsNode link(String target) {
        return new ErofsNode.Symlink(ErofsTree.attributes(0777), target);
    }

    @Test
    void followsLinks() {
        for (String path : new String[] {
            "/usr/bin/sh",
            "usr/bin/sh",
            "/bin/sh",
            "//bin/./sh",
            "/bin/up",
            "/absolute",
            "/dots/bin/sh",
            "/../usr/../bin/sh"
        }) {
            ByteSource file = FILES.file(path);
            assertNotNull(file, path);
            assertArrayEquals("shell".getBytes(US_ASCII), Listing.read(file), path);
            assertFalse(FILES.isDirectory(path), path);
        }
        assertTrue(FILES.isDirectory("/bin"));
        assertTrue(FILES.isDirectory("/"));
        assertTrue(FILES.isDirectory(""));
        assertTrue(FILES.isDirectory("/.."));
        assertEquals(List.of("sh", "up"), FILES.names("/bin"));
        assertEquals(List.of(), FILES.names("/bin/sh"));
        assertEquals(List.of(), FILES.names("/nothing"));
    }

    @Test
    void findsNothing() {
        for (String path :
                new String[] {"/nothing", "/dangling", "/bin/sh/x", "/bin/sh/..", "/bin/nothing/..", "/ usr"}) {
            assertNull(FILES.find(path), path);
            assertNull(FILES.file(path), path);
        }
        assertNull(FILES.file("/usr"));
    }

    @Test
    void stopsAtALinkIfAsked() {
        for (String path : new String[] {"/bin", "/loop", "/dangling", "/bin/up", "/bin/"}) {
            ErofsInode inode = FILES.findLink(path);
            assertNotNull(inode, path);
            assertEquals(ErofsKind.SYMBOLIC_LINK, inode.kind(), path);
        }
        ErofsInode inode = FILES.findLink("/bin/up");
        assertNotNull(inode);
        assertEquals("../../../usr/bin/sh", FILES.target(inode));
    }

    @Test
    void refusesLoopsAndLongPaths() {
        assertEquals(
                "image: /loop leads through more than 40 symbolic links",
                assertThrows(ImageException.class, () -> FILES.find("/loop")).getMessage());
        assertEquals(
                "image: a path of 5000 characters leads nowhere",
                assertThrows(ImageException.class, () -> FILES.find("/".repeat(5000)))
                        .getMessage());
    }

    @Test
    void isUsedAsItIsMeant() {
        ErofsInode root = FILES.root();
        assertThrows(IllegalArgumentException.class, () -> FILES.content(root, "/"));
        assertThrows(IllegalArgumentException.class, () -> FILES.target(root));
        ErofsInode file = FILES.find("/bin/sh");
        assertNotNull(file);
        assertThrows(IllegalArgumentException.class, () -> FILES.entries(file));
    }
}
