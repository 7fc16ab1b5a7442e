package io.javisor.oci.tar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.oci.OciException;
import io.javisor.oci.testing.TarBytes;
import io.javisor.testkit.HeapMeter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a tar archive; headers get their checksums, or none would be looked at. There are entries and then an end, or one line that says what is wrong; pieces are in order and in the
 * file; what was read is written and read again as the same.
 */
class TarFuzzTest {
    private static final long HEAP_MAX = 64 << 20;
    private static final int CONTENT_MAX = 1 << 20;

    static Stream<byte[]> seeds() {
        byte[] old = TarBytes.put(TarBytes.header('S', "sparse", 3), 257, "ustar  \0\0");
        TarBytes.put(old, 386, "00000000001\000000000003\0");
        TarBytes.put(old, 483, "00000000100\0");
        return Stream.of(
                new TarBytes()
                        .file("a", "x")
                        .directory("d/")
                        .symlink("s", "t")
                        .hardLink("h", "a")
                        .end(),
                new TarBytes()
                        .pax('g', TarBytes.record("uid", "5"))
                        .pax(
                                'x',
                                TarBytes.record("path", "long")
                                        + TarBytes.record("mtime", "-1.5")
                                        + TarBytes.record("SCHILY.xattr.user.a", "b"))
                        .file("short", "content")
                        .end(),
                new TarBytes()
                        .gnu('K', "target")
                        .gnu('L', "name")
                        .symlink("s", "t")
                        .end(),
                new TarBytes().entry(old, TarBytes.latin1("abc")).end(),
                new TarBytes()
                        .pax(
                                'x',
                                TarBytes.record("GNU.sparse.map", "1,2,5,1") + TarBytes.record("GNU.sparse.size", "9"))
                        .file("f", "abc")
                        .end(),
                new TarBytes()
                        .pax(
                                'x',
                                TarBytes.record("GNU.sparse.major", "1") + TarBytes.record("GNU.sparse.realsize", "9"))
                        .file("f", "1\n2\n3\n" + "\0".repeat(506) + "abc")
                        .end(),
                new TarBytes()
                        .pax("size", "2")
                        .entry(TarBytes.changed(TarBytes.header('1', "h", 2), 157, "a"), TarBytes.latin1("xy"))
                        .raw(TarBytes.header('3', "c", 0))
                        .end());
    }

    /** Puts the right sum into every block that has a header's magic, or claims a sum. */
    static byte[] summed(byte[] input) {
        byte[] tar = input.clone();
        for (int at = 0; at + TarBytes.BLOCK <= tar.length; at += TarBytes.BLOCK) {
            byte[] block = Arrays.copyOfRange(tar, at, at + TarBytes.BLOCK);
            if (block[257] == 'u' || (block[154] == 0 && block[155] == ' ')) {
                System.arraycopy(TarBytes.sum(block), 0, tar, at, TarBytes.BLOCK);
            }
        }
        return tar;
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) throws IOException {
        byte[] tar = summed(input);
        HeapMeter heap = HeapMeter.start();
        TarReader reader = new TarReader("tar", new ByteArrayInputStream(tar));
        try {
            TarEntry entry = reader.next();
            while (entry != null) {
                check(entry, reader);
                entry = reader.next();
            }
        } catch (OciException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("tar: ") && message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        }
        assertTrue(reader.position() <= tar.length);
        heap.requireAtMost(HEAP_MAX + 64L * tar.length);
    }

    private static void check(TarEntry entry, TarReader reader) throws IOException {
        assertTrue(!entry.path().isEmpty() && entry.path().length() <= TarReader.NAME_MAX);
        assertTrue(entry.path().indexOf('\0') < 0 && entry.target().indexOf('\0') < 0);
        assertTrue(entry.sizeBytes() >= 0 && entry.major() >= 0 && entry.minor() >= 0);
        SparseMap pieces = reader.pieces();
        long end = 0;
        for (int i = 0; i < pieces.count(); i++) {
            assertTrue(pieces.offset(i) >= end && pieces.sizeBytes(i) > 0);
            end = pieces.offset(i) + pieces.sizeBytes(i);
        }
        assertTrue(end >= 0 && end <= entry.sizeBytes());
        if (entry.sizeBytes() <= CONTENT_MAX) {
            byte[] content = reader.readAll(entry, CONTENT_MAX);
            if ((entry.major() | entry.minor()) >>> 21 == 0) {
                checkWritten(entry, content);
            }
        }
    }

    private static void checkWritten(TarEntry entry, byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(out);
        writer.entry(entry);
        writer.write(content, 0, content.length);
        writer.finish();
        TarReader reader = new TarReader("written", new ByteArrayInputStream(out.toByteArray()));
        TarEntry again = reader.next();
        if (again != null
                && entry.type() == TarEntry.Type.DIRECTORY
                && !entry.path().endsWith("/")) {
            assertEquals(entry.path() + "/", again.path());
        } else {
            assertEquals(entry, again);
        }
        if (again != null) {
            assertEquals(-1, Arrays.mismatch(content, reader.readAll(again, CONTENT_MAX)));
        }
    }
}
