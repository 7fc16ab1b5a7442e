package io.javisor.oci.archive;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.model.Index;
import io.javisor.oci.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** The images of an OCI layout (OCI image-spec 1.1, image-layout.md), by its index.json. */
final class Layout {
    static final String LAYOUT_FILE = "oci-layout";
    static final String INDEX_FILE = "index.json";
    static final String VERSION = "1.0.0";

    /** A tag, or a whole name, as tools differ (annotations.md). */
    static final String REF_NAME = "org.opencontainers.image.ref.name";

    /** The whole name, by docker and containerd. */
    static final String IMAGE_NAME = "io.containerd.image.name";

    private final Contents contents;
    private final Map<Digest, Group> groups = new LinkedHashMap<>();
    private boolean joined;

    /** What is one image: some entries may differ in the name alone. */
    private record Group(Descriptor descriptor, Set<String> texts, Set<Reference> names) {}

    private Layout(Contents contents) {
        this.contents = contents;
    }

    /**
     * Reads the index.
     *
     * @throws OciException in one line, if it is not there, or wrong
     */
    static Layout open(Contents contents) {
        String name = contents.name();
        String version = Json.object(name + ": " + LAYOUT_FILE, bytes(contents, LAYOUT_FILE))
                .requireString("imageLayoutVersion");
        if (!version.equals(VERSION)) {
            throw new OciException(name + ": an OCI layout of version " + Names.quoted(version) + " is not supported; "
                    + VERSION + " is");
        }
        byte[] index = bytes(contents, INDEX_FILE);
        Layout layout = new Layout(contents);
        for (Index.Entry entry : Index.parse(name + ": " + INDEX_FILE, index).entries()) {
            if (!entry.isAttestation()) {
                layout.add(entry);
            }
        }
        layout.joinPlatforms(index);
        return layout;
    }

    private static byte[] bytes(Contents contents, String path) {
        try (Content content = contents.find(path)
                .orElseThrow(
                        () -> new OciException(contents.name() + ": it is no OCI layout: it has no file " + path))) {
            return content.bytes(ManifestDocument.SIZE_MAX);
        }
    }

    private void add(Index.Entry entry) {
        Group group = groups.computeIfAbsent(
                entry.descriptor().digest(),
                _ -> new Group(entry.descriptor(), new LinkedHashSet<>(), new LinkedHashSet<>()));
        String whole = entry.annotations().getOrDefault(IMAGE_NAME, "");
        String tag = entry.annotations().getOrDefault(REF_NAME, "");
        Stream.of(whole, tag).filter(text -> !text.isEmpty()).forEach(group.texts::add);
        Names.reference(whole)
                // A tag alone would be read as a name.
                .or(() -> tag.indexOf('/') >= 0 || tag.indexOf(':') >= 0 ? Names.reference(tag) : Optional.empty())
                .ifPresent(group.names::add);
    }

    /** Where all entries have one name, or none, and a platform each, index.json itself is the image's index. */
    private void joinPlatforms(byte[] index) {
        List<Group> all = List.copyOf(groups.values());
        boolean one = all.size() > 1
                && distinct(all, group -> group.descriptor.platform().map(Object::toString)) == all.size()
                && all.stream().allMatch(group -> group.descriptor.platform().isPresent())
                && distinct(all, Group::texts) == 1;
        if (one) {
            joined = true;
            groups.clear();
            Digest digest = Digest.sha256(index);
            groups.put(
                    digest,
                    new Group(
                            new Descriptor(MediaTypes.OCI_INDEX, digest, index.length),
                            all.getFirst().texts,
                            all.getFirst().names));
        }
    }

    private static <T> long distinct(List<Group> all, Function<Group, T> property) {
        return all.stream().map(property).distinct().count();
    }

    /** Each image, in the index's order. */
    List<ArchivedImage> images() {
        List<ArchivedImage> images = new ArrayList<>();
        for (Group group : groups.values()) {
            String name = contents.name() + Names.inBrackets(group.texts);
            images.add(new ArchivedImage(List.copyOf(group.names), source(name, group, () -> {})));
        }
        return images;
    }

    /**
     * The image of a name, or the only one.
     *
     * @param chosen tag or name, as the index has it; empty for the only one
     * @throws OciException in one line, if there is none, or there are several
     */
    ImageSource source(String chosen, Runnable onClose) {
        List<Group> fitting = groups.values().stream()
                .filter(group -> chosen.isEmpty() || isCalled(group, chosen))
                .toList();
        String name = contents.name();
        if (fitting.size() != 1) {
            List<String> texts = groups.values().stream()
                    .flatMap(group -> group.texts.stream())
                    .toList();
            throw Names.notOne(name, chosen, groups.size(), texts);
        }
        return source(chosen.isEmpty() ? name : name + ":" + Names.printable(chosen), fitting.getFirst(), onClose);
    }

    private static boolean isCalled(Group group, String chosen) {
        return group.texts.contains(chosen)
                || Names.reference(chosen).filter(group.names::contains).isPresent();
    }

    private ImageSource source(String name, Group group, Runnable onClose) {
        Contents all = joined ? new WithIndex(contents, group.descriptor.digest()) : contents;
        return new LayoutSource(name, all, group.descriptor, onClose);
    }

    /** A layout in which index.json is among the blobs too. */
    private record WithIndex(Contents inner, Digest index) implements Contents {
        @Override
        public String name() {
            return inner.name();
        }

        @Override
        public Optional<Content> find(String path) {
            return inner.find(path.equals(Contents.blobPath(index)) ? INDEX_FILE : path);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
