package io.javisor.oci.tar;

import static io.javisor.oci.testing.TarBytes.changed;
import static io.javisor.oci.testing.TarBytes.header;
import static io.javisor.oci.testing.TarBytes.latin1;
import static io.javisor.oci.testing.TarBytes.put;
import static io.javisor.oci.testing.TarBytes.record;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.javisor.oci.testing.TarBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What archives say, kind by kind. */
class TarReaderTest {
    private static TarReader reader(byte[] tar) {
        return new TarReader("x.tar", new ByteArrayInputStream(tar));
    }

    private static TarEntry next(TarReader reader) throws IOException {
        TarEntry entry = reader.next();
        assertNotNull(entry);
        return entry;
    }

    private static TarEntry only(byte[] tar) throws IOException {
        TarReader reader = reader(tar);
        TarEntry entry = next(reader);
        assertNull(reader.next());
        return entry;
    }

    private static String content(TarReader reader, TarEntry entry) throws IOException {
        return new String(reader.readAll(entry, 1 << 20), StandardCharsets.ISO_8859_1);
    }

    @Test
    void readsFilesAndTheirContents() throws IOException {
        TarReader reader = reader(new TarBytes()
                .file("a", "")
                .file("b", "x".repeat(512))
                .file("c", "y".repeat(513))
                .end());
        assertEquals(new TarEntry("a", TarEntry.Type.FILE, 0644, 1, 2, 3, 0, Map.of(), 0, "", 0, 0), next(reader));
        assertEquals(0, reader.pieces().count());
        TarEntry b = next(reader);
        assertEquals(1024, reader.position());
        assertEquals("x".repeat(512), content(reader, b));
        TarEntry c = next(reader);
        byte[] some = new byte[10];
        assertEquals(4, reader.read(some, 1, 4));
        assertArrayEquals(latin1("\0yyyy\0\0\0\0\0"), some);
        assertEquals(513, c.sizeBytes());
        assertNull(reader.next());
        assertNull(reader.next());
    }

    @Test
    void readsEveryType() throws IOException {
        byte[] device = put(put(header('3', "c", 0), 329, "0000010"), 337, "0000012");
        TarReader reader = reader(new TarBytes()
                .directory("d/")
                .symlink("s", "../x")
                .hardLink("h", "d/f")
                .raw(TarBytes.sum(device))
                .raw(changed(device, 156, "4"))
                .raw(header('6', "p", 0))
                .raw(header('7', "contiguous", 0))
                .end());
        assertEquals(
                new TarEntry("d/", TarEntry.Type.DIRECTORY, 0755, 1, 2, 3, 0, Map.of(), 0, "", 0, 0), next(reader));
        assertEquals("../x", next(reader).target());
        TarEntry link = next(reader);
        assertEquals(TarEntry.Type.HARD_LINK, link.type());
        assertEquals("d/f", link.target());
        assertEquals(
                new TarEntry("c", TarEntry.Type.CHARACTER_DEVICE, 0644, 1, 2, 3, 0, Map.of(), 0, "", 8, 10),
                next(reader));
        assertEquals(TarEntry.Type.BLOCK_DEVICE, next(reader).type());
        assertEquals(TarEntry.Type.FIFO, next(reader).type());
        assertEquals(TarEntry.Type.FILE, next(reader).type());
        assertNull(reader.next());
    }

    /** What is stored with a directory is not read as headers, though it looks like them. */
    @ParameterizedTest
    @ValueSource(chars = {'0', '\0', 'D'})
    void passesOverContentsOfDirectories(char type) throws IOException {
        byte[] content = new TarBytes().file("hidden", "").bytes();
        TarReader reader = reader(new TarBytes()
                .entry(header(type, "d/", content.length), content)
                .file("f", "")
                .end());
        TarEntry directory = next(reader);
        assertEquals(TarEntry.Type.DIRECTORY, directory.type());
        assertEquals(0, directory.sizeBytes());
        assertEquals("f", next(reader).path());
        assertNull(reader.next());
    }

    /** Version 7: no magic, so what would be a prefix or a device's number is none; a directory is a name with a slash. */
    @Test
    void readsVersion7() throws IOException {
        byte[] old = changed(header('\0', "d/", 0), 257, "\0\0\0\0\0\0\0\0");
        TarEntry entry = only(new TarBytes()
                .raw(changed(old, 329, "garbage\0garbage\0prefix"))
                .end());
        assertEquals(TarEntry.Type.DIRECTORY, entry.type());
        assertEquals("d/", entry.path());
    }

    @Test
    void readsPrefixesOfUstarAndOfStar() throws IOException {
        byte[] ustar = changed(header('0', "name", 0), 345, "p".repeat(155));
        assertEquals(
                "p".repeat(155) + "/name", only(new TarBytes().raw(ustar).end()).path());
        byte[] star = changed(changed(header('0', "name", 0), 508, "tar\0"), 345, "p".repeat(131) + "00000000000 ");
        assertEquals(
                "p".repeat(131) + "/name", only(new TarBytes().raw(star).end()).path());
        byte[] full = changed(changed(header('0', "n".repeat(100), 0), 345, "p"), 157, "t".repeat(100));
        assertEquals(
                "p/" + "n".repeat(100), only(new TarBytes().raw(full).end()).path());
    }

    /** GNU has times there; Go once wrote a prefix (golang/go#12594). */
    @Test
    void readsNoPrefixInGnuUnlessItCanBeNothingElse() throws IOException {
        byte[] gnu = changed(header('0', "name", 0), 257, "ustar  \0");
        assertEquals(
                "name",
                only(new TarBytes()
                                .raw(changed(gnu, 345, "12345670123\000012345670123\0"))
                                .end())
                        .path());
        assertEquals(
                "usr/x/name",
                only(new TarBytes().raw(changed(gnu, 345, "usr/x")).end()).path());
    }

    @Test
    void readsGnusLongNames() throws IOException {
        String name = "n".repeat(600);
        String target = "t".repeat(512);
        TarReader reader = reader(new TarBytes()
                .gnu('K', target)
                .gnu('L', name)
                .symlink("short", "short")
                .file("next", "")
                .end());
        TarEntry entry = next(reader);
        assertEquals(name, entry.path());
        assertEquals(target, entry.target());
        assertEquals("next", next(reader).path());
    }

    @Test
    void readsBinaryNumbers() throws IOException {
        byte[] big = put(header('0', "f", 0), 108, "\u0080\0\0\0\u00FF\u00FF\u00FF\u00FE");
        put(big, 136, "\u00FF".repeat(11) + "\u00FB");
        TarEntry entry = only(new TarBytes().raw(TarBytes.sum(big)).end());
        assertEquals(-2, entry.uid());
        assertEquals(-5, entry.mtimeSeconds());
    }

    @Test
    void readsNumbersAmongSpacesAndOfNothing() throws IOException {
        byte[] odd = changed(changed(header('0', "f", 0), 100, "  755 \0\0"), 108, "\0\0\0\0\0\0\0\0");
        TarEntry entry = only(new TarBytes().raw(odd).end());
        assertEquals(0755, entry.mode());
        assertEquals(0, entry.uid());
    }

    /** The sum of signed bytes differs once a name is not ASCII. */
    @Test
    void takesChecksumsOfSignedBytes() throws IOException {
        byte[] header = header('0', "\u00E9\u00FF", 0);
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i];
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        assertEquals("\u00E9\u00FF", only(new TarBytes().raw(header).end()).path());
    }

    @Test
    void readsWhatPaxSays() throws IOException {
        String name = "\u00FF\u00FE/" + "n".repeat(300);
        TarReader reader = reader(new TarBytes()
                .pax(
                        'x',
                        record("path", name)
                                + record("uid", "4294967294")
                                + record("gid", "70000")
                                + record("mtime", "1700000000.1234567899")
                                + record("size", "5")
                                + record("SCHILY.xattr.security.capability", "\1\0\n=\u00FF")
                                + record("SCHILY.xattr.user.empty", "")
                                + record("LIBARCHIVE.xattr.user.other", "YQ")
                                + record("comment", "none"))
                .entry(header('0', "short", 0), latin1("hello"))
                .file("next", "")
                .end());
        TarEntry entry = next(reader);
        assertEquals(
                new TarEntry(
                        name,
                        TarEntry.Type.FILE,
                        0644,
                        -2,
                        70000,
                        1_700_000_000,
                        123_456_789,
                        Map.of("security.capability", "\1\0\n=\u00FF", "user.empty", ""),
                        5,
                        "",
                        0,
                        0),
                entry);
        assertEquals("hello", content(reader, entry));
        TarEntry after = next(reader);
        assertEquals("next", after.path());
        assertEquals(1, after.uid());
    }

    @Test
    void readsTimesBefore1970() throws IOException {
        TarEntry entry = only(new TarBytes().pax("mtime", "-1.25").file("f", "").end());
        assertEquals(-2, entry.mtimeSeconds());
        assertEquals(750_000_000, entry.mtimeNanos());
        assertEquals(
                -7, only(new TarBytes().pax("mtime", "-7").file("f", "").end()).mtimeSeconds());
    }

    @Test
    void takesPaxForMoreThanGnusNames() throws IOException {
        TarReader reader = reader(new TarBytes()
                .pax("linkpath", "by pax")
                .gnu('L', "by gnu")
                .gnu('K', "by gnu too")
                .symlink("s", "t")
                .end());
        TarEntry entry = next(reader);
        assertEquals("by gnu", entry.path());
        assertEquals("by pax", entry.target());
    }

    @Test
    void readsGlobalHeaders() throws IOException {
        TarReader reader = reader(new TarBytes()
                .pax('g', record("uid", "7") + record("mtime", "9") + record("comment", "a commit"))
                .file("a", "")
                .pax('x', record("uid", "8") + record("mtime", ""))
                .file("b", "")
                .pax('g', record("uid", ""))
                .file("c", "")
                .end());
        TarEntry a = next(reader);
        assertEquals(7, a.uid());
        assertEquals(9, a.mtimeSeconds());
        TarEntry b = next(reader);
        assertEquals(8, b.uid());
        assertEquals(3, b.mtimeSeconds());
        assertEquals(1, next(reader).uid());
    }

    @Test
    void passesVolumeLabels() throws IOException {
        assertEquals(
                "f",
                only(new TarBytes().raw(header('V', "label", 0)).file("f", "").end())
                        .path());
    }

    /** GNU tar's incremental archives have in a directory's content what was in it. */
    @Test
    void readsDirectoriesWithLists() throws IOException {
        TarReader reader = reader(new TarBytes()
                .entry(header('D', "d/", 4), latin1("Yf\0\0"))
                .file("f", "x")
                .end());
        TarEntry directory = next(reader);
        assertEquals(TarEntry.Type.DIRECTORY, directory.type());
        assertEquals(0, directory.sizeBytes());
        assertEquals("f", next(reader).path());
    }

    /** The size of what has no content is of no meaning (POSIX.1-2017, pax, "size"). */
    @Test
    void takesNoContentForWhatHasNone() throws IOException {
        TarReader reader = reader(new TarBytes()
                .raw(header('5', "d", 700))
                .raw(changed(header('1', "h", 700), 157, "f"))
                .raw(changed(header('2', "s", 700), 157, "f"))
                .file("f", "x")
                .end());
        for (String name : new String[] {"d", "h", "s", "f"}) {
            TarEntry entry = next(reader);
            assertEquals(name, entry.path());
            assertEquals(name.equals("f") ? 1 : 0, entry.sizeBytes());
        }
        assertNull(reader.next());
    }

    @Test
    void readsContentsOfHardLinksInPax() throws IOException {
        byte[] link = changed(header('1', "h", 5), 157, "f");
        TarReader reader = reader(new TarBytes()
                .pax("mtime", "1.5")
                .entry(link, latin1("hello"))
                .pax("size", "600")
                .entry(changed(header('1', "h", 0), 157, "f"), new byte[600])
                .pax("mtime", "1.5")
                .raw(link) // As Go leaves it: a size, and no content.
                .pax("mtime", "1.5")
                .raw(link)
                .end());
        TarEntry first = next(reader);
        assertEquals(5, first.sizeBytes());
        assertEquals("f", first.target());
        assertEquals("hello", content(reader, first));
        assertEquals(600, next(reader).sizeBytes());
        assertEquals(0, next(reader).sizeBytes());
        assertEquals(0, next(reader).sizeBytes());
        assertNull(reader.next());
    }

    @Test
    void endsAtTwoBlocksOfZerosOrOneOrNone() throws IOException {
        assertNull(reader(new byte[0]).next());
        assertNull(reader(new byte[512]).next());
        assertNull(reader(new byte[10240]).next());
        assertEquals("f", only(new TarBytes().file("f", "x").bytes()).path());
        TarReader reader =
                reader(new TarBytes().raw(new byte[1024]).file("behind", "").end());
        assertNull(reader.next());
        assertEquals(1024, reader.position());
    }
}
