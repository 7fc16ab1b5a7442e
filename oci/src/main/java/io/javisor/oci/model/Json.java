package io.javisor.oci.model;

import io.javisor.core.text.Printable;
import io.javisor.oci.Descriptor;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON of an image, from anywhere: bounded in length, depth and number of values; a name that is there twice is refused. */
public final class Json {
    /** How long a text may be, in bytes. */
    public static final int SIZE_MAX = ManifestDocument.SIZE_MAX;

    private static final int DEPTH_MAX = 64;
    private static final int TOKENS_MAX = 200_000;
    private static final int NAME_MAX = 64 << 10;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .maxTokenCount(TOKENS_MAX)
                            .maxNameLength(NAME_MAX)
                            .maxStringLength(SIZE_MAX)
                            .maxDocumentLength(SIZE_MAX)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** Reads and writes JSON within these bounds, but for the length of the whole, which is for who reads bytes to look at. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /**
     * Reads an object.
     *
     * @param what begins every message: what it is, and of which image; one printable line
     * @throws OciException in one line, if the text is something else, or beyond the bounds
     */
    public static JsonFields object(String what, byte[] text) {
        return fields(what, read(what, text));
    }

    /**
     * Reads a list of objects.
     *
     * @param what as in {@link #object}
     * @param countMax how many there may be
     * @throws OciException in one line, if the text is something else, or beyond the bounds
     */
    public static List<JsonFields> objects(String what, byte[] text, int countMax) {
        if (!(read(what, text) instanceof ArrayNode list)) {
            throw new OciException(what + ": it must be a JSON list");
        }
        if (list.size() > countMax) {
            throw new OciException(what + ": it lists " + list.size() + "; " + countMax + " are the most");
        }
        List<JsonFields> all = new ArrayList<>();
        for (JsonNode element : list) {
            all.add(fields(what, element));
        }
        return all;
    }

    private static JsonFields fields(String what, JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new JsonFields(what, "", object);
        }
        throw new OciException(what + ": it must be a JSON object, not " + JsonFields.found(node));
    }

    private static JsonNode read(String what, byte[] text) {
        if (text.length > SIZE_MAX) {
            throw new OciException(what + ": it is " + text.length + " bytes long; " + SIZE_MAX + " are the most");
        }
        try {
            return MAPPER.readTree(text);
        } catch (StreamConstraintsException e) {
            throw new OciException(what + ": it is nested too deeply, or has too much in it", e);
        } catch (JacksonException e) {
            throw new OciException(what + ": it is not JSON: " + Printable.asciiLine(e.getOriginalMessage()), e);
        }
    }

    /** An empty object, to be filled and then written by {@link #text}. */
    public static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    /** An empty list. */
    public static ArrayNode newList() {
        return MAPPER.createArrayNode();
    }

    /** A descriptor as it is written; what it says of a platform is left out. */
    public static ObjectNode descriptor(Descriptor descriptor) {
        ObjectNode object = newObject();
        object.put("mediaType", descriptor.mediaType());
        object.put("digest", descriptor.digest().toString());
        object.put("size", descriptor.sizeBytes());
        return object;
    }

    /** A value as bytes of UTF-8, without spaces; the same value gives the same bytes. */
    public static byte[] text(JsonNode value) {
        return MAPPER.writeValueAsBytes(value);
    }
}
