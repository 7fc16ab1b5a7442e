package io.javisor.oci.model;

import io.javisor.oci.Descriptor;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.PlatformException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Several images under one name (OCI image-spec 1.1, image-index.md; docker's manifest list): one for each platform, as a rule.
 *
 * @param entries in the document's order, at most {@value #ENTRIES_MAX}
 */
public record Index(List<Entry> entries) {
    /** How many an index may list. */
    public static final int ENTRIES_MAX = 1000;

    /** How many platforms a message names. */
    private static final int NAMED_MAX = 20;

    private static final String ATTESTATION = "vnd.docker.reference.type";
    private static final String UNKNOWN = "unknown";

    public Index {
        entries = List.copyOf(entries);
    }

    /**
     * What an index lists.
     *
     * @param descriptor of a manifest, or of an index again
     */
    public record Entry(Descriptor descriptor, Map<String, String> annotations) {
        /** Whether it says something of another entry and is no image: where it came from, what is in it (BuildKit, attestation-storage.md). */
        public boolean isAttestation() {
            return annotations.containsKey(ATTESTATION)
                    || descriptor
                            .platform()
                            .filter(platform -> platform.os().equals(UNKNOWN)
                                    && platform.architecture().equals(UNKNOWN))
                            .isPresent();
        }
    }

    /**
     * Reads it.
     *
     * @throws OciException in one line that names the document by its digest, if it is no index, or out of bounds
     */
    public static Index parse(ManifestDocument document) {
        String what = document.digest() + ": invalid index of manifests";
        if (!MediaTypes.isIndex(document.mediaType())) {
            throw new OciException(what + ": it is a manifest");
        }
        return parse(what, document.bytes());
    }

    /**
     * Reads one that has no digest, such as that of an OCI layout.
     *
     * @param what begins the messages; one printable line
     */
    public static Index parse(String what, byte[] bytes) {
        JsonFields fields = Json.object(what, bytes);
        for (String other : List.of("config", "layers", "fsLayers")) {
            // One that is an index for some and a manifest for others (CVE-2021-41190).
            if (fields.has(other)) {
                throw fields.problem(other, "is of a manifest");
            }
        }
        List<Entry> entries = new ArrayList<>();
        for (JsonFields entry : fields.objects("manifests", ENTRIES_MAX)) {
            entries.add(new Entry(entry.descriptor(ManifestDocument.SIZE_MAX), entry.texts("annotations")));
        }
        return new Index(entries);
    }

    /** What it lists, but for attestations. */
    public List<Descriptor> manifests() {
        return entries.stream()
                .filter(entry -> !entry.isAttestation())
                .map(Entry::descriptor)
                .toList();
    }

    /**
     * The entry for a platform: that of the nearest variant, the first among equals; without any, the only one that says nothing of a platform. It may be an
     * index again, and what says nothing may be for another platform: the caller looks.
     *
     * @param imageName for the message
     * @throws OciException in one line, in docker's words and with the platforms there are, if there is none
     */
    public Descriptor select(Platform platform, String imageName) {
        List<Descriptor> manifests = manifests();
        Optional<Descriptor> nearest = manifests.stream()
                .filter(each -> each.platform().filter(platform::takes).isPresent())
                .min(Comparator.comparingInt(
                        each -> platform.distance(each.platform().orElseThrow())));
        if (nearest.isPresent()) {
            return nearest.get();
        }
        List<Descriptor> silent =
                manifests.stream().filter(each -> each.platform().isEmpty()).toList();
        if (silent.size() == 1) {
            return silent.getFirst();
        }
        throw new PlatformException(imageName + ": no matching manifest for " + platform
                + " in the manifest list entries" + there(manifests));
    }

    private static String there(List<Descriptor> manifests) {
        List<String> platforms = manifests.stream()
                .flatMap(each -> each.platform().stream())
                .map(Platform::toString)
                .distinct()
                .toList();
        if (platforms.isEmpty()) {
            return "";
        }
        return "; there is "
                + platforms.stream().limit(NAMED_MAX).collect(Collectors.joining(", "))
                + (platforms.size() > NAMED_MAX ? " and more" : "");
    }
}
