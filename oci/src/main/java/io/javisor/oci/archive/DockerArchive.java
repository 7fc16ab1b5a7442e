package io.javisor.oci.archive;

import io.javisor.oci.ImageSource;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.model.Json;
import io.javisor.oci.model.JsonFields;
import io.javisor.oci.model.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The images of an archive as docker saves it (moby's docker-image-spec 1.2, "Combined Image JSON + Filesystem Changeset Format"), by its manifest.json. */
final class DockerArchive {
    static final String MANIFEST_FILE = "manifest.json";
    private static final int IMAGES_MAX = 1000;
    private static final Pattern NUMBER = Pattern.compile("@[0-9]{1,4}");

    private final Contents contents;
    private final List<Entry> entries = new ArrayList<>();

    /**
     * One image.
     *
     * @param config where its configuration is in the archive
     * @param layers where they are, the lowest first
     */
    record Entry(String config, List<String> layers, List<String> texts, List<Reference> names) {}

    private DockerArchive(Contents contents) {
        this.contents = contents;
    }

    /**
     * Reads manifest.json.
     *
     * @throws OciException in one line, if it is not there, or wrong
     */
    static DockerArchive open(Contents contents) {
        String what = contents.name() + ": " + MANIFEST_FILE;
        byte[] json;
        try (Content content = contents.find(MANIFEST_FILE)
                .orElseThrow(() -> new OciException(
                        contents.name() + ": it is no docker archive: it has no file " + MANIFEST_FILE))) {
            json = content.bytes(Json.SIZE_MAX);
        }
        DockerArchive archive = new DockerArchive(contents);
        for (JsonFields image : Json.objects(what, json, IMAGES_MAX)) {
            List<String> texts = image.strings("RepoTags");
            List<String> layers = image.strings("Layers");
            if (layers.size() > Manifest.LAYERS_MAX) {
                throw image.problem("Layers", "lists " + layers.size() + "; " + Manifest.LAYERS_MAX + " are the most");
            }
            List<Reference> names = texts.stream()
                    .map(Names::reference)
                    .flatMap(Optional::stream)
                    .toList();
            archive.entries.add(new Entry(image.requireString("Config"), layers, texts, names));
        }
        return archive;
    }

    /** Each image, in the archive's order. */
    List<ArchivedImage> images() {
        List<ArchivedImage> images = new ArrayList<>();
        for (Entry entry : entries) {
            String name = contents.name() + Names.inBrackets(entry.texts);
            images.add(new ArchivedImage(entry.names, new DockerArchiveSource(name, contents, entry, () -> {})));
        }
        return images;
    }

    /**
     * The image of a name, or of a place in the list ({@code @0} is the first), or the only one.
     *
     * @param chosen empty for the only one
     * @throws OciException in one line, if there is none, or there are several
     */
    ImageSource source(String chosen, Runnable onClose) {
        List<Entry> fitting = entries;
        if (NUMBER.matcher(chosen).matches()) {
            int number = Integer.parseInt(chosen.substring(1));
            fitting = number < entries.size() ? List.of(entries.get(number)) : List.of();
        } else if (!chosen.isEmpty()) {
            fitting = entries.stream()
                    .filter(entry -> entry.texts.contains(chosen)
                            || Names.reference(chosen)
                                    .filter(entry.names::contains)
                                    .isPresent())
                    .toList();
        }
        String name = contents.name();
        if (fitting.size() != 1) {
            List<String> texts =
                    entries.stream().flatMap(entry -> entry.texts.stream()).toList();
            throw Names.notOne(name, chosen, entries.size(), texts);
        }
        String title = chosen.isEmpty() ? name : name + ":" + Names.printable(chosen);
        return new DockerArchiveSource(title, contents, fitting.getFirst(), onClose);
    }
}
