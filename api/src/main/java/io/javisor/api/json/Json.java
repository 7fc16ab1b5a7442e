package io.javisor.api.json;

import io.javisor.api.Fault;
import io.javisor.api.Response;
import io.javisor.core.text.Printable;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON to read and to write. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /**
     * Reads an object.
     *
     * @param what it is, for messages: {@code the request's body}
     * @throws Fault with status 400 if the text is something else
     */
    public static JsonFields object(String what, String text) {
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw new Fault(Response.BAD_REQUEST, what + " is not JSON: " + ParserWords.of(e), e);
        }
        if (node instanceof ObjectNode object) {
            return new JsonFields(what, object);
        }
        throw Fault.badRequest(what + " must be a JSON object, not " + JsonFields.found(node));
    }

    /** A value as text: maps, lists, records, strings, numbers, truth values; null too. */
    public static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** Success with {@code value} as JSON. */
    public static Response response(Object value) {
        return Response.json(text(value));
    }

    /** What a refused request is answered with: the message on one line, whatever of a client's is in it. */
    public static Response fault(int status, String message) {
        return new Response(status, Response.JSON, text(Map.of("fault_message", Printable.line(message))));
    }
}
