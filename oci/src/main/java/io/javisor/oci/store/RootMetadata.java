package io.javisor.oci.store;

import io.javisor.images.ImageException;
import io.javisor.images.erofs.ErofsWriter;
import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.layer.LayerTable;
import io.javisor.oci.tree.ImageTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/** The metadata of root file systems: a file for each sequence of layers, whatever images have it. */
final class RootMetadata {
    static final int BLOCK_BYTES = 4096;

    /** What changes when the same layers give other bytes. */
    private static final int WRITER_VERSION = 1;

    private RootMetadata() {}

    /** What the metadata over these layers is called in the store. */
    static String key(List<Digest> diffIds) {
        return StorePlaces.METADATA + "/" + identity(diffIds).hex() + ".erofs";
    }

    private static Digest identity(List<Digest> diffIds) {
        StringBuilder text = new StringBuilder("javisor erofs " + WRITER_VERSION + "\n");
        diffIds.forEach(diffId -> text.append(diffId).append('\n'));
        return Digest.sha256(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The same for the same layers, and another for others: overlayfs ties what is above to it (RFC 9562, version 8). */
    private static UUID uuid(List<Digest> diffIds) {
        ByteBuffer bytes =
                ByteBuffer.wrap(HexFormat.of().parseHex(identity(diffIds).hex()));
        return new UUID((bytes.getLong() & ~0xF000L) | 0x8000L, (bytes.getLong() >>> 2) | (1L << 63));
    }

    /**
     * Makes it, unless it is there.
     *
     * @param knownBytes how long it is if it is whole, or -1 where that is not known
     * @return how long it is
     * @throws OciException in one line, if a layer is damaged, or the layers do not fit together, or not in memory
     */
    static long make(
            StorePlaces places, StoreSession session, String imageName, List<Digest> diffIds, long knownBytes) {
        String key = key(diffIds);
        Path file = places.at(key);
        try (StoreLock _ = session.lock(key)) {
            long there = StorePlaces.size(file);
            if (there > 0 && (knownBytes < 0 || there == knownBytes)) {
                return there;
            }
            return write(places, session, imageName, diffIds, file);
        } catch (ImageException e) {
            throw new OciException(imageName + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw Failures.of("write", file, e);
        } catch (OutOfMemoryError e) {
            throw Failures.ofMemory(imageName, e);
        }
    }

    private static long write(
            StorePlaces places, StoreSession session, String imageName, List<Digest> diffIds, Path file)
            throws IOException {
        ImageTree tree = new ImageTree(imageName);
        // One at a time: all of them would be more than memory holds.
        long[] sourceBlocks = diffIds.stream()
                .mapToLong(diffId -> add(tree, LayerFiles.table(places, diffId)))
                .toArray();
        Path fresh = session.fresh();
        boolean whole = false;
        try {
            long blocks;
            try (FileChannel channel = StorePlaces.create(fresh)) {
                blocks = ErofsWriter.write(tree.root(), sourceBlocks, uuid(diffIds), channel);
                channel.force(true);
            }
            if (StorePlaces.size(fresh) != blocks * BLOCK_BYTES) {
                throw new IllegalStateException(fresh + " is not of " + blocks + " blocks");
            }
            StorePlaces.move(fresh, file);
            whole = true;
            return blocks * BLOCK_BYTES;
        } finally {
            if (!whole) {
                StorePlaces.removeQuietly(fresh);
            }
        }
    }

    /** Puts a layer upon those in the tree; gives how many blocks its data has. */
    private static long add(ImageTree tree, LayerTable table) {
        tree.add(table);
        return table.dataBlocks();
    }
}
