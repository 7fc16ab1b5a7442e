package io.javisor.oci.transfer;

import io.javisor.oci.Descriptor;
import io.javisor.oci.ImageSource;
import io.javisor.oci.OciException;
import io.javisor.oci.TransferListener;
import io.javisor.oci.TransferListener.Stage;
import io.javisor.oci.TransferListener.TransferEvent;
import io.javisor.oci.store.BlobDownload;
import io.javisor.oci.store.ImageParts.Layer;
import io.javisor.oci.store.ImageWriter;
import io.javisor.oci.store.StoreLock;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One layer on its way: its blob comes, and its files are written while it does. For one thread, which makes another for the files. */
final class LayerPull {
    private final ImageSource source;
    private final String imageName;
    private final Layer layer;
    private final ImageWriter writer;
    private final TransferListener listener;
    private final Failure failure;

    LayerPull(
            ImageSource source,
            String imageName,
            Layer layer,
            ImageWriter writer,
            TransferListener listener,
            Failure failure) {
        this.source = source;
        this.imageName = imageName;
        this.layer = layer;
        this.writer = writer;
        this.listener = listener;
        this.failure = failure;
    }

    /**
     * Gets what is missing of the layer.
     *
     * @return whether anything was
     * @throws OciException in one line
     */
    boolean run() {
        failure.check();
        if (isThere()) {
            told(Stage.EXISTS, blob().sizeBytes());
            return false;
        }
        try (StoreLock _ = writer.lockLayer(layer.diffId(), this::waits);
                StoreLock _ = writer.lockBlob(blob().digest(), this::waits)) {
            if (isThere()) {
                // Somebody else got it meanwhile.
                told(Stage.EXISTS, blob().sizeBytes());
                return false;
            }
            if (!writer.has(blob())) {
                fetch(!writer.hasLayer(layer.diffId()));
            } else {
                unpackStored();
            }
            told(Stage.DONE, blob().sizeBytes());
            return true;
        }
    }

    private Descriptor blob() {
        return layer.blob();
    }

    private boolean isThere() {
        return writer.has(blob()) && writer.hasLayer(layer.diffId());
    }

    private void waits() {
        told(Stage.WAITING, 0);
    }

    private void told(Stage stage, long doneBytes) {
        listener.told(new TransferEvent(blob(), stage, doneBytes));
    }

    private String name() {
        return imageName + ": layer " + blob().digest().shortHex();
    }

    /** A blob that is there may have been damaged since it was checked: then it is fetched again. */
    private void unpackStored() {
        try {
            writer.keep(layer.diffId(), unpack());
        } catch (OciException e) {
            failure.check();
            if (!writer.removeIfDamaged(blob())) {
                throw e;
            }
            fetch(true);
        }
    }

    private Path unpack() {
        told(Stage.UNPACKING, 0);
        try (InputStream bytes = new Stoppable(writer.open(blob()))) {
            return writer.unpack(name(), layer.diffId(), bytes, done -> told(Stage.UNPACKING, done));
        } catch (IOException e) {
            throw new OciException(name() + ": can't be read: " + e.getMessage(), e);
        }
    }

    private void fetch(boolean unpacked) {
        try (BlobDownload download = writer.download(blob(), done -> told(Stage.COPYING, done))) {
            failure.ends(download);
            Unpacking unpacking = unpacked ? new Unpacking(download) : null;
            try {
                download.resume();
                do {
                    source.blob(blob(), download);
                } while (!download.finish());
            } catch (RuntimeException | Error e) {
                download.fail(e instanceof OciException problem ? problem : new OciException("stopped", e));
                if (unpacking != null) {
                    unpacking.discard();
                }
                throw e;
            } finally {
                failure.forget(download);
            }
            if (unpacking != null) {
                writer.keep(layer.diffId(), unpacking.result());
            }
        }
    }

    /** The files of a layer, written by a thread of their own while the blob comes. */
    private final class Unpacking {
        private final BlobDownload download;
        private final Thread thread;
        private volatile boolean copied;
        private volatile @Nullable Path files;
        private volatile @Nullable Throwable problem;

        Unpacking(BlobDownload download) {
            this.download = download;
            InputStream bytes = download.follow();
            this.thread = TransferThreads.start("pull/unpack-" + blob().digest().shortHex(), () -> run(bytes));
        }

        private void run(InputStream bytes) {
            try (bytes) {
                files = writer.unpack(name(), layer.diffId(), bytes, this::read);
            } catch (Throwable e) {
                problem = e;
                if (isOfThisHost(e)) {
                    download.fail(e instanceof OciException problemHere ? problemHere : new OciException("stopped", e));
                }
            }
        }

        private void read(long done) {
            if (copied) {
                told(Stage.UNPACKING, done);
            }
        }

        /** What is wrong with the bytes is told when their digest was looked at, for that may be the reason. A full disk does not wait. */
        private static boolean isOfThisHost(Throwable problem) {
            return !(problem instanceof OciException) || problem.getCause() instanceof IOException;
        }

        void discard() {
            join();
        }

        private void join() {
            if (TransferThreads.join(thread, () -> download.fail(new OciException(name() + ": interrupted")))) {
                Thread.currentThread().interrupt();
            }
        }

        Path result() {
            copied = true;
            told(Stage.UNPACKING, 0);
            join();
            Path done = files;
            if (done != null) {
                return done;
            }
            failure.check();
            if (download.wasPieced()) {
                // It read what an earlier try had got, before that was found to be wrong.
                return unpack();
            }
            switch (problem) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> throw new IllegalStateException(name() + ": neither files nor a reason", problem);
            }
        }
    }

    /** Ends a long pass over a file when something else fails. */
    private final class Stoppable extends FilterInputStream {
        Stoppable(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            failure.check();
            return super.read();
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            failure.check();
            return super.read(bytes, from, length);
        }
    }
}
