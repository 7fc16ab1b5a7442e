package io.javisor.oci.transfer;

import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.OciException;
import io.javisor.oci.TransferListener;
import io.javisor.oci.TransferListener.Stage;
import io.javisor.oci.TransferListener.TransferEvent;
import io.javisor.oci.model.Manifest;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Sends an image of the store, byte for byte as it came. */
public final class Push {
    private Push() {}

    /**
     * Sends what the target does not have: the layers, the configuration, then the manifest. Tells of layers.
     *
     * @throws OciException in one line
     */
    public static void run(StoredImage image, ImageStore store, ImageTarget target, TransferListener listener) {
        store.hold(image);
        Manifest manifest = Manifest.parse(image.manifest());
        List<Descriptor> layers = manifest.layers().stream().distinct().toList();
        // What is missing is said before anything is sent.
        layers.forEach(store::blob);
        BlobContent config = store.blob(manifest.config());
        layers.forEach(layer -> listener.told(new TransferEvent(layer, Stage.WAITING, 0)));
        layers.forEach(layer -> send(store.blob(layer), target, listener));
        if (!target.has(manifest.config())) {
            target.put(config, _ -> {});
        }
        target.put(image.manifest());
    }

    private static void send(BlobContent layer, ImageTarget target, TransferListener listener) {
        Descriptor blob = layer.descriptor();
        if (target.has(blob)) {
            listener.told(new TransferEvent(blob, Stage.EXISTS, blob.sizeBytes()));
            return;
        }
        AtomicLong sent = new AtomicLong();
        target.put(layer, bytes -> listener.told(new TransferEvent(blob, Stage.COPYING, sent.addAndGet(bytes))));
        // One that takes no byte has it from elsewhere.
        boolean mounted = sent.get() == 0 && blob.sizeBytes() > 0;
        listener.told(new TransferEvent(blob, mounted ? Stage.MOUNTED : Stage.DONE, blob.sizeBytes()));
    }
}
