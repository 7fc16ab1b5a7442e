package io.javisor.oci.archive;

import io.javisor.oci.BlobSink;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import io.javisor.oci.model.Manifests;
import java.util.Optional;

/** One image of an OCI layout. */
final class LayoutSource implements ImageSource {
    private final String name;
    private final Contents contents;
    private final Descriptor top;
    private final Runnable onClose;

    /**
     * @param name for messages, as the user named it; one printable line
     * @param top read when it is asked for: a layout may have many
     */
    LayoutSource(String name, Contents contents, Descriptor top, Runnable onClose) {
        this.name = name;
        this.contents = contents;
        this.top = top;
        this.onClose = onClose;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public ManifestDocument top() {
        return manifest(top);
    }

    @Override
    public Optional<Digest> topDigest() {
        return Optional.of(top.digest());
    }

    @Override
    public ManifestDocument manifest(Descriptor descriptor) {
        try (Content content = contents.blob(descriptor.digest())) {
            return Manifests.document(name, descriptor, content.bytes(ManifestDocument.SIZE_MAX));
        }
    }

    @Override
    public void blob(Descriptor descriptor, BlobSink sink) {
        try (Content content = contents.blob(descriptor.digest())) {
            give(name, content, descriptor, sink);
        }
    }

    /** Gives a content that has to be as long as a descriptor says; what is in it, the sink checks. */
    static void give(String name, Content content, Descriptor descriptor, BlobSink sink) {
        if (content.sizeBytes() != descriptor.sizeBytes()) {
            throw new OciException(name + ": the blob " + descriptor.digest() + " should have " + descriptor.sizeBytes()
                    + " bytes and has " + content.sizeBytes());
        }
        content.copyTo(sink);
    }

    @Override
    public void close() {
        onClose.run();
    }
}
