package io.javisor.oci.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.oci.BlobSink;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.Platform;
import io.javisor.oci.model.ImageConfig;
import io.javisor.oci.model.Index;
import io.javisor.oci.model.Manifest;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Reads images as a pull does, and checks what is checked there. */
final class SourceReader {
    private SourceReader() {}

    /** Reads all of the image for linux/amd64, and checks it; gives its manifest. */
    static ManifestDocument read(ImageSource source) {
        ManifestDocument document = source.top();
        assertEquals(document.digest(), source.topDigest().orElse(document.digest()));
        while (MediaTypes.isIndex(document.mediaType())) {
            document = source.manifest(Index.parse(document).select(Platform.LINUX_AMD64, source.name()));
        }
        Manifest manifest = Manifest.parse(document);
        ImageConfig config = ImageConfig.parse(source.name(), blob(source, manifest.config()));
        config.requireLayersOf(source.name(), manifest);
        for (Descriptor layer : manifest.layers()) {
            byte[] whole = blob(source, layer);
            Sink resumed = new Sink(Arrays.copyOf(whole, whole.length / 2));
            source.blob(layer, resumed);
            assertArrayEquals(whole, resumed.bytes.toByteArray(), "from the middle on");
            Sink beyond = new Sink(new byte[whole.length + 1]);
            source.blob(layer, beyond);
            assertArrayEquals(whole, beyond.bytes.toByteArray(), "started over");
        }
        return document;
    }

    static byte[] blob(ImageSource source, Descriptor descriptor) {
        Sink sink = new Sink(new byte[0]);
        source.blob(descriptor, sink);
        byte[] bytes = sink.bytes.toByteArray();
        assertEquals(descriptor.sizeBytes(), bytes.length);
        assertEquals(
                descriptor.digest(),
                Digest.of(
                        descriptor.digest().algorithm(),
                        descriptor.digest().newHash().digest(bytes)));
        return bytes;
    }

    /** Keeps all in memory. */
    static final class Sink implements BlobSink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Sink(byte[] first) {
            bytes.writeBytes(first);
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        @Override
        public long offset() {
            return bytes.size();
        }

        @Override
        public void write(byte[] piece, int from, int length) {
            bytes.write(piece, from, length);
        }

        @Override
        public void restart() {
            bytes.reset();
        }
    }
}
