package io.javisor.oci.registry;

import io.javisor.core.text.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What registries and their token servers say of an error (OCI distribution-spec 1.1, "Error Codes"), as docker words
 * it: {@code manifest unknown: manifest unknown}.
 */
final class ErrorBody {
    /** How much of one is read. */
    static final int SIZE_MAX = 64 << 10;

    private static final int LINE_LENGTH = 300;
    private static final int ERRORS_MAX = 3;

    /** Of what is made printable, which takes the square of the length where that is white space. */
    private static final int WORDS_LENGTH = 4 * LINE_LENGTH;

    private static final List<String> WORDS = List.of("details", "message", "error_description", "error");

    private ErrorBody() {}

    /** One printable line; empty if nothing in it is meant for people. */
    static String line(byte[] body) {
        return Printable.excerpt(Printable.line(Printable.excerpt(words(body), WORDS_LENGTH)), LINE_LENGTH);
    }

    private static String words(byte[] body) {
        Optional<ObjectNode> object = JsonText.object(body);
        if (object.isEmpty()) {
            String text = new String(body, StandardCharsets.UTF_8).strip();
            return text.startsWith("<") || text.startsWith("{") || text.startsWith("[") ? "" : text;
        }
        if (object.get().get("errors") instanceof ArrayNode errors) {
            List<String> all = new ArrayList<>();
            for (JsonNode each : errors) {
                String line = error(each);
                if (all.size() < ERRORS_MAX && !line.isEmpty()) {
                    all.add(line);
                }
            }
            return String.join("; ", all);
        }
        return WORDS.stream()
                .flatMap(name -> JsonText.string(object.get(), name).stream())
                .findFirst()
                .orElse("");
    }

    private static String error(JsonNode error) {
        String code = JsonText.string(error, "code")
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .replace('_', ' ');
        String message = JsonText.string(error, "message").orElse("");
        return code.isEmpty() || (code.equals("unknown") && !message.isEmpty())
                ? message
                : code + (message.isEmpty() ? "" : ": " + message);
    }
}
