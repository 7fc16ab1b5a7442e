package io.javisor.oci.layer;

import static io.javisor.oci.layer.TableLayout.*;

import io.javisor.core.text.Printable;
import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** Reads a table's file. Its checksums are to find damage; what it says is checked all the same. */
final class TableReader {
    private final ByteBuffer bytes;

    private TableReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    static LayerTable read(Path file) {
        String name = Printable.line(file.toString());
        try (FileChannel channel = FileChannel.open(file)) {
            return read(name, start(channel, sizeBytes(name, channel)));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static long readDataBlocks(Path file) {
        String name = Printable.line(file.toString());
        try (FileChannel channel = FileChannel.open(file)) {
            int size = sizeBytes(name, channel);
            byte[] content = start(channel, Math.min(size, HEADER_SIZE));
            return header(content, size).getLong(DATA_BLOCKS_OFFSET);
        } catch (DamagedTableException _) {
            throw damaged(name);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static int sizeBytes(String name, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size > HEADER_SIZE + LayerTable.BYTES_MAX) {
            throw damaged(name);
        }
        return (int) size;
    }

    private static byte[] start(FileChannel channel, int size) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(size);
        while (content.hasRemaining() && channel.read(content) >= 0) {
            // The next piece.
        }
        return content.array();
    }

    private static OciException unreadable(Path file, IOException problem) {
        return new OciException(Printable.line(file + ": it can't be read: " + problem.getMessage()), problem);
    }

    /** Reads the bytes of a file. */
    static LayerTable read(String name, byte[] content) {
        try {
            return parse(content);
        } catch (DamagedTableException | BufferUnderflowException | IllegalArgumentException _) {
            throw damaged(name);
        }
    }

    private static OciException damaged(String name) {
        return new OciException(
                name + ": the table of a layer, damaged or of another version; remove the image and pull it again");
    }

    /** Nothing is said of how: nobody could mend it. */
    private static final class DamagedTableException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private static void require(boolean whole) throws DamagedTableException {
        if (!whole) {
            throw new DamagedTableException();
        }
    }

    /**
     * The bytes that a file starts with, behind a sound header.
     *
     * @param sizeBytes of the file
     */
    private static ByteBuffer header(byte[] content, long sizeBytes) throws DamagedTableException {
        require(content.length >= HEADER_SIZE);
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        require(bytes.getLong(MAGIC_OFFSET) == MAGIC && bytes.getInt(VERSION_OFFSET) == VERSION);
        require(bytes.getInt(HEADER_CHECKSUM_OFFSET) == checksum(content, 0, HEADER_CHECKSUM_OFFSET));
        require(bytes.getLong(PAYLOAD_SIZE_OFFSET) == sizeBytes - HEADER_SIZE);
        require(bytes.getLong(DATA_BLOCKS_OFFSET) >= 0);
        return bytes;
    }

    private static LayerTable parse(byte[] content) throws DamagedTableException {
        ByteBuffer bytes = header(content, content.length);
        require(bytes.getInt(PAYLOAD_CHECKSUM_OFFSET) == checksum(content, HEADER_SIZE, content.length));
        int count = bytes.getInt(COUNT_OFFSET);
        long dataBlocks = bytes.getLong(DATA_BLOCKS_OFFSET);
        require(count >= 0 && count <= (content.length - HEADER_SIZE) / FIXED_SIZE);
        List<LayerEntry> entries = new ArrayList<>(count);
        TableReader reader = new TableReader(bytes.position(HEADER_SIZE));
        for (int i = 0; i < count; i++) {
            entries.add(reader.entry(dataBlocks));
        }
        require(!bytes.hasRemaining());
        return new LayerTable(entries, dataBlocks);
    }

    private static int checksum(byte[] content, int from, int end) {
        CRC32C checksum = new CRC32C();
        checksum.update(content, from, end - from);
        return (int) checksum.getValue();
    }

    private LayerEntry entry(long dataBlocks) throws DamagedTableException {
        LayerEntry.Kind kind = LayerEntry.Kind.ofCode(bytes.get());
        if (kind == null) {
            throw new DamagedTableException();
        }
        int mode = bytes.getShort();
        int uid = bytes.getInt();
        int gid = bytes.getInt();
        long seconds = bytes.getLong();
        int nanos = bytes.getInt();
        long size = bytes.getLong();
        long firstBlock = bytes.getLong();
        int major = bytes.getInt();
        int minor = bytes.getInt();
        String path = text(bytes.getShort() & 0xFFFF);
        String target = text(bytes.getShort() & 0xFFFF);
        ErofsAttributes attributes = new ErofsAttributes(mode, uid, gid, seconds, nanos, xattrs());
        LayerEntry entry = new LayerEntry(path, kind, attributes, size, firstBlock, target, major, minor);
        require(isSound(entry) && contentFits(entry, dataBlocks));
        return entry;
    }

    private static boolean isSound(LayerEntry entry) {
        boolean rooted = entry.kind() == LayerEntry.Kind.DIRECTORY || entry.kind() == LayerEntry.Kind.OPAQUE;
        boolean named =
                LayerPaths.isNormal(entry.path()) && (rooted || !entry.path().isEmpty());
        boolean leads =
                switch (entry.kind()) {
                    case SYMLINK -> !entry.target().isEmpty();
                    case HARD_LINK ->
                        LayerPaths.isNormal(entry.target()) && !entry.target().isEmpty();
                    default -> entry.target().isEmpty();
                };
        return named
                && leads
                && (entry.major() & ~LayerEntry.MAJOR_MAX) == 0
                && (entry.minor() & ~LayerEntry.MINOR_MAX) == 0;
    }

    private static boolean contentFits(LayerEntry entry, long dataBlocks) {
        if (entry.sizeBytes() == 0) {
            return entry.firstBlock() == 0;
        }
        return (entry.kind() == LayerEntry.Kind.FILE || entry.kind() == LayerEntry.Kind.HARD_LINK)
                && entry.sizeBytes() > 0
                && entry.firstBlock() >= 0
                && entry.blocks() <= dataBlocks
                && entry.firstBlock() <= dataBlocks - entry.blocks();
    }

    private Map<String, String> xattrs() {
        int count = bytes.getShort() & 0xFFFF;
        if (count == 0) {
            return Map.of();
        }
        Map<String, String> xattrs = new HashMap<>();
        for (int i = 0; i < count; i++) {
            String name = text(bytes.get() & 0xFF);
            xattrs.put(name, text(bytes.getShort() & 0xFFFF));
        }
        return xattrs;
    }

    private String text(int length) {
        if (length == 0) {
            return "";
        }
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] text = new byte[length];
        bytes.get(text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
