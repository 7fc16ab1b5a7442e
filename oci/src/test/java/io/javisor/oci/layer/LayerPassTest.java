package io.javisor.oci.layer;

import static io.javisor.oci.testing.TarBytes.changed;
import static io.javisor.oci.testing.TarBytes.header;
import static io.javisor.oci.testing.TarBytes.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.oci.OciException;
import io.javisor.oci.testing.Compressed;
import io.javisor.oci.testing.LayerRun;
import io.javisor.oci.testing.TarBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one pass makes of a layer. */
class LayerPassTest {
    private static final ErofsAttributes PLAIN = new ErofsAttributes(0644, 1, 2, 3, 0, Map.of());

    @TempDir
    private Path directory = Path.of("");

    private LayerRun run(byte[] blob) {
        return LayerRun.of(directory.resolve("data"), blob);
    }

    private List<LayerEntry> entries(TarBytes tar) {
        byte[] bytes = tar.end();
        return LayerRun.of(directory.resolve("data"), bytes, bytes).table().entries();
    }

    private void assertRefused(String message, TarBytes tar) {
        OciException refused = assertThrows(OciException.class, () -> run(tar.end()));
        assertEquals("layer: " + message, refused.getMessage());
    }

    private static LayerEntry marker(String path, LayerEntry.Kind kind) {
        return new LayerEntry(path, kind, ErofsAttributes.DEFAULT_DIRECTORY, 0, 0, "", 0, 0);
    }

    @Test
    void putsContentsAtBlocks() {
        byte[] tar = new TarBytes()
                .file("a", "x")
                .file("empty", "")
                .file("b", "y".repeat(4096))
                .file("c", "z".repeat(4097))
                .file("d", "w")
                .end();
        for (byte[] blob : new byte[][] {tar, Compressed.gzip(tar), Compressed.zstd(tar)}) {
            LayerRun run = LayerRun.of(directory.resolve("data"), blob, tar);
            List<LayerEntry> entries = run.table().entries();
            assertEquals(new LayerEntry("a", LayerEntry.Kind.FILE, PLAIN, 1, 0, "", 0, 0), entries.get(0));
            assertEquals(new LayerEntry("empty", LayerEntry.Kind.FILE, PLAIN, 0, 0, "", 0, 0), entries.get(1));
            assertEquals(
                    List.of(0L, 0L, 1L, 2L, 4L),
                    entries.stream().map(LayerEntry::firstBlock).toList());
            assertEquals(5, run.table().dataBlocks());
            assertEquals("x", run.content(entries.get(0)));
            assertEquals("y".repeat(4096), run.content(entries.get(2)));
            assertEquals("z".repeat(4097), run.content(entries.get(3)));
            assertEquals("w", run.content(entries.get(4)));
        }
    }

    /** Everything, to the stream's very end: padding, and what nobody reads. */
    @Test
    void hashesWhatIsBehindTheEnd() {
        byte[] tar = new TarBytes()
                .file("a", "x")
                .raw(new byte[1024])
                .raw(new byte[8000])
                .file("b", "y")
                .bytes();
        LayerRun run = LayerRun.of(directory.resolve("data"), Compressed.gzip(tar), tar);
        assertEquals(1, run.table().entries().size());
    }

    @Test
    void takesAnEmptyLayer() {
        for (byte[] tar : new byte[][] {{}, new byte[1024], new byte[10240]}) {
            LayerRun run = LayerRun.of(directory.resolve("data"), tar, tar);
            assertEquals(List.of(), run.table().entries());
            assertEquals(0, run.table().dataBlocks());
        }
    }

    @Test
    void readsEveryKind() {
        byte[] device = TarBytes.put(TarBytes.put(header('3', "dev/c", 0), 329, "0007777"), 337, "3777777");
        List<LayerEntry> entries = entries(new TarBytes()
                .directory("./")
                .directory("d/")
                .symlink("s", "/x/../y/")
                .hardLink("h", ".//d/./f")
                .raw(TarBytes.sum(device))
                .raw(changed(header('4', "dev/b", 0), 329, "0000010"))
                .raw(header('6', "p", 0)));
        ErofsAttributes directoryAttributes = new ErofsAttributes(0755, 1, 2, 3, 0, Map.of());
        assertEquals(
                List.of(
                        new LayerEntry("", LayerEntry.Kind.DIRECTORY, directoryAttributes, 0, 0, "", 0, 0),
                        new LayerEntry("d", LayerEntry.Kind.DIRECTORY, directoryAttributes, 0, 0, "", 0, 0),
                        new LayerEntry("s", LayerEntry.Kind.SYMLINK, PLAIN, 0, 0, "/x/../y/", 0, 0),
                        new LayerEntry("h", LayerEntry.Kind.HARD_LINK, PLAIN, 0, 0, "d/f", 0, 0),
                        new LayerEntry("dev/c", LayerEntry.Kind.CHARACTER_DEVICE, PLAIN, 0, 0, "", 4095, 0xF_FFFF),
                        new LayerEntry("dev/b", LayerEntry.Kind.BLOCK_DEVICE, PLAIN, 0, 0, "", 8, 0),
                        new LayerEntry("p", LayerEntry.Kind.FIFO, PLAIN, 0, 0, "", 0, 0)),
                entries);
    }

    @Test
    void readsWhiteouts() {
        assertEquals(
                List.of(
                        marker("a", LayerEntry.Kind.WHITEOUT),
                        marker("d/e/.hidden", LayerEntry.Kind.WHITEOUT),
                        marker("d/.w", LayerEntry.Kind.WHITEOUT),
                        marker("d", LayerEntry.Kind.OPAQUE),
                        marker("", LayerEntry.Kind.OPAQUE)),
                entries(new TarBytes()
                        .file(".wh.a", "")
                        .directory("/d/e/.wh..hidden/")
                        .file("d/.wh..w", "with content")
                        .file("d/.wh..wh..opq", "")
                        .symlink(".wh..wh..opq", "x")));
    }

    @Test
    void leavesOutWhatIsOfTheFileSystemBelow() {
        assertEquals(
                List.of("last"),
                entries(new TarBytes()
                                .directory(".wh..wh.plnk/")
                                .file(".wh..wh.plnk/12.34", "x".repeat(5000))
                                .file(".wh..wh.aufs", "")
                                .file("d/.wh..wh.orph/x", "")
                                .file("d/.wh.e/x", "y")
                                .file("last", "z"))
                        .stream()
                        .map(LayerEntry::path)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "/a/b, a/b",
        "./a/b, a/b",
        "a//b/, a/b",
        "././/a/./b/., a/b",
        "///a, a",
        "...a, ...a",
        ".., ''",
        "a/.., ''",
        "../a, ''",
        "/../a, ''",
        "a/../b, ''",
        "./.., ''",
        "a/..b/...c, a/..b/...c",
    })
    void takesPathsApart(String path, String expected) {
        if (expected.isEmpty()) {
            assertRefused(
                    "\"" + path + "\": its path leads upwards, which none in a layer does",
                    new TarBytes().file(path, ""));
            assertRefused(
                    "\"h\": its path leads upwards, which none in a layer does", new TarBytes().hardLink("h", path));
        } else {
            assertEquals(
                    expected,
                    entries(new TarBytes().raw(header('6', path, 0))).getFirst().path());
            assertEquals(
                    expected,
                    entries(new TarBytes().hardLink("h", path)).getFirst().target());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".wh.", ".wh..", ".wh...", "a/.wh...", "a/.wh./"})
    void refusesWhiteoutsOfNoName(String path) {
        assertRefused("\"" + path + "\": a whiteout of no name", new TarBytes().raw(header('6', path, 0)));
    }

    @Test
    void refusesWhatLinuxHasNoPlaceFor() {
        assertRefused("\"./\": the root can be a directory only", new TarBytes().symlink("./", "x"));
        assertRefused("\"h\": a hard link to the root", new TarBytes().hardLink("h", "/"));
        assertRefused(
                "\"" + "n".repeat(200) + "...\": a name of 256 bytes; 255 are the most",
                new TarBytes().pax("path", "n".repeat(256)).file("f", ""));
        assertRefused(
                "\"s\": its target as a symbolic link has 4096 bytes; 4095 are the most",
                new TarBytes().pax("linkpath", "n".repeat(4096)).symlink("s", "t"));
        assertRefused(
                "\"c\": there is no device 4096:0; 4095 and 1048575 are the highest numbers",
                new TarBytes().raw(changed(header('3', "c", 0), 329, "0010000")));
        assertRefused(
                "\"f\": an extended attribute with a name of 256 bytes and a value of 1; 255 and 65535 are the most",
                new TarBytes().pax("SCHILY.xattr." + "n".repeat(256), "x").file("f", ""));
        assertRefused(
                "\"f\": an extended attribute with a name of 6 bytes and a value of 65536; 255 and 65535 are the most",
                new TarBytes().pax("SCHILY.xattr.user.a", "x".repeat(65536)).file("f", ""));
        assertRefused(
                "\"f\": an extended attribute with a name of 0 bytes and a value of 1; 255 and 65535 are the most",
                new TarBytes().pax("SCHILY.xattr.", "x").file("f", ""));
    }

    /** Here the layer is known; whoever writes the image would name the file alone. */
    @Test
    void refusesExtendedAttributesThatErofsCannotHold() {
        assertRefused(
                "\"f\": its extended attribute user. has a name that there can't be",
                new TarBytes().pax("SCHILY.xattr.user.", "x").file("f", ""));
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            records.append(record("SCHILY.xattr.user." + i, "x".repeat(65535)));
        }
        assertRefused(
                "\"f\": its extended attributes take 327712 bytes; 262148 are possible",
                new TarBytes().pax('x', records.toString()).file("f", ""));
    }

    /** A terminal obeys nothing that is in a name. */
    @Test
    void printsNamesAsText() {
        assertRefused(
                "\"?[2J/..\": its path leads upwards, which none in a layer does",
                new TarBytes().file("\33[2J/..", ""));
    }

    @Test
    void leavesOutWhatOverlayfsTakesForAWhiteout() {
        assertEquals(
                List.of("b", "c"),
                entries(new TarBytes()
                                .raw(header('3', "w", 0))
                                .raw(header('4', "b", 0))
                                .raw(changed(header('3', "c", 0), 337, "0000001")))
                        .stream()
                        .map(LayerEntry::path)
                        .toList());
    }

    @Test
    void keepsExtendedAttributesButThoseOfOverlayfs() {
        String value = "\1\0\u00FF\n";
        LayerEntry entry = entries(new TarBytes()
                        .pax(
                                'x',
                                record("SCHILY.xattr.security.capability", value)
                                        + record("SCHILY.xattr.trusted.overlay.opaque", "y")
                                        + record("SCHILY.xattr.trusted.x", ""))
                        .file("f", ""))
                .getFirst();
        assertEquals(
                Map.of("security.capability", value, "trusted.x", ""),
                entry.attributes().xattrs());
    }

    /** Names of one hash code each way: what looks them up by it alone takes minutes for a few of such headers. */
    @Test
    void takesNoLongerForNamesOfOneHashCode() {
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < 1 << 14; i++) {
            StringBuilder name = new StringBuilder("SCHILY.xattr.other.");
            for (int bit = 0; bit < 14; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            records.append(record(name.toString(), ""));
        }
        TarBytes tar = new TarBytes();
        for (int i = 0; i < 4; i++) {
            tar.pax('x', records.toString()).file("f" + i, "");
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        assertEquals(1 << 14, entries(tar).getLast().attributes().xattrs().size());
        long millis = (threads.getCurrentThreadCpuTime() - start) / 1_000_000;
        assertTrue(millis < 5000, millis + " ms");
    }

    private static TarBytes sparse(String map, String size, String content) {
        return new TarBytes()
                .pax('x', record("GNU.sparse.map", map) + record("GNU.sparse.size", size))
                .file("f", content);
    }

    @Test
    void leavesHolesInSparseFiles() throws IOException {
        byte[] tar = sparse("5,1,8190,3,4000000,2", "5000000", "abcdef")
                .file("next", "n")
                .end();
        LayerRun run = LayerRun.of(directory.resolve("data"), tar, tar);
        LayerEntry entry = run.table().entries().getFirst();
        assertEquals(5_000_000, entry.sizeBytes());
        StringBuilder expected = new StringBuilder("\0".repeat(5_000_000));
        expected.setCharAt(5, 'a');
        expected.replace(8190, 8193, "bcd").replace(4_000_000, 4_000_002, "ef");
        assertEquals(expected.toString(), run.content(entry));
        assertEquals("n", run.content(run.table().entries().get(1)));
        assertEquals(1222, run.table().dataBlocks());
    }

    /** It takes no room on the disk, and ends where the table says. */
    @Test
    void takesFilesOfNothingButAHole() throws IOException {
        long size = 1L << 40;
        LayerRun run = run(sparse(size + ",0", Long.toString(size), "").end());
        assertEquals(size / 4096, run.table().dataBlocks());
        assertEquals(size, Files.size(run.data()));
    }

    @Test
    void refusesMoreThanAnImageCanHave() {
        assertRefused(
                "\"f\": it has 9223372036854775807 bytes; all files of an image have 16 TiB at most",
                sparse("0,0", "9223372036854775807", ""));
        assertRefused(
                "\"f\": it has 17592186040321 bytes; all files of an image have 16 TiB at most",
                sparse("0,0", Long.toString((0xFFFF_FFFFL << 12) + 1), ""));
    }

    @Test
    void keepsContentsOfHardLinks() {
        byte[] tar = new TarBytes()
                .file("f", "hello")
                .pax("size", "5")
                .entry(changed(header('1', "h", 5), 157, "f"), TarBytes.latin1("hello"))
                .end();
        LayerRun run = LayerRun.of(directory.resolve("data"), tar, tar);
        LayerEntry link = run.table().entries().get(1);
        assertEquals(LayerEntry.Kind.HARD_LINK, link.kind());
        assertEquals("hello", run.content(link));
    }

    @Test
    void keepsEntriesThatComeTwice() {
        assertEquals(2, entries(new TarBytes().file("f", "a").file("f", "b")).size());
    }

    @Test
    void saysWhatIsWrongWithTheTar() {
        byte[] tar = new TarBytes().file("a", "x".repeat(3000)).end();
        OciException truncated = assertThrows(OciException.class, () -> run(Compressed.gzip(Arrays.copyOf(tar, 2000))));
        assertEquals("layer: its tar is truncated: it ends at byte 2000", truncated.getMessage());
        tar[0] ^= 1;
        OciException damaged = assertThrows(OciException.class, () -> run(tar));
        assertEquals("layer: its tar is damaged at byte 0: a header whose checksum is wrong", damaged.getMessage());
        OciException noTar = assertThrows(OciException.class, () -> run(TarBytes.latin1("hello")));
        assertEquals("layer: its tar is truncated: it ends at byte 5", noTar.getMessage());
    }

    @Test
    void saysThatTheBlobOrTheDataFails() throws IOException {
        Path file = directory.resolve("data");
        byte[] tar = new TarBytes().file("a", "x".repeat(3000)).end();
        InputStream closed = InputStream.nullInputStream();
        closed.close();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            OciException refused =
                    assertThrows(OciException.class, () -> LayerPass.run("layer", closed, channel, _ -> {}));
            assertEquals("layer: it can't be read: Stream closed", refused.getMessage());
        }
        // Linux has a device that is always full.
        try (FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
            OciException refused = assertThrows(
                    OciException.class, () -> LayerPass.run("layer", new ByteArrayInputStream(tar), full, _ -> {}));
            assertEquals("layer: its files can't be written: No space left on device", refused.getMessage());
        }
    }
}
