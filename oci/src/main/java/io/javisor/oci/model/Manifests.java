package io.javisor.oci.model;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import java.util.Locale;

/** Bytes that should be a manifest or an index: what kind they are, and whether they are those that were named. */
public final class Manifests {
    private Manifests() {}

    /**
     * The document that a name stands for. Its kind is the one that was said with it, else the one that it says itself, else by what is in it: old tools
     * write none.
     *
     * @param name of the image, for messages; one printable line
     * @param said such as a Content-Type, with parameters or without; empty or of another kind if nothing is known
     * @throws OciException in one line, if it is neither a manifest nor an index, or several sayings of its kind differ
     */
    public static ManifestDocument document(String name, String said, byte[] bytes) {
        return document(name, said, Digest.sha256(bytes), bytes);
    }

    /**
     * The document that a descriptor stands for.
     *
     * @param name of the image, for messages; one printable line
     * @throws OciException in one line, if it is another, or as {@link #document(String, String, byte[])}
     */
    public static ManifestDocument document(String name, Descriptor expected, byte[] bytes) {
        if (bytes.length != expected.sizeBytes()) {
            throw new OciException(name + ": the manifest " + expected.digest() + " should have " + expected.sizeBytes()
                    + " bytes and has " + bytes.length);
        }
        Digest digest = Digest.of(
                expected.digest().algorithm(), expected.digest().newHash().digest(bytes));
        if (!digest.equals(expected.digest())) {
            throw new OciException(name + ": the manifest " + expected.digest() + " has another content: " + digest);
        }
        return document(name, expected.mediaType(), digest, bytes);
    }

    private static ManifestDocument document(String name, String said, Digest digest, byte[] bytes) {
        JsonFields fields = Json.object(name + ": invalid manifest", bytes);
        return new ManifestDocument(mediaType(name, said, fields), digest, bytes);
    }

    private static String mediaType(String name, String said, JsonFields fields) {
        int parameters = said.indexOf(';');
        String outer =
                (parameters < 0 ? said : said.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
        String inner = fields.string("mediaType");
        if (!fields.has("manifests") && (fields.has("fsLayers") || fields.number("schemaVersion", 0, 1000) == 1)) {
            throw new OciException(name + ": Docker Image manifest version 2, schema 1 is not supported;"
                    + " push the image again by a newer docker");
        }
        if (MediaTypes.MANIFESTS.contains(outer)) {
            if (!inner.isEmpty() && !inner.equals(outer)) {
                throw fields.problem("mediaType", "is " + JsonFields.quoted(inner) + ", but it came as " + outer);
            }
            return outer;
        }
        if (MediaTypes.MANIFESTS.contains(inner)) {
            return inner;
        }
        if (!inner.isEmpty()) {
            throw fields.problem("mediaType", "is of no image: " + JsonFields.quoted(inner));
        }
        return sniffed(name, fields);
    }

    private static String sniffed(String name, JsonFields fields) {
        if (fields.has("manifests")) {
            return MediaTypes.OCI_INDEX;
        }
        if (fields.has("config") && fields.has("layers")) {
            boolean docker = fields.object("config")
                    .filter(config -> config.string("mediaType").equals(MediaTypes.DOCKER_CONFIG))
                    .isPresent();
            return docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.OCI_MANIFEST;
        }
        throw new OciException(name + ": invalid manifest: it has neither \"manifests\" nor \"config\" and \"layers\"");
    }
}
