package io.javisor.oci.layer;

import static io.javisor.oci.layer.TableLayout.*;

import io.javisor.images.erofs.ErofsAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Writes a table's file; the same table gives the same bytes. */
final class TableWriter {
    private static final int SIZE = 64 << 10;

    private final LayerTable table;
    private ByteBuffer buffer = allocate(SIZE);

    TableWriter(LayerTable table) {
        this.table = table;
    }

    private static ByteBuffer allocate(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Takes bytes that are ready. */
    @FunctionalInterface
    private interface Output {
        void take(ByteBuffer bytes) throws IOException;
    }

    void write(WritableByteChannel file) throws IOException {
        CRC32C checksum = new CRC32C();
        long size = entries(checksum::update);
        ByteBuffer header = allocate(HEADER_SIZE)
                .putLong(MAGIC)
                .putInt(VERSION)
                .putInt(table.entries().size())
                .putLong(table.dataBlocks())
                .putLong(size)
                .putInt((int) checksum.getValue());
        checksum.reset();
        checksum.update(header.duplicate().flip());
        header.putInt((int) checksum.getValue()).flip();
        writeAll(file, header);
        long _ = entries(bytes -> writeAll(file, bytes));
    }

    private static void writeAll(WritableByteChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int _ = file.write(bytes);
        }
    }

    /** Encodes all entries; gives how many bytes they are. */
    private long entries(Output output) throws IOException {
        long size = 0;
        buffer.clear();
        for (LayerEntry entry : table.entries()) {
            int length = sizeBytes(entry);
            if (length > buffer.remaining()) {
                output.take(buffer.flip());
                buffer = length > buffer.capacity() ? allocate(length) : buffer.clear();
            }
            put(entry);
            size += length;
        }
        output.take(buffer.flip());
        return size;
    }

    private void put(LayerEntry entry) {
        ErofsAttributes attributes = entry.attributes();
        buffer.put((byte) entry.kind().code())
                .putShort((short) attributes.mode())
                .putInt(attributes.uid())
                .putInt(attributes.gid())
                .putLong(attributes.mtimeSeconds())
                .putInt(attributes.mtimeNanos())
                .putLong(entry.sizeBytes())
                .putLong(entry.firstBlock())
                .putInt(entry.major())
                .putInt(entry.minor());
        putText(entry.path());
        putText(entry.target());
        buffer.putShort((short) attributes.xattrs().size());
        new TreeMap<>(attributes.xattrs()).forEach((name, value) -> {
            buffer.put((byte) name.length()).put(latin1(name));
            putText(value);
        });
    }

    private void putText(String text) {
        buffer.putShort((short) text.length()).put(latin1(text));
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
