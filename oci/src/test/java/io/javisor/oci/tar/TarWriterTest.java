package io.javisor.oci.tar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.oci.testing.TarBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read as the same, and in ustar alone where that has room. */
class TarWriterTest {
    private static final int END_SIZE = 1024;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final TarWriter writer = new TarWriter(out);

    private TarReader read() throws IOException {
        writer.finish();
        return new TarReader("x.tar", new ByteArrayInputStream(out.toByteArray()));
    }

    private static TarEntry named(String path) {
        return TarEntry.file(path, 0);
    }

    @Test
    void writesUstarByteForByte() throws IOException {
        writer.directory("blobs");
        writer.file("blobs/a", 3);
        writer.write("xabcx".getBytes(StandardCharsets.US_ASCII), 1, 3);
        writer.finish();
        byte[] directory = TarBytes.header('5', "blobs/", 0);
        byte[] file = TarBytes.header('0', "blobs/a", 3);
        for (byte[] header : new byte[][] {directory, file}) {
            TarBytes.put(header, 108, "0000000\0" + "0000000\0");
            TarBytes.put(header, 136, "00000000000");
        }
        TarBytes.put(directory, 100, "0000755");
        byte[] expected = new TarBytes()
                .raw(TarBytes.sum(directory))
                .entry(TarBytes.sum(file), TarBytes.latin1("abc"))
                .end();
        assertArrayEquals(expected, out.toByteArray());
    }

    private void assertReadAgain(TarEntry entry) throws IOException {
        writer.entry(entry);
        writer.file("behind", 0);
        TarReader reader = read();
        assertEquals(entry, reader.next());
        assertEquals(TarEntry.file("behind", 0), reader.next());
        assertNull(reader.next());
    }

    @ParameterizedTest
    @EnumSource(
            value = TarEntry.Type.class,
            names = {"FILE", "FIFO"})
    void keepsWhatEachEntryHas(TarEntry.Type type) throws IOException {
        assertReadAgain(
                new TarEntry("a", type, 07777, -2, 1 << 22, -2, 5, Map.of("user.a", "\0\u00FF\n"), 0, "", 0, 0));
    }

    @Test
    void keepsLinksAndDevices() throws IOException {
        String target = "t".repeat(101);
        assertReadAgain(new TarEntry("a", TarEntry.Type.SYMLINK, 0777, 1, 2, 3, 0, Map.of(), 0, target, 0, 0));
        TarWriter other = new TarWriter(out);
        out.reset();
        TarEntry device = new TarEntry("c", TarEntry.Type.BLOCK_DEVICE, 0600, 0, 0, 0, 0, Map.of(), 0, "", 259, 70000);
        TarEntry link = new TarEntry("h", TarEntry.Type.HARD_LINK, 0644, 0, 0, 0, 0, Map.of(), 0, "c", 0, 0);
        other.entry(device);
        other.entry(link);
        other.finish();
        TarReader reader = new TarReader("x.tar", new ByteArrayInputStream(out.toByteArray()));
        assertEquals(device, reader.next());
        assertEquals(link, reader.next());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                -1_000_000_000_001L,
                -1,
                0,
                1,
                077_777_777_777L,
                0100_000_000_000L,
                Long.MAX_VALUE,
                Long.MIN_VALUE + 1
            })
    void keepsTimes(long seconds) throws IOException {
        assertReadAgain(new TarEntry("a", TarEntry.Type.FILE, 0, 0, 0, seconds, 0, Map.of(), 0, "", 0, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 99, 100, 101, 200, 255, 256, 257, 1000, 4096})
    void keepsNames(int length) throws IOException {
        assertReadAgain(named("n".repeat(length)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50, 99, 100, 101, 154, 155, 156, 200, 254, 255, 256})
    void keepsNamesWithSlashes(int first) throws IOException {
        assertReadAgain(named("d".repeat(first) + "/" + "e".repeat(99)));
        assertEquals(first <= 155 ? 0 : 1, (out.size() - END_SIZE - 512 - 512) / 1024);
    }

    @Test
    void keepsNamesOfDirectories() throws IOException {
        String path = "d".repeat(100) + "/" + "e".repeat(60);
        writer.directory(path);
        writer.directory("d".repeat(100));
        TarReader reader = read();
        assertEquals(TarEntry.directory(path + "/"), reader.next());
        assertEquals(TarEntry.directory("d".repeat(100) + "/"), reader.next());
    }

    @Test
    void keepsSizesAbove8Gib() throws IOException {
        writer.file("big", 1L << 33);
        TarReader reader = new TarReader("x.tar", new ByteArrayInputStream(out.toByteArray()));
        TarEntry entry = reader.next();
        assertNotNull(entry);
        assertEquals(1L << 33, entry.sizeBytes());
    }

    @Test
    void keepsContentsOfHardLinks() throws IOException {
        TarEntry link = new TarEntry("h", TarEntry.Type.HARD_LINK, 0644, 0, 0, 0, 0, Map.of(), 512, "c", 0, 0);
        writer.entry(link);
        writer.write(TarBytes.header('0', "like a header", 0), 0, 512);
        TarReader reader = read();
        assertEquals(link, reader.next());
        assertNull(reader.next());
    }

    @Test
    void refusesToWriteWhatWouldBeReadAsAnother() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> writer.file("", 0));
        assertThrows(IllegalArgumentException.class, () -> writer.file("a\0b", 0));
        assertThrows(IllegalArgumentException.class, () -> writer.file("a", -1));
        TarEntry device = new TarEntry("c", TarEntry.Type.BLOCK_DEVICE, 0, 0, 0, 0, 0, Map.of(), 0, "", -1, 0);
        assertThrows(IllegalArgumentException.class, () -> writer.entry(device));
        TarEntry fifo = new TarEntry("c", TarEntry.Type.FIFO, 0, 0, 0, 0, 0, Map.of(), 1, "", 0, 0);
        assertThrows(IllegalArgumentException.class, () -> writer.entry(fifo));
        writer.file("a", 2);
        assertThrows(IllegalStateException.class, () -> writer.write(new byte[3], 0, 3));
        writer.write(new byte[1], 0, 1);
        assertThrows(IllegalStateException.class, () -> writer.file("b", 0));
        assertThrows(IllegalStateException.class, writer::finish);
    }
}
