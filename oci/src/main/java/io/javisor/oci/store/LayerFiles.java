package io.javisor.oci.store;

import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.layer.LayerPass;
import io.javisor.oci.layer.LayerTable;
import io.javisor.oci.store.ImageEntry.StoredLayer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** The files of layers that machines read: data, and a table of what is in it. */
final class LayerFiles {
    private LayerFiles() {}

    /** How long the data of a layer is, or -1 if the layer is not there whole. */
    static long dataBytes(StorePlaces places, Digest diffId) {
        if (StorePlaces.size(places.table(diffId)) < 0) {
            return -1;
        }
        try {
            long bytes = LayerTable.readDataBlocks(places.table(diffId)) * RootMetadata.BLOCK_BYTES;
            return StorePlaces.size(places.data(diffId)) == bytes ? bytes : -1;
        } catch (OciException _) {
            return -1;
        }
    }

    /** @throws OciException in one line, if it is not there, or damaged */
    static LayerTable table(StorePlaces places, Digest diffId) {
        return LayerTable.read(places.table(diffId));
    }

    /**
     * Writes a layer's files, which are not in their place yet.
     *
     * @param name for messages
     * @param blob its bytes as they came
     * @param progress told how many of them were read
     * @throws OciException in one line, if it is no layer, or another than {@code diffId}, or does not fit in memory
     */
    static Path unpack(StoreSession session, String name, Digest diffId, InputStream blob, LongConsumer progress) {
        Path fresh = session.fresh();
        boolean whole = false;
        try {
            StorePlaces.createDirectory(fresh);
            LayerPass.Result result;
            try (FileChannel data = StorePlaces.openOrCreate(fresh.resolve(StorePlaces.DATA))) {
                result = pass(name, fresh, blob, data, progress);
                if (!result.diffId().equals(diffId)) {
                    throw new OciException(name + ": its configuration says that its tar has " + diffId
                            + ", and it has " + result.diffId() + "; the image is damaged where it comes from");
                }
                data.force(true);
            }
            try (FileChannel table = StorePlaces.openOrCreate(fresh.resolve(StorePlaces.TABLE))) {
                result.table().write(table);
                table.force(true);
            }
            StorePlaces.sync(fresh);
            whole = true;
            return fresh;
        } catch (IOException e) {
            throw Failures.of("write", fresh, e);
        } catch (OutOfMemoryError e) {
            throw Failures.ofMemory(name, e);
        } finally {
            if (!whole) {
                StorePlaces.removeQuietly(fresh);
            }
        }
    }

    private static LayerPass.Result pass(
            String name, Path fresh, InputStream blob, FileChannel data, LongConsumer progress) {
        try {
            return LayerPass.run(name, blob, data, progress);
        } catch (OciException e) {
            throw Failures.ofPass(fresh, e);
        }
    }

    /** Puts what {@link #unpack} wrote into its place. Whoever calls it has the layer's lock. */
    static void keep(StorePlaces places, StoreSession session, Digest diffId, Path unpacked) {
        Path layer = places.layer(diffId);
        try {
            session.discard(layer);
            Files.createDirectories(places.at(StorePlaces.LAYERS).resolve(diffId.algorithm()));
            StorePlaces.move(unpacked, layer);
        } catch (IOException e) {
            throw Failures.of("write", layer, e);
        }
    }

    /**
     * Makes a layer's files again from its blob. Whoever calls it has the layer's lock.
     *
     * @throws OciException in one line, if the blob is not there or damaged; then it is removed, so that a pull gets it
     */
    static void remake(StorePlaces places, StoreSession session, String imageName, StoredLayer layer) {
        StoredBlob blob = new StoredBlob(places, layer.blob());
        try (InputStream in = blob.open(0)) {
            keep(places, session, layer.diffId(), unpack(session, imageName, layer.diffId(), in, _ -> {}));
        } catch (OciException e) {
            Path file = places.blob(layer.blob().digest());
            try (StoreLock _ = session.lock(StorePlaces.blobKey(layer.blob().digest()))) {
                if (StorePlaces.size(file) < 0 || StoredBlob.isSound(places, layer.blob())) {
                    throw e;
                }
                StorePlaces.removeQuietly(file);
            }
            throw StoredBlob.damaged(layer.blob().digest(), "has another content");
        } catch (IOException e) {
            throw Failures.of("read", places.blob(layer.blob().digest()), e);
        }
    }
}
