package io.javisor.oci.layer;

import io.javisor.core.text.Printable;
import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.tar.SparseMap;
import io.javisor.oci.tar.TarEntry;
import io.javisor.oci.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.util.function.LongConsumer;

/**
 * One pass over a layer: decompresses it, hashes what comes out of it, and writes the contents of its files as a disk has them. Nothing of the layer is held in memory but its table.
 *
 * <p>Refused, in one line, is a layer whose compression or tar is damaged, that has a path with {@code ..} in it, another root than a directory, or what Linux has no place for. Left out are
 * names that belong to AUFS ({@code .wh..wh.}, but for the mark of opaque directories), what is below a whiteout's name, character devices 0:0, and extended attributes {@code trusted.overlay.}. What is behind the
 * tar's end counts for the hash and for nothing else.
 */
public final class LayerPass {
    /** Bytes: files start at multiples of this in the data, which is as long as a multiple of it. */
    public static final int BLOCK_SIZE = 4096;

    /** EROFS has 32 bits for the number of a block: 16 TiB. */
    private static final long BLOCKS_MAX = 0xFFFF_FFFFL;

    private static final int COPY_SIZE = 64 << 10;

    private final String name;
    private final DataWriter data;
    private final TarReader tar;
    private final LayerTable.Builder table = new LayerTable.Builder();
    private final byte[] copied = new byte[COPY_SIZE];

    private LayerPass(String name, DataWriter data, TarReader tar) {
        this.name = name;
        this.data = data;
        this.tar = tar;
    }

    /**
     * What came out of it.
     *
     * @param diffId hash of the uncompressed tar, to its very end
     * @param uncompressedBytes how long that is
     */
    public record Result(Digest diffId, LayerTable table, long uncompressedBytes) {}

    /**
     * Runs it, to the end of the blob.
     *
     * @param name of the layer, for messages
     * @param blob a tar, compressed by gzip or zstd or not at all, whatever its media type says; stays open
     * @param data an empty file for the contents, which must be readable by no one before the layer is known to be the right one; it is not forced to the disk
     * @param progress told how many bytes of the blob were taken so far, now and then
     * @throws OciException in one line, if it is no layer, or the data can't be written
     */
    public static Result run(String name, InputStream blob, FileChannel data, LongConsumer progress) {
        DataWriter writer = new DataWriter(name, data);
        try (InputStream tar = Decompression.open(name, new BlobInput(blob, progress))) {
            LayerStream stream = new LayerStream(tar);
            LayerPass pass = new LayerPass(name, writer, new TarReader(name, stream));
            pass.readEntries();
            stream.drain();
            writer.finish();
            return new Result(stream.digest(), pass.table.build(writer.position() / BLOCK_SIZE), stream.total());
        } catch (IOException e) {
            throw new OciException(name + ": it can't be read: " + e.getMessage(), e);
        }
    }

    private void readEntries() throws IOException {
        TarEntry entry = tar.next();
        while (entry != null) {
            try {
                add(entry);
            } catch (LayerSyntaxException e) {
                throw new OciException(
                        "%s: \"%s\": %s".formatted(name, Printable.asciiLine(entry.path()), e.getMessage()));
            }
            entry = tar.next();
        }
    }

    private void add(TarEntry tarEntry) throws IOException, LayerSyntaxException {
        LayerEntry entry = EntryReader.read(tarEntry, data.position() / BLOCK_SIZE);
        if (entry == null) {
            return;
        }
        table.add(entry);
        if (entry.sizeBytes() > 0) {
            if (entry.blocks() > BLOCKS_MAX - entry.firstBlock()) {
                throw new LayerSyntaxException(
                        "it has %d bytes; all files of an image have 16 TiB at most".formatted(entry.sizeBytes()));
            }
            writeContent(entry);
        }
    }

    private void writeContent(LayerEntry entry) throws IOException {
        long start = data.position();
        SparseMap pieces = tar.pieces();
        for (int i = 0; i < pieces.count(); i++) {
            data.seek(start + pieces.offset(i));
            long left = pieces.sizeBytes(i);
            while (left > 0) {
                int count = tar.read(copied, 0, (int) Math.min(left, COPY_SIZE));
                data.write(copied, 0, count);
                left -= count;
            }
        }
        data.seek(start + entry.blocks() * BLOCK_SIZE);
    }
}
