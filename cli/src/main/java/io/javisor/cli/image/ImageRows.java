package io.javisor.cli.image;

import io.javisor.oci.Digest;
import io.javisor.oci.Reference;
import io.javisor.oci.store.StoredImage;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The rows of a list of images: one for each name, as docker's. */
final class ImageRows {
    private static final String NONE = "<none>";

    private final boolean shortIds;
    private final boolean withDigests;
    private final Instant now;
    private final ZoneId zone;

    /** @param withDigests whether names of one tag and several digests are several rows */
    ImageRows(boolean shortIds, boolean withDigests, Instant now, ZoneId zone) {
        this.shortIds = shortIds;
        this.withDigests = withDigests;
        this.now = now;
        this.zone = zone;
    }

    /** Those that a filter takes. */
    List<ObjectNode> of(StoredImage image, ImageFilter filter) {
        if (!filter.takes(image)) {
            return List.of();
        }
        List<ObjectNode> rows = new ArrayList<>();
        for (Reference name : image.names()) {
            if (filter.takes(name)) {
                List<String> digests = withDigests ? digests(image, name.familiarName()) : List.of();
                for (String digest : digests.isEmpty() ? List.of(NONE) : digests) {
                    rows.add(row(image, name.familiarName(), name.tag().orElse(NONE), digest));
                }
            }
        }
        Set<String> tagged = image.names().stream().map(Reference::familiarName).collect(Collectors.toSet());
        Set<String> untagged = image.digests().stream()
                .filter(filter::takes)
                .map(Reference::familiarName)
                .filter(repository -> !tagged.contains(repository))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String repository : untagged) {
            for (String digest : withDigests ? digests(image, repository) : List.of(NONE)) {
                rows.add(row(image, repository, NONE, digest));
            }
        }
        if (rows.isEmpty() && image.names().isEmpty() && image.digests().isEmpty() && !filter.asksForNames()) {
            rows.add(row(image, NONE, NONE, NONE));
        }
        return rows;
    }

    private static List<String> digests(StoredImage image, String repository) {
        return image.digests().stream()
                .filter(reference -> reference.familiarName().equals(repository))
                .flatMap(reference -> reference.digest().stream())
                .map(Digest::toString)
                .toList();
    }

    private ObjectNode row(StoredImage image, String repository, String tag, String digest) {
        return JsonMapper.shared()
                .createObjectNode()
                .put("Repository", repository)
                .put("Tag", tag)
                .put("Digest", digest)
                .put("ID", shortIds ? image.id().shortHex() : image.id().toString())
                .put(
                        "CreatedSince",
                        image.config()
                                .created()
                                .map(time -> HumanTime.ago(time, now))
                                .orElse("N/A"))
                .put(
                        "CreatedAt",
                        image.config()
                                .created()
                                .map(time -> HumanTime.at(time, zone))
                                .orElse("N/A"))
                .put("Size", HumanSize.of(image.sizeBytes(), HumanSize.LIST_DIGITS));
    }
}
