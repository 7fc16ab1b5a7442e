package io.javisor.oci.store;

import io.javisor.core.text.Printable;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.store.ImageEntry.StoredLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The catalog as one JSON file, by Jackson's streams. Members that are not known are passed over, and lost when it is written. */
final class CatalogFile {
    private static final JsonFactory FACTORY = JsonFactory.builder().build();
    private static final int DEPTH_MAX = 16;
    private static final long SIZE_MAX = 256L << 20;

    private CatalogFile() {}

    /**
     * Reads it; an empty one, if there is no file.
     *
     * @throws OciException in one line, if it is damaged
     */
    static Catalog read(Path file) {
        byte[] json;
        try {
            if (StorePlaces.size(file) > SIZE_MAX) {
                throw damaged(file, "longer than " + SIZE_MAX + " bytes");
            }
            json = Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            return Catalog.EMPTY;
        } catch (IOException e) {
            throw Failures.of("read", file, e);
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            parser.nextToken();
            Map<?, ?> top = map(value(parser, 0));
            if (parser.nextToken() != null) {
                throw new Damage("something follows it");
            }
            return new Catalog(
                    list(top, "images").stream().map(image -> entry(map(image))).toList());
        } catch (JacksonException e) {
            throw damaged(file, "no JSON from byte " + e.getLocation().getByteOffset() + " on");
        } catch (Damage e) {
            throw damaged(file, e.what);
        } catch (OciException e) {
            throw damaged(file, String.valueOf(e.getMessage()));
        }
    }

    private static OciException damaged(Path file, String what) {
        return new OciException("the list of images " + Printable.line(file.toString()) + " is damaged: "
                + Printable.excerpt(Printable.line(what), 200)
                + "; remove this file, and pull the images again: what came of them is there still");
    }

    private static ImageEntry entry(Map<?, ?> image) {
        return new ImageEntry(
                descriptor(map(image.get("manifest"))),
                list(image, "indexes").stream()
                        .map(each -> descriptor(map(each)))
                        .toList(),
                descriptor(map(image.get("config"))),
                list(image, "layers").stream().map(each -> layer(map(each))).toList(),
                number(image, "metadataBytes"),
                number(image, "storedMillis"),
                references(image, "names"),
                references(image, "digests"));
    }

    private static StoredLayer layer(Map<?, ?> layer) {
        return new StoredLayer(descriptor(layer), Digest.parse(text(layer.get("diffId"))), number(layer, "dataBytes"));
    }

    private static Descriptor descriptor(Map<?, ?> values) {
        return new Descriptor(
                text(values.get("mediaType")), Digest.parse(text(values.get("digest"))), number(values, "size"));
    }

    private static List<Reference> references(Map<?, ?> image, String name) {
        return list(image, name).stream()
                .map(each -> Reference.parse(text(each)))
                .toList();
    }

    private static Map<?, ?> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new Damage("an object is missing");
    }

    private static List<?> list(Map<?, ?> values, String name) {
        if (values.get(name) instanceof List<?> list) {
            return list;
        }
        throw new Damage(name + " is no list");
    }

    private static String text(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw new Damage("a text is missing");
    }

    private static long number(Map<?, ?> values, String name) {
        if (values.get(name) instanceof Long number && number >= 0) {
            return number;
        }
        throw new Damage(name + " is no number");
    }

    /** One value: a map, a list, a text, a number as a long, or an empty text for all else. */
    private static Object value(JsonParser parser, int depth) {
        if (depth > DEPTH_MAX) {
            throw new Damage("too deep");
        }
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Object> values = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    values.put(name, value(parser, depth + 1));
                }
                yield values;
            }
            case START_ARRAY -> {
                List<Object> values = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    values.add(value(parser, depth + 1));
                }
                yield values;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case null -> throw new Damage("it is empty");
            default -> "";
        };
    }

    /** What is to be written. */
    static byte[] bytes(Catalog catalog) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            json.writeName("images");
            json.writeStartArray();
            catalog.entries().forEach(entry -> write(json, entry));
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, ImageEntry entry) {
        json.writeStartObject();
        json.writeName("manifest");
        write(json, entry.manifest());
        json.writeName("indexes");
        json.writeStartArray();
        entry.indexes().forEach(index -> write(json, index));
        json.writeEndArray();
        json.writeName("config");
        write(json, entry.config());
        json.writeName("layers");
        json.writeStartArray();
        entry.layers().forEach(layer -> {
            json.writeStartObject();
            writeMembers(json, layer.blob());
            json.writeName("diffId");
            json.writeString(layer.diffId().toString());
            writeNumber(json, "dataBytes", layer.dataBytes());
            json.writeEndObject();
        });
        json.writeEndArray();
        writeNumber(json, "metadataBytes", entry.metadataBytes());
        writeNumber(json, "storedMillis", entry.storedMillis());
        write(json, "names", entry.names());
        write(json, "digests", entry.digests());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Descriptor descriptor) {
        json.writeStartObject();
        writeMembers(json, descriptor);
        json.writeEndObject();
    }

    private static void writeMembers(JsonGenerator json, Descriptor descriptor) {
        json.writeName("mediaType");
        json.writeString(descriptor.mediaType());
        json.writeName("digest");
        json.writeString(descriptor.digest().toString());
        writeNumber(json, "size", descriptor.sizeBytes());
    }

    private static void writeNumber(JsonGenerator json, String name, long value) {
        json.writeName(name);
        json.writeNumber(value);
    }

    private static void write(JsonGenerator json, String name, List<Reference> references) {
        json.writeName(name);
        json.writeStartArray();
        references.forEach(reference -> json.writeString(reference.toString()));
        json.writeEndArray();
    }

    /** It is JSON, but no catalog. */
    private static final class Damage extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String what;

        Damage(String what) {
            super(what);
            this.what = what;
        }
    }
}
