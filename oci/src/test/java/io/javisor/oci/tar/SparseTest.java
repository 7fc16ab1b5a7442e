package io.javisor.oci.tar;

import static io.javisor.oci.testing.TarBytes.header;
import static io.javisor.oci.testing.TarBytes.latin1;
import static io.javisor.oci.testing.TarBytes.put;
import static io.javisor.oci.testing.TarBytes.record;
import static io.javisor.oci.testing.TarBytes.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.OciException;
import io.javisor.oci.testing.TarBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with holes, in each of GNU tar's formats. */
class SparseTest {
    private static final String KEY = "GNU.sparse.";

    /** The name, the size, the pieces and the content, without the holes. */
    private static String read(byte[] tar) throws IOException {
        TarReader reader = new TarReader("x.tar", new ByteArrayInputStream(tar));
        TarEntry entry = reader.next();
        assertNotNull(entry);
        StringBuilder text = new StringBuilder(entry.path() + " " + entry.sizeBytes());
        SparseMap pieces = reader.pieces();
        for (int i = 0; i < pieces.count(); i++) {
            byte[] content = new byte[(int) pieces.sizeBytes(i)];
            assertEquals(content.length, reader.read(content, 0, content.length));
            text.append(" ")
                    .append(pieces.offset(i))
                    .append(":")
                    .append(new String(content, StandardCharsets.US_ASCII));
        }
        assertEquals(-1, reader.read(new byte[1], 0, 1));
        TarEntry after = reader.next();
        assertNotNull(after);
        return text + " " + after.path();
    }

    private static String field(long number) {
        return "%011o\0".formatted(number);
    }

    /** A header of GNU's old format; the pieces are the first of them, in turn offset and size. */
    private static byte[] old(long realSize, long stored, boolean extended, long... pieces) {
        byte[] header = put(header('S', "f", stored), 257, "ustar  \0");
        put(header, 345, "\0".repeat(24));
        for (int i = 0; i < pieces.length; i++) {
            put(header, 386 + 12 * i, field(pieces[i]));
        }
        put(header, 482, extended ? "\1" : "\0");
        put(header, 483, field(realSize));
        return sum(header);
    }

    @Test
    void readsTheOldFormat() throws IOException {
        byte[] tar = new TarBytes()
                .entry(old(5000, 5, false, 1000, 2, 3000, 3, 5000, 0), latin1("abcde"))
                .file("next", "")
                .end();
        assertEquals("f 5000 1000:ab 3000:cde next", read(tar));
    }

    @Test
    void readsTheOldFormatWithMoreBlocks() throws IOException {
        byte[] first = new byte[512];
        List<Long> more = new ArrayList<>();
        for (int i = 4; i < 30; i++) {
            more.add(i * 10L);
            more.add(1L);
        }
        for (int i = 0; i < 42; i++) {
            put(first, 12 * i, field(more.get(i)));
        }
        put(first, 504, "\1");
        byte[] second = new byte[512];
        for (int i = 42; i < more.size(); i++) {
            put(second, 12 * (i - 42), field(more.get(i)));
        }
        byte[] tar = new TarBytes()
                .raw(old(300, 30, true, 0, 1, 10, 1, 20, 1, 30, 1))
                .raw(first)
                .raw(second)
                .raw(latin1("abcdefghijklmnopqrstuvwxyz0123"))
                .raw(new byte[482])
                .file("next", "")
                .end();
        String text = read(tar);
        assertTrue(text.startsWith("f 300 0:a 10:b 20:c 30:d 40:e 50:f "), text);
        assertTrue(text.endsWith(" 240:y 250:z 260:0 270:1 280:2 290:3 next"), text);
    }

    @Test
    void readsFormat00() throws IOException {
        String records = record(KEY + "size", "100")
                + record(KEY + "numblocks", "2")
                + record(KEY + "offset", "10")
                + record(KEY + "numbytes", "2")
                + record(KEY + "offset", "50")
                + record(KEY + "numbytes", "3");
        assertEquals(
                "f 100 10:ab 50:cde next",
                read(new TarBytes()
                        .pax('x', records)
                        .file("f", "abcde")
                        .file("next", "")
                        .end()));
    }

    @ParameterizedTest
    @ValueSource(chars = {'0', '5', '6'})
    void aNameOfSparseFilesIsNoneOfOthers(char type) throws IOException {
        String size = type == '0' ? "" : record(KEY + "size", "0");
        assertEquals(
                "f 0 next",
                read(new TarBytes()
                        .pax('x', record(KEY + "name", "other") + size)
                        .raw(header(type, "f", 0))
                        .file("next", "")
                        .end()));
    }

    @Test
    void readsFormat01() throws IOException {
        String records = record(KEY + "name", "real/name")
                + record(KEY + "size", "100")
                + record(KEY + "numblocks", "2")
                + record(KEY + "map", "10,2,50,3,100,0");
        assertEquals(
                "real/name 100 10:ab 50:cde next",
                read(new TarBytes()
                        .pax('x', records)
                        .file("GNUSparseFile.1/name", "abcde")
                        .file("next", "")
                        .end()));
    }

    private static byte[] format10(String realSize, String map, String content) {
        String records = record(KEY + "major", "1")
                + record(KEY + "minor", "0")
                + record(KEY + "name", "real/name")
                + record(KEY + "realsize", realSize);
        String padded = map + "\0".repeat(-map.length() & 511);
        return new TarBytes()
                .pax('x', records)
                .file("f", padded + content)
                .file("next", "")
                .end();
    }

    @Test
    void readsFormat10() throws IOException {
        assertEquals("real/name 100 10:ab 50:cde next", read(format10("100", "3\n10\n2\n50\n3\n100\n0\n", "abcde")));
        assertEquals("real/name 9000000000000 next", read(format10("9000000000000", "0\n", "")));
        StringBuilder map = new StringBuilder("200\n");
        for (int i = 0; i < 200; i++) {
            map.append(1_000_000 + i * 2).append("\n1\n");
        }
        String text = read(format10("2000000", map.toString(), "x".repeat(200)));
        assertTrue(text.endsWith(" 1000398:x next"), text);
    }

    @Test
    void readsHolesAsZeros() throws IOException {
        TarReader reader = new TarReader("x.tar", new ByteArrayInputStream(format10("9", "2\n1\n2\n5\n1\n", "abc")));
        TarEntry entry = reader.next();
        assertNotNull(entry);
        assertEquals("\0ab\0\0c\0\0\0", new String(reader.readAll(entry, 9), StandardCharsets.US_ASCII));
    }

    private static String refusal(byte[] tar) {
        OciException refused = assertThrows(OciException.class, () -> read(tar));
        return String.valueOf(refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "'10,2,11,3', overlap",
        "'50,3,10,2', not in order",
        "'10,2,98,3', behind its end",
        "'10,2,50,4', have 6 bytes",
        "'10,2', have 2 bytes",
        "'10,2,50', without a size",
        "'10,2,,3', no decimal number",
        "'-10,2,50,3', no decimal number",
        "'9223372036854775807,5', overlap",
        "'99999999999999999999,5', no decimal number",
    })
    void refusesMapsThatAreWrong(String map, String said) {
        String records = record(KEY + "size", "100") + record(KEY + "map", map);
        String message =
                refusal(new TarBytes().pax('x', records).file("f", "abcde").end());
        assertTrue(message.startsWith("x.tar: its tar is damaged at byte 1024: ") && message.contains(said), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "x\n",
                "-1\n",
                "3\n10\n2\n50\n3\n",
                "99999999999999999999\n",
                "1\n0\n9223372036854775807\n"
            })
    void refusesMapsInContentsThatAreWrong(String map) {
        refusal(format10("100", map, ""));
    }

    @Test
    void refusesMapsWithoutASize() {
        String records = record(KEY + "major", "1") + record(KEY + "minor", "0");
        assertTrue(
                refusal(new TarBytes().pax('x', records).file("f", "0\n").end()).contains("without a size"));
        String pair = record(KEY + "size", "10") + record(KEY + "numbytes", "1");
        assertTrue(refusal(new TarBytes().pax('x', pair).file("f", "x").end()).contains("without an offset"));
    }

    @Test
    void refusesOldMapsThatAreWrong() {
        assertTrue(refusal(new TarBytes()
                        .entry(old(10, 5, false, 0, 3, 2, 2), latin1("abcde"))
                        .end())
                .contains("overlap"));
        assertTrue(refusal(new TarBytes().raw(old(10, 5, true, 0, 3)).bytes()).contains("truncated"));
        assertTrue(refusal(new TarBytes()
                        .entry(old(4, 5, false, 0, 5), latin1("abcde"))
                        .end())
                .contains("behind its end"));
    }

    /** A bomb: pieces without end take no more memory than some. */
    @Test
    void refusesMoreThanAMillionPieces() {
        StringBuilder map = new StringBuilder("2000000\n");
        for (int i = 0; i < 1_100_000; i++) {
            map.append(i * 2).append("\n1\n");
        }
        assertTrue(refusal(format10("9000000", map.toString(), "")).contains("more than 1048576 pieces"));
    }
}
