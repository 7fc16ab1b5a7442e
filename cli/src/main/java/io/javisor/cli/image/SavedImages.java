package io.javisor.cli.image;

import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/** Which images an archive is to have, and what they are called in it. */
final class SavedImages {
    private SavedImages() {}

    /** @param names none, if it was chosen by its ID or a digest only */
    record Saved(StoredImage image, List<Reference> names) {
        Saved {
            names = List.copyOf(names);
        }
    }

    /**
     * Each image once, in the order in which it is named first.
     *
     * @param texts names, IDs; a name without a tag stands for all tags of it, if there are any, as docker's
     * @throws OciException in docker's words, if one is not there
     */
    static List<Saved> find(ImageStore store, List<String> texts) {
        List<Reference> all = store.names();
        Map<Digest, StoredImage> images = new LinkedHashMap<>();
        Map<Digest, SequencedSet<Reference>> names = new LinkedHashMap<>();
        for (String text : texts) {
            List<Reference> tags = allTags(all, text);
            for (Reference tag : tags) {
                add(images, names, store.find(tag.toString()), Optional.of(tag));
            }
            if (tags.isEmpty()) {
                StoredImage image = store.find(text);
                add(images, names, image, name(image, text));
            }
        }
        List<Saved> saved = new ArrayList<>();
        images.forEach((digest, image) ->
                saved.add(new Saved(image, List.copyOf(names.getOrDefault(digest, new LinkedHashSet<>())))));
        return saved;
    }

    private static void add(
            Map<Digest, StoredImage> images,
            Map<Digest, SequencedSet<Reference>> names,
            StoredImage image,
            Optional<Reference> name) {
        Digest digest = image.manifest().digest();
        images.putIfAbsent(digest, image);
        name.ifPresent(each ->
                names.computeIfAbsent(digest, _ -> new LinkedHashSet<>()).add(each));
    }

    private static List<Reference> allTags(List<Reference> all, String text) {
        Optional<Reference> name = parse(text);
        if (name.isEmpty() || !Arguments.hasDefaultTag(text, name.get())) {
            return List.of();
        }
        return all.stream()
                .filter(each -> each.registry().equals(name.get().registry())
                        && each.repository().equals(name.get().repository()))
                .toList();
    }

    private static Optional<Reference> name(StoredImage image, String text) {
        return parse(text).filter(image.names()::contains);
    }

    private static Optional<Reference> parse(String text) {
        try {
            return Optional.of(Reference.parse(text));
        } catch (OciException e) {
            return Optional.empty(); // an ID, with sha256: before it, say
        }
    }
}
