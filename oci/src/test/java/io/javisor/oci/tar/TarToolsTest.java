package io.javisor.oci.tar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.junit.HostTool;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives by GNU tar and bsdtar (Debian: tar, libarchive-tools) of every format are read, and they read what is written here. */
class TarToolsTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_600_000_000, 123_456_700);
    private static final int SPARSE_SIZE = 5 << 20;

    @TempDir
    private Path directory = Path.of("");

    private Path tree = Path.of("");
    private String longName = "";

    @BeforeAll
    static void requireTools() {
        HostTool.require("tar", "tar");
        HostTool.require("bsdtar", "libarchive-tools");
    }

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(directory.resolve("tree"));
        longName = "d".repeat(60) + "/" + "e".repeat(30) + "/f";
        Files.createDirectories(tree.resolve(longName).getParent());
        Files.writeString(tree.resolve(longName), "long");
        Files.write(tree.resolve("file"), ElfBuilder.pattern(100_001, 3));
        Files.createFile(tree.resolve("empty"));
        Files.createLink(tree.resolve("hard"), tree.resolve("file"));
        Files.createSymbolicLink(tree.resolve("soft"), Path.of("../file"));
        HostTool.run(directory, "", "mkfifo", "tree/fifo");
        Files.setPosixFilePermissions(tree.resolve("empty"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(tree.resolve("file"), FileTime.from(TIME));
        try (FileChannel sparse = FileChannel.open(
                tree.resolve("sparse"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            for (int i = 0; i < 40; i++) {
                sparse.write(ByteBuffer.wrap(new byte[] {(byte) ('A' + i)}), i * (128L << 10));
            }
            sparse.write(ByteBuffer.wrap(new byte[] {'z'}), SPARSE_SIZE - 1);
        }
    }

    private record Read(TarEntry entry, String content) {}

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private Map<String, Read> read(Path archive) throws IOException {
        Map<String, Read> all = new HashMap<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(archive))) {
            TarReader reader = new TarReader("archive", in);
            TarEntry entry = reader.next();
            while (entry != null) {
                String path = entry.path().replaceFirst("^\\./", "").replaceFirst("/$", "");
                all.put(path, new Read(entry, latin1(reader.readAll(entry, 8 << 20))));
                entry = reader.next();
            }
        }
        return all;
    }

    private static Read get(Map<String, Read> all, String path) {
        Read read = all.get(path);
        assertNotNull(read, path + " of " + all.keySet());
        return read;
    }

    private void assertTree(Map<String, Read> all, boolean hasFifo, boolean hasNanos) throws IOException {
        Read file = get(all, "file");
        Read hard = get(all, "hard");
        boolean fileFirst = file.entry().type() == TarEntry.Type.FILE;
        Read first = fileFirst ? file : hard;
        TarEntry link = (fileFirst ? hard : file).entry();
        assertEquals(TarEntry.Type.HARD_LINK, link.type());
        assertEquals(first.entry().path(), link.target());
        assertEquals(latin1(ElfBuilder.pattern(100_001, 3)), first.content());
        assertEquals(TIME.getEpochSecond(), first.entry().mtimeSeconds());
        assertEquals(hasNanos ? TIME.getNano() : 0, first.entry().mtimeNanos());
        assertEquals(
                Files.getAttribute(tree.resolve("file"), "unix:uid"),
                first.entry().uid());
        assertEquals(
                Files.getAttribute(tree.resolve("file"), "unix:gid"),
                first.entry().gid());
        assertEquals(0751, get(all, "empty").entry().mode());
        assertEquals("../file", get(all, "soft").entry().target());
        assertEquals("long", get(all, longName).content());
        assertEquals(TarEntry.Type.DIRECTORY, get(all, "d".repeat(60)).entry().type());
        if (hasFifo) {
            assertEquals(TarEntry.Type.FIFO, get(all, "fifo").entry().type());
        }
        assertEquals(
                latin1(Files.readAllBytes(tree.resolve("sparse"))),
                get(all, "sparse").content());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=v7",
                "--format=oldgnu",
                "--format=gnu",
                "--format=gnu --sparse",
                "--format=oldgnu --sparse",
                "--format=ustar",
                "--format=posix",
                "--format=posix --sparse",
                "--format=posix --sparse --sparse-version=0.0",
                "--format=posix --sparse --sparse-version=0.1",
                "--format=posix --pax-option=globexthdr.name=g,comment=x --sparse",
            })
    void readsWhatGnuTarWrites(String options) throws IOException {
        // Version 7 has no FIFOs, and tar says so.
        boolean old = options.contains("v7");
        HostTool.run(
                directory,
                "",
                "sh",
                "-c",
                "tar -C tree " + (old ? "--exclude=fifo " : "") + options + " -cf archive .");
        assertEquals(options.contains("--sparse"), Files.size(directory.resolve("archive")) < SPARSE_SIZE);
        assertTree(read(directory.resolve("archive")), !old, options.contains("posix"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ustar", "pax", "gnutar"})
    void readsWhatBsdtarWrites(String format) throws IOException {
        HostTool.run(directory, "", "bsdtar", "-C", "tree", "--format", format, "-cf", "archive", ".");
        assertTree(read(directory.resolve("archive")), true, format.equals("pax"));
    }

    @Test
    void readsNamesThatAreTooLongForHeaders() throws IOException {
        String name = "n".repeat(250) + "/" + "m".repeat(250);
        Files.createDirectories(tree.resolve(name).getParent());
        Files.writeString(tree.resolve(name), "far");
        Files.createSymbolicLink(tree.resolve("to"), Path.of(name));
        for (String command : new String[] {
            "tar --format=gnu -C tree -cf archive .",
            "tar --format=posix -C tree -cf archive .",
            "bsdtar --format pax -C tree -cf archive .",
        }) {
            HostTool.run(directory, "", "sh", "-c", command);
            Map<String, Read> all = read(directory.resolve("archive"));
            assertEquals("far", get(all, name).content(), command);
            assertEquals(name, get(all, "to").entry().target(), command);
        }
    }

    @Test
    void readsExtendedAttributes() throws IOException {
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(tree.resolve("file"), UserDefinedFileAttributeView.class);
        view.write("binary", ByteBuffer.wrap(new byte[] {0, 1, '\n', '=', (byte) 0xFF}));
        for (String command : new String[] {
            "tar --xattrs --format=posix -C tree -cf archive .", "bsdtar --xattrs --format pax -C tree -cf archive ."
        }) {
            HostTool.run(directory, "", "sh", "-c", command);
            Map<String, Read> all = read(directory.resolve("archive"));
            TarEntry entry = get(all, "file").entry();
            Map<String, String> xattrs = entry.type() == TarEntry.Type.FILE
                    ? entry.xattrs()
                    : get(all, "hard").entry().xattrs();
            assertEquals(Map.of("user.binary", "\0\1\n=\u00FF"), xattrs, command);
        }
    }

    @Test
    void writesWhatBothRead() throws IOException {
        String far = "n".repeat(250) + "/" + "m".repeat(250);
        try (OutputStream out = Files.newOutputStream(directory.resolve("archive"))) {
            TarWriter writer = new TarWriter(out);
            writer.directory("d");
            writer.file("d/f", 5);
            writer.write("hello".getBytes(StandardCharsets.US_ASCII), 0, 5);
            writer.entry(new TarEntry(
                    far, TarEntry.Type.FILE, 0600, 1 << 22, 7, -5, 500_000_000, Map.of("user.a", "b"), 0, "", 0, 0));
            writer.entry(new TarEntry("l", TarEntry.Type.SYMLINK, 0777, 0, 0, 0, 0, Map.of(), 0, far, 0, 0));
            writer.finish();
        }
        for (String tool : new String[] {"tar", "bsdtar"}) {
            String list =
                    HostTool.run(directory, "", "sh", "-c", "TZ=UTC " + tool + " --numeric-owner -tvf archive 2>&1");
            String[] lines = list.replaceAll(" +", " ").split("\n", -1);
            assertEquals(5, lines.length, list);
            assertTrue(lines[0].startsWith("drwxr-xr-x ") && lines[0].endsWith(" d/"), list);
            assertTrue(lines[1].startsWith("-rw-r--r-- ") && lines[1].endsWith(" d/f"), list);
            assertTrue(
                    lines[2].startsWith("-rw------- ") && lines[2].contains("4194304") && lines[2].endsWith(far), list);
            assertTrue(lines[3].endsWith(" l -> " + far), list);
            assertEquals("hello", HostTool.run(directory, "", tool, "-xOf", "archive", "d/f"));
        }
    }
}
