package io.javisor.oci.archive;

import io.javisor.oci.BlobSink;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.model.ImageConfig;
import io.javisor.oci.model.Json;
import io.javisor.oci.model.Manifests;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One image of a docker archive. There is no manifest in it: one is made of its configuration and its layers. A plain layer is taken for what the
 * configuration says it is, which the sink checks; a compressed one is hashed first.
 */
final class DockerArchiveSource implements ImageSource {
    private static final String ALGORITHM = "sha256";

    private final String name;
    private final Contents contents;
    private final DockerArchive.Entry entry;
    private final Runnable onClose;
    private final Map<Digest, Content> blobs = new HashMap<>();
    private @Nullable ManifestDocument top;

    /**
     * @param name for messages, as the user named it; one printable line
     */
    DockerArchiveSource(String name, Contents contents, DockerArchive.Entry entry, Runnable onClose) {
        this.name = name;
        this.contents = contents;
        this.entry = entry;
        this.onClose = onClose;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized ManifestDocument top() {
        ManifestDocument made = top;
        if (made == null) {
            made = make();
            top = made;
        }
        return made;
    }

    private ManifestDocument make() {
        Content config = find(entry.config());
        byte[] json = config.bytes(Json.SIZE_MAX);
        List<Digest> diffIds = ImageConfig.parse(name, json).diffIds();
        if (diffIds.size() != entry.layers().size()) {
            throw new OciException(name + ": invalid manifest, layers length mismatch: expected " + diffIds.size()
                    + ", got " + entry.layers().size());
        }
        List<Descriptor> layers = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            layers.add(layer(diffIds.get(i), find(entry.layers().get(i))));
        }
        Digest id = Digest.sha256(json);
        blobs.put(id, config);
        byte[] bytes = Json.text(manifest(new Descriptor(MediaTypes.OCI_CONFIG, id, json.length), layers));
        return Manifests.document(name, MediaTypes.OCI_MANIFEST, bytes);
    }

    private Descriptor layer(Digest diffId, Content content) {
        Compression compression = Compression.of(content.head(Compression.MAGIC_LENGTH));
        Digest digest = diffId;
        if (compression != Compression.NONE) {
            MessageDigest hash = Digest.newHash(ALGORITHM);
            content.hash(hash);
            digest = Digest.of(ALGORITHM, hash.digest());
        }
        blobs.put(digest, content);
        return new Descriptor(compression.layerType(), digest, content.sizeBytes());
    }

    private Content find(String path) {
        return contents.find(path)
                .orElseThrow(() -> new OciException(name + ": " + DockerArchive.MANIFEST_FILE + " names "
                        + Names.quoted(path) + ", which is not there"));
    }

    private static ObjectNode manifest(Descriptor config, List<Descriptor> layers) {
        ObjectNode manifest = Json.newObject();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
        manifest.set("config", Json.descriptor(config));
        ArrayNode list = Json.newList();
        layers.forEach(layer -> list.add(Json.descriptor(layer)));
        manifest.set("layers", list);
        return manifest;
    }

    @Override
    public ManifestDocument manifest(Descriptor descriptor) {
        ManifestDocument made = top();
        if (!made.digest().equals(descriptor.digest())) {
            throw new OciException(name + ": the manifest " + descriptor.digest() + " is not there");
        }
        return made;
    }

    @Override
    public void blob(Descriptor descriptor, BlobSink sink) {
        LayoutSource.give(name, content(descriptor), descriptor, sink);
    }

    private synchronized Content content(Descriptor descriptor) {
        top();
        return Optional.ofNullable(blobs.get(descriptor.digest()))
                .orElseThrow(() -> new OciException(name + ": the blob " + descriptor.digest() + " is not there"));
    }

    @Override
    public void close() {
        onClose.run();
    }
}
