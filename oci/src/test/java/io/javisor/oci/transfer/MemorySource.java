package io.javisor.oci.transfer;

import io.javisor.oci.BlobSink;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A source of images made by a test, which notes what is asked for and may be told to give something else. */
final class MemorySource implements ImageSource {
    private static final int CHUNK = 8 << 10;

    /** Gives a blob in its own way; may call {@link #give}. */
    @FunctionalInterface
    interface Giver {
        void give(Descriptor blob, BlobSink sink);
    }

    private final ManifestDocument top;
    private final Map<Digest, ManifestDocument> documents = new ConcurrentHashMap<>();
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Giver giver = this::give;
    private volatile boolean knowsDigest = true;

    MemorySource(TestImage image) {
        this(image.manifest(), image);
    }

    MemorySource(ManifestDocument top, TestImage... images) {
        this.top = top;
        for (TestImage image : images) {
            documents.put(image.manifest().digest(), image.manifest());
            blobs.putAll(image.blobs());
        }
    }

    MemorySource with(ManifestDocument document) {
        documents.put(document.digest(), document);
        return this;
    }

    MemorySource giving(Giver other) {
        giver = other;
        return this;
    }

    /** One that can't tell a digest alone, as a file. */
    MemorySource asFile() {
        knowsDigest = false;
        return this;
    }

    /** What was asked for, in order: "top" or digests. */
    List<String> asked() {
        return asked;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public ManifestDocument top() {
        asked.add("top");
        return top;
    }

    @Override
    public Optional<Digest> topDigest() {
        return knowsDigest ? Optional.of(top.digest()) : Optional.empty();
    }

    @Override
    public ManifestDocument manifest(Descriptor descriptor) {
        asked.add(descriptor.digest().toString());
        ManifestDocument document = documents.get(descriptor.digest());
        if (document == null) {
            throw new OciException("manifest unknown: " + descriptor.digest());
        }
        return document;
    }

    @Override
    public void blob(Descriptor descriptor, BlobSink sink) {
        asked.add(descriptor.digest().toString());
        giver.give(descriptor, sink);
    }

    /** Gives a blob from where the sink is. */
    void give(Descriptor descriptor, BlobSink sink) {
        give(bytes(descriptor), sink, Long.MAX_VALUE);
    }

    byte[] bytes(Descriptor descriptor) {
        byte[] bytes = blobs.get(descriptor.digest());
        if (bytes == null) {
            throw new OciException("blob unknown to registry: " + descriptor.digest());
        }
        return bytes;
    }

    /** Gives at most up to an offset. */
    static void give(byte[] bytes, BlobSink sink, long end) {
        for (long at = sink.offset(); at < Math.min(end, bytes.length); at = sink.offset()) {
            int length = (int) Math.min(CHUNK, Math.min(end, bytes.length) - at);
            sink.write(bytes, (int) at, length);
        }
    }

    @Override
    public void close() {}
}
