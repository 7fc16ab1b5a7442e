package io.javisor.oci.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.oci.OciException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A table's file gives back what was written, or is refused. */
class LayerTableTest {
    private static final int HEADER_SIZE = 40;
    private static final ErofsAttributes PLAIN = new ErofsAttributes(0644, 1, 2, 3, 4, Map.of());

    @TempDir
    private Path directory = Path.of("");

    private static byte[] bytes(LayerTable table) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            table.write(Channels.newChannel(out));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static LayerTable read(byte[] bytes) {
        return TableReader.read("table", bytes);
    }

    private static void assertDamaged(byte[] bytes) {
        OciException refused = assertThrows(OciException.class, () -> read(bytes));
        assertEquals(
                "table: the table of a layer, damaged or of another version; remove the image and pull it again",
                refused.getMessage());
    }

    private static LayerTable sample() {
        Map<String, String> xattrs = Map.of("user.b", "x".repeat(65535), "n".repeat(255), "", "user.a", "\0\u00FF");
        return new LayerTable(
                List.of(
                        new LayerEntry("", LayerEntry.Kind.DIRECTORY, PLAIN, 0, 0, "", 0, 0),
                        new LayerEntry(
                                "a/\u00FF",
                                LayerEntry.Kind.FILE,
                                new ErofsAttributes(07777, -1, -2, Long.MIN_VALUE, 999_999_999, xattrs),
                                8193,
                                7,
                                "",
                                0,
                                0),
                        new LayerEntry("h", LayerEntry.Kind.HARD_LINK, PLAIN, 1, 9, "a/b", 0, 0),
                        new LayerEntry("s", LayerEntry.Kind.SYMLINK, PLAIN, 0, 0, "../x", 0, 0),
                        new LayerEntry("c", LayerEntry.Kind.CHARACTER_DEVICE, PLAIN, 0, 0, "", 4095, 0xF_FFFF),
                        new LayerEntry("b", LayerEntry.Kind.BLOCK_DEVICE, PLAIN, 0, 0, "", 1, 2),
                        new LayerEntry("p", LayerEntry.Kind.FIFO, PLAIN, 0, 0, "", 0, 0),
                        new LayerEntry("w", LayerEntry.Kind.WHITEOUT, PLAIN, 0, 0, "", 0, 0),
                        new LayerEntry("", LayerEntry.Kind.OPAQUE, PLAIN, 0, 0, "", 0, 0)),
                10);
    }

    /** Of a table of half a million entries it takes 40 bytes: what is wrong behind them nobody sees. */
    @Test
    void readsTheLengthOfTheDataWithoutTheEntries() throws IOException {
        byte[] bytes = bytes(sample());
        bytes[bytes.length - 1] ^= 1;
        Path file = Files.write(directory.resolve("table"), bytes);
        assertEquals(10, LayerTable.readDataBlocks(file));
        for (int size : new int[] {0, HEADER_SIZE - 1, HEADER_SIZE, bytes.length - 1}) {
            Files.write(file, Arrays.copyOf(bytes, size));
            assertThrows(OciException.class, () -> LayerTable.readDataBlocks(file), () -> size + " bytes");
        }
        for (int i = 0; i < HEADER_SIZE; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 1;
            Files.write(file, damaged);
            assertThrows(OciException.class, () -> LayerTable.readDataBlocks(file), "byte " + i);
        }
    }

    @Test
    void givesBackWhatWasWritten() throws IOException {
        LayerTable table = sample();
        LayerTable again = LayerTable.read(Files.write(directory.resolve("table"), bytes(table)));
        assertEquals(table.entries(), again.entries());
        assertEquals(10, again.dataBlocks());
        assertArrayEquals(bytes(table), bytes(again));
        assertEquals(List.of(), read(bytes(new LayerTable(List.of(), 0))).entries());
    }

    @Test
    void givesBackManyEntries() {
        List<LayerEntry> entries = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            entries.add(new LayerEntry("d/" + i, LayerEntry.Kind.FIFO, PLAIN, 0, 0, "", 0, 0));
        }
        assertEquals(entries, read(bytes(new LayerTable(entries, 0))).entries());
    }

    @Test
    void refusesAnyBitThatIsWrong() {
        byte[] whole = bytes(new LayerTable(sample().entries().subList(2, 9), 10));
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] wrong = whole.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            assertDamaged(wrong);
        }
    }

    @Test
    void refusesTruncationsAndMore() {
        byte[] whole = bytes(new LayerTable(sample().entries().subList(2, 9), 10));
        for (int length = 0; length < whole.length; length++) {
            assertDamaged(Arrays.copyOf(whole, length));
        }
        assertDamaged(Arrays.copyOf(whole, whole.length + 1));
        String missing =
                String.valueOf(assertThrows(OciException.class, () -> LayerTable.read(directory.resolve("none")))
                        .getMessage());
        assertTrue(missing.startsWith(directory.resolve("none") + ": it can't be read: "), missing);
    }

    /** Gives changed bytes the checksums that are right for them. */
    private static byte[] sum(byte[] table) {
        ByteBuffer bytes = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        CRC32C checksum = new CRC32C();
        checksum.update(table, HEADER_SIZE, table.length - HEADER_SIZE);
        bytes.putInt(32, (int) checksum.getValue());
        checksum.reset();
        checksum.update(table, 0, 36);
        bytes.putInt(36, (int) checksum.getValue());
        return table;
    }

    /** Checksums are no proof: what is said is bounded all the same. */
    @Test
    void refusesWhatCannotBeThoughTheChecksumsFit() {
        LayerEntry file = new LayerEntry("f", LayerEntry.Kind.FILE, PLAIN, 4097, 0, "", 0, 0);
        byte[] whole = bytes(new LayerTable(List.of(file), 2));
        for (int at = 0; at < whole.length; at++) {
            for (int value : new int[] {0x00, 0x7F, 0x80, 0xFF}) {
                byte[] wrong = whole.clone();
                wrong[at] = (byte) value;
                try {
                    LayerTable table = read(sum(wrong));
                    LayerEntry entry = table.entries().getFirst();
                    assertTrue(entry.sizeBytes() >= 0 && entry.firstBlock() + entry.blocks() <= table.dataBlocks());
                } catch (OciException e) {
                    assertTrue(String.valueOf(e.getMessage()).contains("damaged"), e.toString());
                }
            }
        }
    }

    @Test
    void refusesEntriesThatNoLayerHas() {
        for (LayerEntry entry : List.of(
                new LayerEntry("", LayerEntry.Kind.FILE, PLAIN, 0, 0, "", 0, 0),
                new LayerEntry("../a", LayerEntry.Kind.FILE, PLAIN, 0, 0, "", 0, 0),
                new LayerEntry("/a", LayerEntry.Kind.FILE, PLAIN, 0, 0, "", 0, 0),
                new LayerEntry("a/", LayerEntry.Kind.FILE, PLAIN, 0, 0, "", 0, 0),
                new LayerEntry("a//b", LayerEntry.Kind.FILE, PLAIN, 0, 0, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.FILE, PLAIN, 0, 1, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.FILE, PLAIN, 4097, 9, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.FILE, PLAIN, 1, -1, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.FILE, PLAIN, -1, 0, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.FILE, PLAIN, Long.MAX_VALUE, 5, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.DIRECTORY, PLAIN, 1, 0, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.FILE, PLAIN, 0, 0, "x", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.SYMLINK, PLAIN, 0, 0, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.HARD_LINK, PLAIN, 0, 0, "", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.HARD_LINK, PLAIN, 0, 0, "../x", 0, 0),
                new LayerEntry("a", LayerEntry.Kind.BLOCK_DEVICE, PLAIN, 0, 0, "", 4096, 0),
                new LayerEntry("a", LayerEntry.Kind.BLOCK_DEVICE, PLAIN, 0, 0, "", 0, -1))) {
            assertDamaged(bytes(new LayerTable(List.of(entry), 10)));
        }
    }

    /** A heap of 256 MiB holds what a layer may have. */
    @Test
    void refusesMoreThanMemoryHolds() throws LayerSyntaxException {
        LayerTable.Builder many = new LayerTable.Builder();
        LayerEntry small = new LayerEntry("f", LayerEntry.Kind.FIFO, PLAIN, 0, 0, "", 0, 0);
        for (int i = 0; i < 1 << 19; i++) {
            many.add(small);
        }
        LayerTable.Builder large = new LayerTable.Builder();
        ErofsAttributes attributes = new ErofsAttributes(0, 0, 0, 0, 0, Map.of("user.x", "x".repeat(65535)));
        LayerEntry heavy = new LayerEntry("f", LayerEntry.Kind.FIFO, attributes, 0, 0, "", 0, 0);
        for (int i = 0; i < 1023; i++) {
            large.add(heavy);
        }
        for (Executable one : List.<Executable>of(() -> many.add(small), () -> large.add(heavy))) {
            assertEquals(
                    "the layer has more than 524288 files, or more than 64 MiB of their names and extended attributes;"
                            + " javisor can't read it",
                    assertThrows(LayerSyntaxException.class, one).getMessage());
        }
    }

    /** A count that asks for memory without having it in the file. */
    @Test
    void refusesCountsThatAreTooLarge() {
        byte[] table = bytes(sample());
        ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putInt(12, Integer.MAX_VALUE);
        assertDamaged(sum(table));
    }
}
