package io.javisor.oci.archive;

import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.archive.ArchiveWriter.SavedImage;
import io.javisor.oci.model.Index;
import io.javisor.oci.model.Json;
import io.javisor.oci.model.JsonFields;
import io.javisor.oci.model.Manifest;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The files of an archive that say which images are in it. */
final class ArchiveIndexes {
    private ArchiveIndexes() {}

    /**
     * A layout's index.json: an entry for each name of an image, as containerd writes it; one for an image without a name. Entries of an old index stay,
     * with all that is in them, but for those of the same names, and of the same images without one.
     *
     * @param old the old index; empty without
     */
    static byte[] index(String name, byte[] old, List<SavedImage> images) {
        ArrayNode entries = Json.newList();
        Set<String> seen = new HashSet<>();
        for (SavedImage image : images) {
            for (Map.Entry<String, String> each : namesOf(image).entrySet()) {
                if (seen.add(each.getKey().isEmpty() ? image.document().digest().toString() : each.getKey())) {
                    entries.add(entry(image, each.getKey(), each.getValue()));
                }
            }
        }
        ArrayNode all = Json.newList();
        ObjectNode index = Json.newObject();
        index.put("schemaVersion", 2);
        index.put("mediaType", MediaTypes.OCI_INDEX);
        if (old.length != 0) {
            JsonFields fields = Json.object(name + ": " + Layout.INDEX_FILE, old);
            for (JsonFields each : fields.objects("manifests", Index.ENTRIES_MAX)) {
                String kept = each.texts("annotations").getOrDefault(Layout.REF_NAME, "");
                if (!seen.contains(kept.isEmpty() ? each.string("digest") : kept)) {
                    all.add(each.node());
                }
            }
            index = fields.node();
        }
        all.addAll(entries);
        if (all.size() > Index.ENTRIES_MAX) {
            throw new OciException(name + ": it would hold more than " + Index.ENTRIES_MAX + " images");
        }
        index.set("manifests", all);
        return Json.text(index);
    }

    /** What {@link Layout#REF_NAME} says, and {@link Layout#IMAGE_NAME} then, which is empty without. */
    private static Map<String, String> namesOf(SavedImage image) {
        Map<String, String> names = new LinkedHashMap<>();
        if (!image.tag().isEmpty()) {
            String whole =
                    image.names().stream().findFirst().map(Reference::toString).orElse("");
            names.put(image.tag(), whole);
        } else if (image.names().isEmpty()) {
            names.put("", "");
        } else {
            // podman takes the one for the name, docker the other.
            image.names().forEach(reference -> names.put(reference.toString(), reference.toString()));
        }
        return names;
    }

    private static ObjectNode entry(SavedImage image, String refName, String imageName) {
        ObjectNode entry = Json.descriptor(image.document().descriptor());
        if (!refName.isEmpty()) {
            ObjectNode annotations = Json.newObject();
            if (!imageName.isEmpty()) {
                annotations.put(Layout.IMAGE_NAME, imageName);
            }
            annotations.put(Layout.REF_NAME, refName);
            entry.set("annotations", annotations);
        }
        return entry;
    }

    /** docker's manifest.json: an entry for each image, with all its names that have a tag. An index of manifests can't be in it: only in the layout. */
    static byte[] dockerManifest(String name, List<SavedImage> images, ArchiveFormat format) {
        Map<Digest, Manifest> manifests = new LinkedHashMap<>();
        Map<Digest, Set<String>> tags = new LinkedHashMap<>();
        for (SavedImage image : images) {
            if (MediaTypes.isIndex(image.document().mediaType())) {
                if (format.hasLayout()) {
                    continue;
                }
                throw new OciException(name + ": a docker archive holds images of one platform, and not an index");
            }
            Digest digest = image.document().digest();
            manifests.putIfAbsent(digest, Manifest.parse(image.document()));
            Set<String> names = tags.computeIfAbsent(digest, _ -> new LinkedHashSet<>());
            image.names().stream()
                    .filter(reference -> reference.tag().isPresent())
                    .map(ArchiveIndexes::tagged)
                    .forEach(names::add);
        }
        ArrayNode list = Json.newList();
        manifests.forEach((digest, manifest) -> list.add(dockerEntry(manifest, tags.getOrDefault(digest, Set.of()))));
        return Json.text(list);
    }

    private static String tagged(Reference reference) {
        return reference.familiarName() + ":" + reference.tag().orElseThrow();
    }

    private static ObjectNode dockerEntry(Manifest manifest, Set<String> tags) {
        ObjectNode entry = Json.newObject();
        entry.put("Config", Contents.blobPath(manifest.config().digest()));
        if (tags.isEmpty()) {
            entry.putNull("RepoTags");
        } else {
            ArrayNode list = entry.putArray("RepoTags");
            tags.forEach(list::add);
        }
        ArrayNode layers = entry.putArray("Layers");
        manifest.layers().forEach(layer -> layers.add(Contents.blobPath(layer.digest())));
        return entry;
    }
}
