package io.javisor.cli.image;

import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.store.StoredImage;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What {@code image inspect} says of an image, with docker's names (moby, api/types/image, InspectResponse). */
final class ImageDescription {
    /** What is a list of the configuration. */
    private static final List<String> LISTS = List.of("Env", "Cmd", "Entrypoint", "OnBuild", "Shell");

    /** What is a map. */
    private static final List<String> MAPS = List.of("ExposedPorts", "Volumes", "Labels");

    private static final List<String> TEXTS = List.of("User", "WorkingDir", "StopSignal");

    /** In docker's order. */
    private static final List<String> ORDER = List.of(
            "User",
            "ExposedPorts",
            "Env",
            "Cmd",
            "Healthcheck",
            "Volumes",
            "WorkingDir",
            "Entrypoint",
            "OnBuild",
            "Labels",
            "StopSignal",
            "Shell");

    /** What is null rather than empty where docker prints it. */
    private static final Set<String> NULL_IF_EMPTY = Set.of("Env", "Cmd", "Entrypoint", "OnBuild", "Volumes", "Labels");

    private final ObjectNode node;

    private ImageDescription(ObjectNode node) {
        this.node = node;
    }

    static ImageDescription of(StoredImage image) {
        JsonNode config = read(image);
        Platform platform = image.config().platform();
        ObjectNode node = JsonMapper.shared().createObjectNode();
        node.put("Id", image.id().toString());
        node.set("RepoTags", texts(image.names()));
        node.set("RepoDigests", texts(image.digests()));
        node.put("Comment", lastComment(config));
        image.config()
                .created()
                .ifPresentOrElse(time -> node.put("Created", time.toString()), () -> node.put("Created", ""));
        node.put("Author", image.config().author());
        node.set("Config", process(config.path("config")));
        node.put("Architecture", platform.architecture());
        node.put("Variant", platform.variant());
        node.put("Os", platform.os());
        node.put("Size", image.sizeBytes());
        ArrayNode layers = node.putObject("RootFS").put("Type", "layers").putArray("Layers");
        image.config().diffIds().forEach(digest -> layers.add(digest.toString()));
        node.putObject("Metadata").put("LastTagTime", image.stored().toString());
        node.putObject("Descriptor")
                .put("mediaType", image.manifest().mediaType())
                .put("digest", image.manifest().digest().toString())
                .put("size", image.manifest().bytes().length);
        return new ImageDescription(node);
    }

    /** With everything in it, for a template. */
    ObjectNode whole() {
        return node;
    }

    /** What of it are maps, whose keys the image has chosen. */
    static Set<List<String>> maps() {
        return MAPS.stream().map(name -> List.of("Config", name)).collect(Collectors.toUnmodifiableSet());
    }

    /** As it is printed: what is not said is left out, or null where docker has it so. */
    ObjectNode printed() {
        ObjectNode printed = node.deepCopy();
        for (String name : List.of("Variant", "Author")) {
            if (printed.path(name).asString("").isEmpty()) {
                printed.remove(name);
            }
        }
        if (printed.get("Config") instanceof ObjectNode config) {
            for (String name : ORDER) {
                JsonNode value = config.get(name);
                boolean isEmpty = value == null
                        || value.isNull()
                        || (value.isContainer()
                                ? value.isEmpty()
                                : value.asString("").isEmpty());
                if (isEmpty && NULL_IF_EMPTY.contains(name)) {
                    config.putNull(name);
                } else if (isEmpty && !name.equals("User") && !name.equals("WorkingDir")) {
                    config.remove(name);
                }
            }
        }
        return printed;
    }

    private static JsonNode read(StoredImage image) {
        try {
            return JsonMapper.shared().readTree(image.configBytes());
        } catch (JacksonException e) {
            throw new OciException(
                    "image " + image.id().shortHex() + ": its configuration can't be read: " + e.getOriginalMessage(),
                    e);
        }
    }

    private static ArrayNode texts(List<Reference> names) {
        ArrayNode texts = JsonMapper.shared().createArrayNode();
        names.forEach(name -> texts.add(name.familiar()));
        return texts;
    }

    private static String lastComment(JsonNode config) {
        JsonNode history = config.path("history");
        return history.isEmpty()
                ? ""
                : history.path(history.size() - 1).path("comment").asString("");
    }

    /** The same fields whatever the image has of them. */
    private static ObjectNode process(JsonNode config) {
        ObjectNode process = JsonMapper.shared().createObjectNode();
        for (String name : ORDER) {
            JsonNode value = config.path(name);
            if (LISTS.contains(name)) {
                process.set(name, value.isArray() ? value : JsonNodeFactory.instance.arrayNode());
            } else if (MAPS.contains(name)) {
                process.set(name, value.isObject() ? value : JsonNodeFactory.instance.objectNode());
            } else if (TEXTS.contains(name)) {
                process.put(name, value.asString(""));
            } else {
                process.set(name, value.isObject() ? value : JsonNodeFactory.instance.nullNode());
            }
        }
        return process;
    }
}
