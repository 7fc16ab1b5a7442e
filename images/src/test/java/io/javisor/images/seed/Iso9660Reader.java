package io.javisor.images.seed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Reads an ISO 9660 image by ECMA-119, and checks what a lenient reader would not: both byte orders, reserved fields, lengths. */
final class Iso9660Reader {
    private final ByteBuffer image;
    private final ByteBuffer primary;

    Iso9660Reader(byte[] bytes) {
        image = ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asReadOnlyBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
        primary = sector(16);
        assertEquals(1, primary.get(0));
        assertEquals("CD001", text(primary, 1, 5));
        assertEquals(1, primary.get(6));
        assertEquals(255, sector(17).get(0) & 0xff);
        assertEquals("CD001", text(sector(17), 1, 5));
        assertEquals(bytes.length, both32(primary, 80) * 2048L);
        assertEquals(1, both16(primary, 120));
        assertEquals(1, both16(primary, 124));
        assertEquals(2048, both16(primary, 128));
        for (int i = 883; i < 2048; i++) {
            assertEquals(0, primary.get(i), "reserved byte " + i);
        }
        assertEquals(1, primary.get(881));
    }

    /** One record of a directory. */
    record Entry(String identifier, int sector, int size, int flags, Map<String, ByteBuffer> systemUse) {
        /** The data of the system use entry with this signature. */
        ByteBuffer systemUse(String signature) {
            return Objects.requireNonNull(systemUse.get(signature), signature);
        }

        /** The Rock Ridge name. */
        String name() {
            ByteBuffer data = systemUse("NM");
            assertEquals(0, data.get(0));
            return text(data, 1, data.limit() - 1);
        }

        int mode() {
            return both32(systemUse("PX"), 0);
        }
    }

    String label() {
        return text(primary, 40, 32).stripTrailing();
    }

    /** The root directory's records, with those of itself and its parent. */
    List<Entry> entries() {
        int rootSector = both32(primary, 156 + 2);
        int rootSize = both32(primary, 156 + 10);
        assertEquals(34, primary.get(156));
        checkPathTable(primary.getInt(140), ByteOrder.LITTLE_ENDIAN, rootSector);
        checkPathTable(Integer.reverseBytes(primary.getInt(148)), ByteOrder.BIG_ENDIAN, rootSector);
        ByteBuffer directory = slice(image, rootSector * 2048, rootSize);
        List<Entry> entries = new ArrayList<>();
        int at = 0;
        while (at < rootSize && directory.get(at) != 0) {
            int length = directory.get(at) & 0xff;
            assertEquals(0, length % 2);
            entries.add(entry(slice(directory, at, length)));
            at += length;
        }
        return entries;
    }

    byte[] contents(Entry entry) {
        byte[] bytes = new byte[entry.size()];
        image.get(entry.sector() * 2048, bytes);
        return bytes;
    }

    private void checkPathTable(int sector, ByteOrder order, int rootSector) {
        assertEquals(10, both32(primary, 132));
        ByteBuffer table = slice(image, sector * 2048, 10).order(order);
        assertEquals(1, table.get(0));
        assertEquals(rootSector, table.getInt(2));
        assertEquals(1, table.getShort(6));
    }

    private static Entry entry(ByteBuffer record) {
        int nameLength = record.get(32);
        int at = 33 + nameLength + (nameLength % 2 == 0 ? 1 : 0);
        Map<String, ByteBuffer> systemUse = new TreeMap<>();
        while (record.limit() - at >= 4) {
            int length = record.get(at + 2) & 0xff;
            assertTrue(length >= 4 && at + length <= record.limit(), "system use entry of " + length);
            assertEquals(1, record.get(at + 3));
            systemUse.put(text(record, at, 2), slice(record, at + 4, length - 4));
            at += length;
        }
        assertEquals(1, both16(record, 28));
        return new Entry(
                text(record, 33, nameLength), both32(record, 2), both32(record, 10), record.get(25), systemUse);
    }

    private ByteBuffer sector(int number) {
        return slice(image, number * 2048, 2048);
    }

    private static ByteBuffer slice(ByteBuffer buffer, int offset, int length) {
        return buffer.slice(offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int both32(ByteBuffer buffer, int offset) {
        int value = buffer.getInt(offset);
        assertEquals(value, Integer.reverseBytes(buffer.getInt(offset + 4)));
        return value;
    }

    private static int both16(ByteBuffer buffer, int offset) {
        short value = buffer.getShort(offset);
        assertEquals(value, Short.reverseBytes(buffer.getShort(offset + 2)));
        return value;
    }

    private static String text(ByteBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.get(offset, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
