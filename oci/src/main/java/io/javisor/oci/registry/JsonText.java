package io.javisor.oci.registry;

import io.javisor.oci.model.Json;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON of files and servers: not deep, and the whole text of it. */
final class JsonText {
    static final JsonMapper MAPPER = Json.mapper();

    private JsonText() {}

    /** The object that the text is; empty if it is something else. */
    static Optional<ObjectNode> object(byte[] text) {
        try {
            return MAPPER.readTree(text) instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** Where it stops to be JSON, for messages, which quote nothing of it; empty if it is JSON. */
    static String fault(byte[] text) {
        try {
            JsonNode _ = MAPPER.readTree(text);
            return "";
        } catch (JacksonException e) {
            TokenStreamLocation where = e.getLocation();
            return where == null ? "" : " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")";
        }
    }

    /** A text, if it is one and has something in it. */
    static Optional<String> string(@Nullable JsonNode object, String name) {
        JsonNode value = object == null ? null : object.get(name);
        return value != null && value.isString() && !value.stringValue().isEmpty()
                ? Optional.of(value.stringValue())
                : Optional.empty();
    }
}
