package io.javisor.oci.store;

import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The images of a store and what they are called, with docker's rules of how names are found, moved and removed (moby, daemon/images: image.go, image_delete.go,
 * image_prune.go). Changes nothing but makes new ones. A manifest has one entry, and a name is that of one entry.
 *
 * @param entries in no order
 */
record Catalog(List<ImageEntry> entries) {
    static final Catalog EMPTY = new Catalog(List.of());

    Catalog {
        entries = List.copyOf(entries);
    }

    /**
     * What a text was found to mean.
     *
     * @param entry the one it names; of an ID the one stored last
     * @param by empty for an ID
     */
    record Found(ImageEntry entry, Optional<Reference> by) {}

    /**
     * What was taken away.
     *
     * @param untagged in docker's order
     * @param removed the entries that are gone
     */
    record Change(Catalog catalog, List<Reference> untagged, List<ImageEntry> removed) {}

    /**
     * The image of a name, a name with a digest, an ID or the beginning of one.
     *
     * @throws OciException in docker's words
     */
    Found find(String text) {
        String hex = text.startsWith("sha256:") ? text.substring("sha256:".length()) : text;
        if (hex.matches("[0-9a-f]{64}")) {
            return byId(hex, text).orElseThrow(() -> new OciException("No such image: " + text));
        }
        Reference reference = null;
        OciException invalid = null;
        try {
            reference = Reference.parse(text);
        } catch (OciException e) {
            invalid = e;
        }
        if (reference != null) {
            Reference key = key(reference);
            Optional<ImageEntry> named = holder(key);
            if (named.isPresent()) {
                return new Found(named.get(), Optional.of(key));
            }
        }
        Optional<Found> identified = hex.matches("[0-9a-f]{1,63}") ? byId(hex, text) : Optional.empty();
        if (identified.isPresent()) {
            return identified.get();
        }
        if (reference == null) {
            throw invalid == null ? new IllegalStateException(text) : invalid;
        }
        throw new OciException("No such image: " + reference.familiar());
    }

    private Optional<Found> byId(String prefix, String text) {
        List<ImageEntry> matching = entries.stream()
                .filter(entry -> entry.id().hex().startsWith(prefix))
                .toList();
        if (matching.stream().map(ImageEntry::id).distinct().count() > 1) {
            throw new OciException("multiple IDs found with provided prefix: " + text);
        }
        return matching.stream()
                .max((a, b) -> Long.compare(a.storedMillis(), b.storedMillis()))
                .map(entry -> new Found(entry, Optional.empty()));
    }

    /** A digest beats the tag beside it. */
    private static Reference key(Reference reference) {
        return reference.digest().map(reference::withDigest).orElse(reference);
    }

    /** The one that has a name, which has a tag or a digest and not both. */
    Optional<ImageEntry> holder(Reference key) {
        return entries.stream()
                .filter(entry -> entry.names().contains(key) || entry.digests().contains(key))
                .findFirst();
    }

    Optional<ImageEntry> ofManifest(Digest manifest) {
        return entries.stream()
                .filter(entry -> entry.manifest().digest().equals(manifest))
                .findFirst();
    }

    /** Those that a digest leads to: that of their manifest, or of a list on the way there. */
    List<ImageEntry> ofTop(Digest digest) {
        return entries.stream()
                .filter(entry -> entry.manifest().digest().equals(digest)
                        || entry.indexes().stream()
                                .anyMatch(index -> index.digest().equals(digest)))
                .toList();
    }

    /** With an entry in the place of that of the same manifest, whose names stay and come to it. All its names leave other entries. */
    Catalog with(ImageEntry added) {
        Set<Reference> names = new LinkedHashSet<>();
        Set<Reference> digests = new LinkedHashSet<>();
        ofManifest(added.manifest().digest()).ifPresent(old -> {
            names.addAll(old.names());
            digests.addAll(old.digests());
        });
        names.addAll(added.names());
        digests.addAll(added.digests());
        List<ImageEntry> all = new ArrayList<>();
        for (ImageEntry entry : entries) {
            if (!entry.manifest().digest().equals(added.manifest().digest())) {
                // A list's digest leads to an image of each platform: it is the name of the last one.
                all.add(without(entry, reference -> names.contains(reference) || digests.contains(reference)));
            }
        }
        all.add(added.with(List.copyOf(names), List.copyOf(digests)));
        return new Catalog(all);
    }

    private static ImageEntry without(ImageEntry entry, Predicate<Reference> gone) {
        return entry.with(
                entry.names().stream().filter(gone.negate()).toList(),
                entry.digests().stream().filter(gone.negate()).toList());
    }

    /**
     * Takes a name away, and the image with its last one; or all names by the image's ID.
     *
     * @param inUse by which container an image of an ID is used
     * @throws OciException in docker's words
     */
    Change remove(String text, boolean force, Map<Digest, ImageUse> inUse) {
        Found found = find(text);
        Digest id = found.entry().id();
        List<Reference> references = references(id);
        Optional<Reference> by = found.by();
        @Nullable ImageUse use = inUse.get(id);
        if (by.isEmpty()) {
            if (!force && references.size() > 1 && !isSingle(references)) {
                throw new OciException("conflict: unable to delete " + id.shortHex()
                        + " (must be forced) - image is referenced in multiple repositories");
            }
            if (use != null && (use.running() || !force)) {
                throw new OciException("conflict: unable to delete " + id.shortHex()
                        + (use.running()
                                ? " (cannot be forced) - image is being used by running container "
                                : " (must be forced) - image is being used by stopped container ")
                        + use.container());
            }
            return taken(_ -> true, entry -> entry.id().equals(id), inUse);
        }
        if (!force && use != null && isSingle(references)) {
            throw new OciException("conflict: unable to remove repository reference \"" + text
                    + "\" (must force) - container " + use.container() + " is using its referenced image "
                    + id.shortHex());
        }
        Reference name = by.get();
        List<Reference> rest = references.stream()
                .filter(reference -> !reference.equals(name) && isSameRepository(reference, name))
                .toList();
        boolean last = name.digest().isEmpty()
                && rest.stream().allMatch(reference -> reference.digest().isPresent());
        return taken(
                reference -> reference.equals(name) || (last && rest.contains(reference)),
                entry -> entry.id().equals(id),
                inUse);
    }

    /** Takes names from some entries, and removes those that have none then. */
    private Change taken(Predicate<Reference> gone, Predicate<ImageEntry> from, Map<Digest, ImageUse> inUse) {
        List<ImageEntry> left = new ArrayList<>();
        List<ImageEntry> removed = new ArrayList<>();
        Set<Reference> untagged = new LinkedHashSet<>();
        for (ImageEntry entry : entries) {
            if (!from.test(entry)) {
                left.add(entry);
                continue;
            }
            entry.references().stream().filter(gone).forEach(untagged::add);
            ImageEntry rest = without(entry, gone);
            if (rest.references().isEmpty() && !inUse.containsKey(entry.id())) {
                removed.add(entry);
            } else {
                left.add(rest);
            }
        }
        List<Reference> ordered = new ArrayList<>(untagged);
        ordered.sort(
                (a, b) -> Boolean.compare(a.digest().isPresent(), b.digest().isPresent()));
        return new Change(new Catalog(left), ordered, removed);
    }

    /** All that an image is known by. */
    private List<Reference> references(Digest id) {
        return entries.stream()
                .filter(entry -> entry.id().equals(id))
                .flatMap(entry -> entry.references().stream())
                .toList();
    }

    /** Whether there is at most one tag, and all digests are of its repository (moby, isSingleReference). */
    private static boolean isSingle(List<Reference> references) {
        if (references.size() <= 1) {
            return references.size() == 1;
        }
        return references.stream()
                                .filter(reference -> reference.digest().isEmpty())
                                .count()
                        <= 1
                && references.stream().allMatch(reference -> isSameRepository(reference, references.getFirst()));
    }

    private static boolean isSameRepository(Reference a, Reference b) {
        return a.registry().equals(b.registry()) && a.repository().equals(b.repository());
    }

    /**
     * Removes images without a tag.
     *
     * @param all also those that have one
     */
    Change prune(boolean all, Map<Digest, ImageUse> inUse) {
        return taken(
                _ -> true,
                entry -> !inUse.containsKey(entry.id()) && (all || entry.names().isEmpty()),
                inUse);
    }
}
