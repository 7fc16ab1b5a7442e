package io.javisor.oci.tar;

import static io.javisor.oci.testing.TarBytes.changed;
import static io.javisor.oci.testing.TarBytes.header;
import static io.javisor.oci.testing.TarBytes.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.OciException;
import io.javisor.oci.testing.TarBytes;
import io.javisor.testkit.HeapMeter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that are damaged, or made to do damage: each is refused in one line, and takes no more memory than others. */
class TarHostileTest {
    private static int readAll(byte[] tar) throws IOException {
        TarReader reader = new TarReader("x.tar", new ByteArrayInputStream(tar));
        int count = 0;
        while (reader.next() != null) {
            count++;
        }
        return count;
    }

    private static String refusal(byte[] tar) {
        HeapMeter heap = HeapMeter.start();
        OciException refused = assertThrows(OciException.class, () -> readAll(tar));
        heap.requireAtMost((4 << 20) + 8L * tar.length);
        String message = String.valueOf(refused.getMessage());
        assertTrue(
                message.startsWith("x.tar: its tar is ") && message.chars().allMatch(c -> c >= ' ' && c < 0x7F),
                message);
        return message;
    }

    private static void assertRefused(String said, byte[] tar) {
        String message = refusal(tar);
        assertTrue(message.contains(said), message);
    }

    private static TarBytes tar() {
        return new TarBytes();
    }

    /** Between entries an end is none that can be seen, nor is it in what fills the last block of a content; anywhere else it is. */
    @Test
    void refusesTruncationsAtEveryPlace() throws IOException {
        byte[] whole = tar().file("a", "x".repeat(600))
                .pax("path", "p".repeat(600))
                .file("b", "y")
                .gnu('L', "long")
                .file("c", "")
                .bytes();
        for (int length = 0; length <= whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            int entries = entriesWithin(length, whole.length);
            if (entries >= 0) {
                assertEquals(entries, readAll(part));
            } else {
                refusal(part);
            }
        }
        assertRefused("truncated: it ends at byte 700", Arrays.copyOf(whole, 700));
        assertRefused("damaged at byte 3072: it ends behind a header", Arrays.copyOf(whole, 3072));
    }

    /** How many entries are whole, where that is all that there is; else -1. */
    private static int entriesWithin(int length, int whole) {
        if (length == 0) {
            return 0;
        }
        if (length >= 512 + 600 && length <= 512 + 1024) {
            return 1;
        }
        int second = 512 + 1024 + 512 + 1024;
        if (length >= second + 512 + 1 && length <= second + 1024) {
            return 2;
        }
        return length == whole ? 3 : -1;
    }

    @Test
    void refusesAnyBitThatIsWrongInAHeader() {
        byte[] header = header('0', "name", 0);
        for (int bit = 0; bit < 512 * 8; bit++) {
            byte[] wrong = header.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            if (bit / 8 >= 148 && bit / 8 < 156) {
                continue; // The sum itself, of which 0 and a space are the same.
            }
            assertRefused("damaged at byte 0", tar().raw(wrong).end());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "124, '\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF', size is negative",
        "124, '\u0080\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001', more than 63 bits",
        "124, '\u00BF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF', more than 63 bits",
        "124, '0000000000x', size is no octal number",
        "124, '00000 00000', size is no octal number",
        "124, '-0000000001', size is no octal number",
        "100, '0000008', mode is no octal number",
        "108, '\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF', 'uid of -1;'",
        "116, '\u0080\u0000\u0000\u0001\u0000\u0000\u0000\u0000', 'gid of 4294967296;'",
        "136, 'yesterday', mtime is no octal number",
        "329, '\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF', device's number of -1",
        "337, '\u0080\u0000\u0000\u0000\u00FF\u00FF\u00FF\u00FF', device's number of 4294967295",
    })
    void refusesNumbersThatCannotBe(int offset, String text, String said) {
        assertRefused(
                said, tar().raw(changed(header('3', "n", 0), offset, text)).end());
    }

    @ParameterizedTest
    @CsvSource({
        "size, -1, no decimal number",
        "size, 9223372036854775808, no decimal number",
        "size, 1e3, no decimal number",
        "uid, -1, no decimal number",
        "uid, 4294967296, 0 to 4294967294 are possible",
        "gid, 4294967295, 0 to 4294967294 are possible",
        "gid, ' 7', no decimal number",
        "mtime, '1.x', no decimal number",
        "mtime, '.5', no decimal number",
        "mtime, '--5', no decimal number",
        "mtime, '-', no decimal number",
    })
    void refusesNumbersOfPaxThatCannotBe(String key, String value, String said) {
        assertRefused(said, tar().pax(key, value).file("f", "").end());
    }

    /** It is never asked for in memory: the archive just ends. */
    @Test
    void refusesHugeSizes() {
        assertRefused(
                "truncated",
                tar().raw(changed(header('0', "f", 0), 124, "77777777777")).end());
        assertRefused(
                "truncated",
                tar().pax("size", "9223372036854775807").file("f", "").end());
        assertRefused(
                "truncated",
                tar().pax("size", "9223372036854775807").file("f", "").bytes());
    }

    @ParameterizedTest
    @ValueSource(chars = {'x', 'g', 'L', 'K', 'X'})
    void refusesHugeExtendedHeaders(char type) {
        assertRefused(
                "an extended header of 1048577 bytes; 1048576 are the most",
                tar().raw(header(type, "x", (1 << 20) + 1)).end());
        assertRefused("truncated", tar().raw(header(type, "x", 1 << 20)).end());
    }

    @ParameterizedTest
    @CsvSource({
        "'14 path=hello;', does not end where it says",
        "' path=hello\n', no length",
        "'path=hello\n', no length",
        "'1', no length",
        "'99999999 path=hello\n', no length",
        "'15 path=hello\n', does not end where it says",
        "'13 path=hello\n', does not end where it says",
        "'1 \n', does not end where it says",
        "'3 \n', no keyword",
        "'0 \n', does not end where it says",
        "'13 pathhello\n', no keyword",
        "'10 =hello\n', no keyword",
        "'14 path=hello\n5', no length",
    })
    void refusesRecordsThatAreWrong(String records, String said) {
        assertRefused(said, tar().pax('x', records).file("f", "").end());
    }

    @Test
    void refusesNulInNames() {
        assertRefused("NUL in a name", tar().pax("path", "a\0b").file("f", "").end());
        assertRefused(
                "NUL in a name", tar().pax("linkpath", "a\0b").symlink("f", "t").end());
        assertRefused(
                "NUL in a name",
                tar().pax("SCHILY.xattr.user.a\0b", "x").file("f", "").end());
    }

    @Test
    void refusesNamesThatAreEmptyOrTooLong() throws IOException {
        assertRefused("name is empty", tar().raw(header('0', "", 0)).end());
        assertRefused("link's target is empty", tar().raw(header('2', "s", 0)).end());
        assertRefused(
                "name has 5000 bytes; 4096 are the most",
                tar().pax("path", "n".repeat(5000)).file("f", "").end());
        assertRefused(
                "name has 5000 bytes",
                tar().gnu('L', "n".repeat(5000)).file("f", "").end());
        assertRefused(
                "target has 5000 bytes",
                tar().gnu('K', "n".repeat(5000)).symlink("f", "t").end());
        assertEquals(1, readAll(tar().gnu('L', "n".repeat(4096)).file("f", "").end()));
    }

    @ParameterizedTest
    @ValueSource(chars = {'M', 'N', 'A', 'Z', '8', '9', 'a', '\u00FF', '\n'})
    void refusesTypesThatItDoesNotKnow(char type) {
        assertRefused("none that there is", tar().raw(header(type, "f", 0)).end());
    }

    @ParameterizedTest
    @ValueSource(strings = {"path", "linkpath", "size", "GNU.sparse.map"})
    void refusesOneNameForAll(String key) {
        assertRefused(
                "gives all files one name or size",
                tar().pax('g', record(key, "1")).file("f", "").end());
    }

    @Test
    void refusesZerosInTheMiddle() {
        assertRefused(
                "damaged at byte 512: zeros",
                tar().file("a", "").raw(new byte[512]).file("b", "").end());
    }

    /** What is behind a long name is not the name's. */
    @Test
    void refusesExtensionsOfNothing() {
        assertRefused("it ends behind a header", tar().gnu('L', "name").end());
        assertRefused("it ends behind a header", tar().pax("path", "name").end());
    }

    @Test
    void limitsWhatIsReadAtOnce() throws IOException {
        TarReader reader = new TarReader(
                "x.tar", new ByteArrayInputStream(tar().file("a\nb", "xyz").end()));
        TarEntry entry = reader.next();
        assertNotNull(entry);
        OciException refused = assertThrows(OciException.class, () -> reader.readAll(entry, 2));
        assertEquals("x.tar: a?b has 3 bytes; 2 are the most", refused.getMessage());
        assertEquals(3, reader.readAll(entry, 3).length);
    }

    /** A stream that gives a byte at a time is as good. */
    @Test
    void readsFromSlowStreams() throws IOException {
        byte[] tar =
                tar().pax("path", "p".repeat(600)).file("b", "y").file("c", "z").end();
        InputStream slow = new ByteArrayInputStream(tar) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(1, length));
            }
        };
        TarReader reader = new TarReader("x.tar", slow);
        assertNotNull(reader.next());
        TarEntry c = reader.next();
        assertNotNull(c);
        assertEquals("c", c.path());
        assertEquals("z", new String(reader.readAll(c, 1), StandardCharsets.US_ASCII));
    }

    @Test
    void doesNotMixAFailureOfTheStreamWithDamage() throws IOException {
        InputStream broken = InputStream.nullInputStream();
        broken.close();
        assertEquals(
                "Stream closed",
                assertThrows(IOException.class, () -> new TarReader("x.tar", broken).next())
                        .getMessage());
    }
}
