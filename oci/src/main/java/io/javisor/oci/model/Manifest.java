package io.javisor.oci.model;

import io.javisor.oci.Descriptor;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One image (OCI image-spec 1.1, manifest.md; docker's manifest-v2-2.md).
 *
 * @param config at most {@link Json#SIZE_MAX} bytes
 * @param layers the lowest first, at most {@value #LAYERS_MAX}, each of at most {@value #LAYER_SIZE_MAX} bytes: sums of them don't overflow
 */
public record Manifest(Descriptor config, List<Descriptor> layers) {
    /** How many layers an image may have. */
    public static final int LAYERS_MAX = 1000;

    /** How long a layer may be: 16 TiB, what EROFS can address. */
    public static final long LAYER_SIZE_MAX = 1L << 44;

    /** What registries and tools say of a configuration; the last ones are those of old registries (moby, pull_v2.go). */
    private static final Set<String> CONFIG_TYPES = Set.of(
            MediaTypes.OCI_CONFIG,
            MediaTypes.DOCKER_CONFIG,
            "",
            "application/octet-stream",
            "application/json",
            "text/html",
            "text/html; charset=utf-8");

    public Manifest {
        layers = List.copyOf(layers);
    }

    /**
     * Reads it.
     *
     * @throws OciException in one line that names the document by its digest, if it is an index, not a container image's, or out of bounds
     */
    public static Manifest parse(ManifestDocument document) {
        String what = document.digest() + ": invalid manifest";
        JsonFields fields = Json.object(what, document.bytes());
        if (!MediaTypes.isManifest(document.mediaType())) {
            throw new OciException(what + ": it is an index of manifests");
        }
        // One that is a manifest for some and an index for others (CVE-2021-41190).
        if (fields.has("manifests")) {
            throw fields.problem("manifests", "is of an index");
        }
        Descriptor config = fields.object("config")
                .orElseThrow(() -> new OciException(what + ": it lacks \"config\""))
                .descriptor(Json.SIZE_MAX);
        if (!CONFIG_TYPES.contains(config.mediaType().toLowerCase(Locale.ROOT))) {
            throw new OciException(document.digest() + ": this is not a container image: its configuration is "
                    + JsonFields.quoted(config.mediaType()));
        }
        List<Descriptor> layers = new ArrayList<>();
        for (JsonFields layer : fields.objects("layers", LAYERS_MAX)) {
            Descriptor descriptor = layer.descriptor(LAYER_SIZE_MAX);
            if (descriptor.mediaType().endsWith("+encrypted")) {
                throw new OciException(document.digest() + ": its layers are encrypted, which is not supported");
            }
            layers.add(descriptor);
        }
        return new Manifest(config, layers);
    }

    /** How many bytes the layers are, as they are stored and sent. */
    public long layerBytes() {
        return layers.stream().mapToLong(Descriptor::sizeBytes).sum();
    }
}
