package io.javisor.manager.registry;

import io.javisor.api.json.ParserWords;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** JSON objects of strings, numbers and booleans, by Jackson's streams: data binding would double the time that a command takes to start. */
final class FlatJson {
    private static final JsonFactory FACTORY = JsonFactory.builder().build();

    private FlatJson() {}

    /** One line. */
    static String text(Map<String, ?> values) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            values.forEach((key, value) -> {
                json.writeName(key);
                switch (value) {
                    case Number number -> json.writeNumber(number.longValue());
                    case Boolean truth -> json.writeBoolean(truth);
                    default -> json.writeString(value.toString());
                }
            });
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    /**
     * The values of one object as text.
     *
     * @throws IOException if it is not such an object
     */
    static Map<String, String> parse(String text) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = json.currentName();
                if (json.nextToken().isStructStart()) {
                    throw new IOException(key + " is not a plain value");
                }
                values.put(key, json.getString());
            }
        } catch (JacksonException e) {
            throw new IOException("not JSON: " + ParserWords.of(e), e);
        }
        return values;
    }

    /** Puts a file in the place of another, so that a reader finds the old one or the new one, whole. */
    static void replace(Path file, String text) throws IOException {
        Path unfinished = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            Files.writeString(unfinished, text);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
    }
}
