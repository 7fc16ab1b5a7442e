package io.javisor.images.erofs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The authors' own tools (Debian: erofs-utils) read what is written here, and write what is read here. */
class ErofsUtilsTest {
    private static final int MANY = 2000;

    /** What mkfs.erofs is given. */
    @TempDir
    private static Path tree = Path.of("");

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void requireTools() throws IOException {
        for (String tool : new String[] {"mkfs.erofs", "fsck.erofs", "dump.erofs"}) {
            HostTool.require(tool, "erofs-utils");
        }
        makeTree();
    }

    private String run(String... command) {
        return HostTool.run(directory, "", command);
    }

    private Path write(ErofsTree tree) throws IOException {
        return Files.write(directory.resolve("image"), tree.image());
    }

    /** It ends with status 0 even after a wrong checksum: so it is told to say that all is well. */
    private String check(Path image) {
        return run("fsck.erofs", "-d3", image.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void fsckFindsNothingWrong(int seed) throws IOException {
        String output = check(write(RandomTree.of(seed, 60 * seed)));
        assertEquals("<I> erofs: No errors found", output.strip());
    }

    @Test
    void fsckLooksAtTheChecksum() throws IOException {
        Path image = write(RandomTree.of(1, 10));
        byte[] bytes = Files.readAllBytes(image);
        bytes[1024 + 900] ^= 1;
        String output = check(Files.write(image, bytes));
        assertTrue(output.contains("failed to verify superblock checksum"), output);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void fsckUnpacksTheSameTree(int seed) throws IOException {
        ErofsTree tree = RandomTree.tame(seed, 60 * seed);
        Path image = write(tree);
        // Only root may give files away, so nobody does.
        run(
                "fsck.erofs",
                "--extract=" + directory.resolve("out"),
                "--preserve-perms",
                "--no-preserve-owner",
                image.toString());
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> hashes = new TreeMap<>();
        describe(tree, "", tree.root(), expected, hashes);
        assertEquals(expected, unpacked());
        assertEquals(hashes, unpackedHashes());
    }

    private void describe(
            ErofsTree tree, String path, ErofsNode node, Map<String, String> lines, Map<String, String> hashes) {
        ErofsAttributes attributes = node.attributes();
        String what =
                switch (node) {
                    case ErofsNode.Directory _ -> "d";
                    case ErofsNode.RegularFile file -> "f" + file.sizeBytes();
                    case ErofsNode.Symlink link -> "l" + link.target();
                    case ErofsNode.Special special -> special.kind() == ErofsNode.Special.Kind.FIFO ? "p" : "s";
                };
        // Links have no modes of their own.
        int mode = node instanceof ErofsNode.Symlink ? 0777 : attributes.mode();
        lines.put(path, "%s %o %d.%09d".formatted(what, mode, attributes.mtimeSeconds(), attributes.mtimeNanos()));
        if (node instanceof ErofsNode.RegularFile file) {
            hashes.put(path, sha256(tree.content(file)));
        }
        if (node instanceof ErofsNode.Directory parent) {
            parent.children()
                    .forEach((name, child) ->
                            describe(tree, path.isEmpty() ? name : path + "/" + name, child, lines, hashes));
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, String> unpacked() {
        Map<String, String> lines = new TreeMap<>();
        String output = run("find", "out", "-printf", "%y\\0%m\\0%s\\0%T@\\0%l\\0%P\\0");
        String[] fields = output.split("\0", -1);
        for (int i = 0; i + 6 <= fields.length; i += 6) {
            String detail =
                    switch (fields[i]) {
                        case "f" -> fields[i + 2];
                        case "l" -> fields[i + 4];
                        default -> "";
                    };
            // It prints ten digits, the last one always 0.
            String time = fields[i + 3].substring(0, fields[i + 3].length() - 1);
            lines.put(fields[i + 5], "%s%s %s %s".formatted(fields[i], detail, fields[i + 1], time));
        }
        return lines;
    }

    private Map<String, String> unpackedHashes() {
        Map<String, String> hashes = new TreeMap<>();
        String output = run("find", "out", "-type", "f", "-exec", "sha256sum", "-z", "{}", "+");
        for (String line : output.split("\0", -1)) {
            if (!line.isEmpty()) {
                hashes.put(line.substring(line.indexOf("out/") + 4), line.substring(0, 64));
            }
        }
        return hashes;
    }

    @Test
    void dumpSaysWhatWasMeant() throws IOException {
        ErofsTree tree = new ErofsTree(1);
        ErofsNode.RegularFile file = tree.file(
                new ErofsAttributes(0640, 123_456, 654_321, 1_234_567_890, 987_654_321, Map.of("user.a", "b")),
                new byte[5000],
                0);
        tree.add("a", file).add("b", file);
        Path image = write(tree);
        String output = run("dump.erofs", "--path=/b", image.toString());
        assertFound(output, "Size: 5000 .*");
        assertFound(output, "Links: 2 ");
        assertFound(output, "Inode size: 64 ");
        assertFound(output, "Xattr size: 20");
        assertFound(output, "Uid: 123456 +Gid: 654321 +Access: 0640/");
        assertFound(output, "\\.987654321");
        String superblock = run("dump.erofs", "-s", image.toString());
        assertFound(superblock, "Filesystem UUID: +00112233-4455-6677-8899-aabbccddeeff");
        assertFound(superblock, "Filesystem inode count: +2");
        assertFound(superblock, "Filesystem root nid: +36");
    }

    private static void assertFound(String text, String pattern) {
        assertTrue(Pattern.compile(pattern).matcher(text).find(), pattern + " in: " + text);
    }

    private static void makeTree() throws IOException {
        Path sub = Files.createDirectories(tree.resolve("usr/bin"));
        Files.write(sub.resolve("large"), ElfBuilder.pattern(300_001, 1));
        Files.write(sub.resolve("small"), ElfBuilder.pattern(100, 2));
        Files.write(sub.resolve("block"), ElfBuilder.pattern(4096, 3));
        Files.createFile(sub.resolve("empty"));
        Files.createLink(tree.resolve("hard"), sub.resolve("large"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("usr/bin/large"));
        Files.createSymbolicLink(tree.resolve("long"), Path.of("x".repeat(200) + "/" + "y".repeat(3800)));
        Path many = Files.createDirectories(tree.resolve("many"));
        for (int i = 0; i < MANY; i++) {
            Files.writeString(many.resolve("a-name-of-some-length-" + i), Integer.toString(i));
        }
        Files.setPosixFilePermissions(sub.resolve("small"), PosixFilePermissions.fromString("rwx--x-w-"));
        Files.setLastModifiedTime(sub.resolve("small"), FileTime.from(Instant.ofEpochSecond(1_500_000_000, 7)));
        HostTool.run(tree, "", "mkfifo", "fifo");
    }

    private Path make(String options) throws IOException {
        Path image = directory.resolve("made");
        List<String> command = new ArrayList<>(List.of("mkfs.erofs", "-T1400000000"));
        command.addAll(List.of(options.split(" ")));
        command.addAll(List.of(image.toString(), tree.toString()));
        run(command.toArray(String[]::new));
        return image;
    }

    private interface Reading {
        void read(ErofsFileSystem files) throws IOException;
    }

    private static void open(Path image, Reading reading) throws IOException {
        try (Fd file = Fd.own("image", Libc.open(image.toString(), HostConstants.O_RDONLY, 0))) {
            reading.read(ErofsFileSystem.open(ByteSource.of("image", file, Files.size(image), 1)));
        }
    }

    private static byte[] read(ErofsFileSystem files, String path) {
        ByteSource file = files.file(path);
        assertNotNull(file, path);
        return Listing.read(file);
    }

    private static ErofsInode inode(ErofsFileSystem files, String path) {
        ErofsInode inode = files.findLink(path);
        assertNotNull(inode, path);
        return inode;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Enoinline_data",
                "-Eforce-inode-compact",
                "-Eforce-inode-extended",
                "-Enoinline_data,force-inode-extended --ignore-mtime",
                "-Enosbcrc",
                "-Eforce-inode-compact -U 12345678-9abc-def0-1234-56789abcdef0 --force-uid=7 --force-gid=8"
            })
    void readsWhatMkfsMakes(String options) throws IOException {
        open(make(options), files -> {
            assertArrayEquals(ElfBuilder.pattern(300_001, 1), read(files, "/link"));
            assertArrayEquals(ElfBuilder.pattern(300_001, 1), read(files, "/hard"));
            assertArrayEquals(ElfBuilder.pattern(100, 2), read(files, "/usr/bin/small"));
            assertArrayEquals(ElfBuilder.pattern(4096, 3), read(files, "/usr/bin/block"));
            assertArrayEquals(new byte[0], read(files, "/usr/bin/empty"));
            assertEquals(List.of("block", "empty", "large", "small"), files.names("/usr/bin"));
            assertEquals(2, inode(files, "/hard").linkCount());
            assertEquals(inode(files, "/usr/bin/large"), inode(files, "/hard"));
            assertEquals(0712, inode(files, "/usr/bin/small").mode());
            assertEquals(ErofsKind.FIFO, inode(files, "/fifo").kind());
            assertEquals("x".repeat(200) + "/" + "y".repeat(3800), files.target(inode(files, "/long")));
            assertEquals(MANY, files.names("/many").size());
            for (int i = 0; i < MANY; i += 97) {
                assertEquals(
                        Integer.toString(i), new String(read(files, "/many/a-name-of-some-length-" + i), ISO_8859_1));
            }
            if (options.contains("-U")) {
                assertEquals("12345678-9abc-def0-1234-56789abcdef0", files.uuid());
                assertEquals(7, files.root().uid());
                assertEquals(8, files.root().gid());
            }
            assertEquals(1_400_000_000, inode(files, "/usr/bin/small").mtimeSeconds());
        });
    }

    @Test
    void readsTimes() throws IOException {
        Path image = directory.resolve("made");
        run("mkfs.erofs", image.toString(), tree.toString());
        open(image, files -> {
            assertEquals(1_500_000_000, inode(files, "/usr/bin/small").mtimeSeconds());
            assertEquals(7, inode(files, "/usr/bin/small").mtimeNanos());
        });
    }

    private static void setAttribute(Path path, String name, String value) throws IOException {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
        assumeTrue(view != null, "the host's file system has no extended attributes");
        view.write(name, ByteBuffer.wrap(value.getBytes(ISO_8859_1)));
    }

    /** Written once for all that have it, or with each inode. */
    @ParameterizedTest
    @ValueSource(strings = {"-x1", "-x1000"})
    void readsExtendedAttributes(String tolerance) throws IOException {
        for (String name : new String[] {"usr/bin/small", "usr/bin/block", "usr/bin/empty", "many"}) {
            setAttribute(tree.resolve(name), "same", "a value");
            setAttribute(tree.resolve(name), Integer.toString(name.length()), name);
        }
        Path image = directory.resolve("made");
        run("mkfs.erofs", tolerance, image.toString(), tree.toString());
        open(image, files -> {
            for (String name : new String[] {"usr/bin/small", "usr/bin/block", "usr/bin/empty", "many"}) {
                Map<String, String> expected =
                        name.length() == 13 ? Map.of("user.13", name) : Map.of("user." + name.length(), name);
                Map<String, String> xattrs =
                        new TreeMap<>(files.attributes(inode(files, "/" + name)).xattrs());
                assertEquals("a value", xattrs.remove("user.same"), name);
                xattrs.keySet().removeIf(other -> !other.startsWith("user."));
                assertEquals(expected, xattrs);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"-zlz4", "--chunksize=4096"})
    void refusesWhatItCannotRead(String option) throws IOException {
        open(make(option), files -> {
            // Only the large file is worth it, to mkfs.erofs.
            String message = assertThrows(ImageException.class, () -> read(files, "/link"))
                    .getMessage();
            Matcher matcher = Pattern.compile(
                            "image: inode \\d+ of its EROFS file system is compressed, or of another format"
                                    + " that javisor can't read \\(0x[0-9a-f]+\\)")
                    .matcher(message);
            assertTrue(matcher.matches(), message);
            assertTrue(files.isDirectory("/usr/bin"));
        });
    }
}
