package io.javisor.oci.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What of a store nobody needs: neither an image of the catalog nor anybody at work. */
final class Garbage {
    private final StorePlaces places;

    Garbage(StorePlaces places) {
        this.places = places;
    }

    /** The names of all that is in the store, whoever needs it. */
    List<String> keys() throws IOException {
        List<String> keys = new ArrayList<>();
        for (String kind : List.of(StorePlaces.BLOBS, StorePlaces.LAYERS)) {
            for (Path algorithm : StorePlaces.list(places.at(kind))) {
                if (Files.isDirectory(algorithm, LinkOption.NOFOLLOW_LINKS)) {
                    add(keys, algorithm);
                }
            }
        }
        add(keys, places.at(StorePlaces.METADATA));
        add(keys, places.at(StorePlaces.PARTIAL));
        return keys;
    }

    private void add(List<String> keys, Path directory) throws IOException {
        for (Path each : StorePlaces.list(directory)) {
            keys.add(places.root().relativize(each).toString());
        }
    }

    /** All that these images need. */
    static Set<String> needed(Collection<ImageEntry> entries) {
        Set<String> keys = new HashSet<>();
        entries.forEach(entry -> keys.addAll(entry.keys()));
        return keys;
    }

    /** A partial blob is needed by who needs the blob. */
    private static boolean isNeeded(String key, Set<String> needed) {
        String partial = StorePlaces.PARTIAL + "/";
        if (key.startsWith(partial)) {
            return needed.contains(
                    StorePlaces.BLOBS + "/" + key.substring(partial.length()).replace('-', '/'));
        }
        return needed.contains(key);
    }

    /**
     * Removes what is not needed. A crash leaves of a layer what counts as none. Whoever calls it has the store's lock.
     *
     * @param candidates what may go; all, if empty
     * @return how many bytes that were
     */
    long collect(Catalog catalog, Optional<Set<String>> candidates) throws IOException {
        StoreSession.sweep(places);
        Set<String> needed = needed(catalog.entries());
        needed.addAll(StoreSession.pinned(places));
        long bytes = 0;
        for (String key : keys()) {
            if (!isNeeded(key, needed)
                    && candidates.map(some -> some.contains(key)).orElse(true)) {
                Path path = places.at(key);
                bytes += StorePlaces.treeBytes(path);
                StorePlaces.remove(path);
            }
        }
        return bytes;
    }

    /** Removes lock files that processes left which were killed. */
    void removeLocks() throws IOException {
        for (Path lock : StorePlaces.list(places.locks())) {
            StoreLock.tryTake(lock, true).ifPresent(StoreLock::close);
        }
    }

    /** What all of the store takes, with what is half done, or that of it for which {@code needed} has the name. */
    long bytes(Optional<Set<String>> needed) throws IOException {
        long bytes = needed.isPresent() ? 0 : StorePlaces.treeBytes(places.temporary());
        for (String key : keys()) {
            if (needed.map(some -> isNeeded(key, some)).orElse(true)) {
                bytes += StorePlaces.treeBytes(places.at(key));
            }
        }
        return bytes;
    }
}
