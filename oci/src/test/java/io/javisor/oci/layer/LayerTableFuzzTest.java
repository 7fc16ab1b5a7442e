package io.javisor.oci.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.oci.OciException;
import io.javisor.testkit.HeapMeter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a table's file, with the checksums that are right for them: a table whose contents lie in its data, or one line. What was read is written as it was, but for the order of attributes. */
class LayerTableFuzzTest {
    private static final int HEADER_SIZE = 40;
    private static final long HEAP_MAX = 16 << 20;

    static Stream<byte[]> seeds() throws IOException {
        ErofsAttributes attributes = new ErofsAttributes(0644, 1, 2, 3, 4, Map.of("user.a", "b", "user.c", ""));
        LayerTable table = new LayerTable(
                List.of(
                        new LayerEntry("", LayerEntry.Kind.DIRECTORY, attributes, 0, 0, "", 0, 0),
                        new LayerEntry("a/b", LayerEntry.Kind.FILE, attributes, 5000, 1, "", 0, 0),
                        new LayerEntry("h", LayerEntry.Kind.HARD_LINK, attributes, 0, 0, "a/b", 0, 0),
                        new LayerEntry("s", LayerEntry.Kind.SYMLINK, attributes, 0, 0, "../x", 0, 0),
                        new LayerEntry("c", LayerEntry.Kind.CHARACTER_DEVICE, attributes, 0, 0, "", 1, 2),
                        new LayerEntry("w", LayerEntry.Kind.WHITEOUT, attributes, 0, 0, "", 0, 0)),
                3);
        return Stream.of(bytes(table), bytes(new LayerTable(List.of(), 0)));
    }

    private static byte[] bytes(LayerTable table) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        table.write(Channels.newChannel(out));
        return out.toByteArray();
    }

    private static byte[] summed(byte[] input) {
        byte[] table = input.clone();
        if (table.length >= HEADER_SIZE) {
            ByteBuffer bytes = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
            CRC32C checksum = new CRC32C();
            checksum.update(table, HEADER_SIZE, table.length - HEADER_SIZE);
            bytes.putLong(24, table.length - HEADER_SIZE).putInt(32, (int) checksum.getValue());
            checksum.reset();
            checksum.update(table, 0, 36);
            bytes.putInt(36, (int) checksum.getValue());
        }
        return table;
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) throws IOException {
        byte[] file = summed(input);
        HeapMeter heap = HeapMeter.start();
        try {
            LayerTable table = TableReader.read("table", file);
            for (LayerEntry entry : table.entries()) {
                assertTrue(entry.sizeBytes() >= 0 && entry.firstBlock() >= 0);
                assertTrue(entry.firstBlock() + entry.blocks() <= table.dataBlocks());
            }
            byte[] again = bytes(table);
            assertArrayEquals(again, bytes(TableReader.read("table", again)));
            assertTrue(again.length <= file.length);
        } catch (OciException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        }
        heap.requireAtMost(HEAP_MAX + 100L * file.length);
    }
}
