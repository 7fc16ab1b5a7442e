package io.javisor.oci.model;

import io.javisor.core.text.Printable;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of a JSON object, each asked for by its name; the others don't matter. A null is as good as a field that is not there. No text that is
 * given has a NUL character; all else may be in it, so it is made printable before it is shown. Every complaint is an {@link OciException} of one line
 * that names the field.
 */
public final class JsonFields {
    private static final int QUOTED_LENGTH = 40;
    private static final int MEDIA_TYPE_MAX = 255;
    private static final Pattern PLATFORM_WORD = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final String UNKNOWN = "unknown";

    private final String what;
    private final String path;
    private final ObjectNode object;

    JsonFields(String what, String path, ObjectNode object) {
        this.what = what;
        this.path = path;
        this.object = object;
    }

    private @Nullable JsonNode get(String name) {
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    /** Whether there is such a field, and not null. */
    public boolean has(String name) {
        return get(name) != null;
    }

    /** The object itself, with what is not known here: to be written again. */
    public ObjectNode node() {
        return object;
    }

    /** A text, or {@code ""}. */
    public String string(String name) {
        JsonNode value = get(name);
        return value == null ? "" : text(name, value);
    }

    /** A text that has to be there. */
    public String requireString(String name) {
        return text(name, require(name));
    }

    private String text(String name, JsonNode value) {
        if (!value.isString()) {
            throw wrong(name, "a string", value);
        }
        String text = value.stringValue();
        if (text.indexOf('\0') >= 0) {
            throw problem(name, "has a NUL character");
        }
        return text;
    }

    /** A truth value; false if it is not there. */
    public boolean bool(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return false;
        }
        if (!value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return value.booleanValue();
    }

    /** A whole number from {@code min} to {@code max}; 0 if it is not there. */
    public long number(String name, long min, long max) {
        JsonNode value = get(name);
        return value == null ? 0 : number(name, min, max, value);
    }

    /** A whole number that has to be there. */
    public long requireNumber(String name, long min, long max) {
        return number(name, min, max, require(name));
    }

    private long number(String name, long min, long max, JsonNode value) {
        if (!value.isIntegralNumber()) {
            throw wrong(name, "a whole number", value);
        }
        if (!value.canConvertToLong() || value.longValue() < min || value.longValue() > max) {
            throw problem(name, "must be " + min + " to " + max + ", not " + found(value));
        }
        return value.longValue();
    }

    /** An object, if it is there. */
    public Optional<JsonFields> object(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof ObjectNode inner) {
            return Optional.of(new JsonFields(what, path + name + ".", inner));
        }
        throw wrong(name, "an object", value);
    }

    /** A list of objects; empty if it is not there. */
    public List<JsonFields> objects(String name, int countMax) {
        List<JsonFields> all = new ArrayList<>();
        for (JsonNode element : list(name, countMax, "a list of objects")) {
            if (!(element instanceof ObjectNode inner)) {
                throw wrong(name, "a list of objects", element);
            }
            all.add(new JsonFields(what, path + name + ".", inner));
        }
        return all;
    }

    /** A list of texts; empty if it is not there. */
    public List<String> strings(String name) {
        List<String> all = new ArrayList<>();
        for (JsonNode element : list(name, Integer.MAX_VALUE, "a list of strings")) {
            if (!element.isString()) {
                throw wrong(name, "a list of strings", element);
            }
            all.add(text(name, element));
        }
        return List.copyOf(all);
    }

    /** A list of texts, or one text alone, which docker takes for a list of one; empty if it is not there. */
    public List<String> words(String name) {
        JsonNode value = get(name);
        return value != null && value.isString() ? List.of(text(name, value)) : strings(name);
    }

    private Iterable<JsonNode> list(String name, int countMax, String wanted) {
        JsonNode value = get(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof ArrayNode list)) {
            throw wrong(name, wanted, value);
        }
        if (list.size() > countMax) {
            throw problem(name, "lists " + list.size() + "; " + countMax + " are the most");
        }
        return list;
    }

    /** An object's texts by their names, in its order; a null is {@code ""}. Empty if it is not there. */
    public Map<String, String> texts(String name) {
        Optional<JsonFields> inner = object(name);
        if (inner.isEmpty()) {
            return Map.of();
        }
        Map<String, String> all = new LinkedHashMap<>();
        for (String key : names(name)) {
            all.put(key, inner.get().string(key));
        }
        return Collections.unmodifiableMap(all);
    }

    /** The names that an object has, whatever their values are, in its order. Empty if it is not there. */
    public List<String> names(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof ObjectNode inner)) {
            throw wrong(name, "an object", value);
        }
        List<String> all = new ArrayList<>();
        for (String key : inner.propertyNames()) {
            if (key.indexOf('\0') >= 0) {
                throw problem(name, "has a NUL character");
            }
            all.add(key);
        }
        return List.copyOf(all);
    }

    /** A digest that has to be there. */
    public Digest requireDigest(String name) {
        return digest(name, requireString(name));
    }

    /** A list of digests; empty if it is not there. */
    public List<Digest> digests(String name, int countMax) {
        List<Digest> all = new ArrayList<>();
        for (JsonNode element : list(name, countMax, "a list of digests")) {
            all.add(digest(name, text(name, element)));
        }
        return List.copyOf(all);
    }

    private Digest digest(String name, String text) {
        try {
            return Digest.parse(text);
        } catch (OciException e) {
            throw problem(name, "is an " + e.getMessage());
        }
    }

    /**
     * This object as a descriptor (OCI image-spec 1.1, descriptor.md); URLs and data that it brings along are passed over.
     *
     * @param sizeMax the most bytes that what it names may have
     */
    public Descriptor descriptor(long sizeMax) {
        String mediaType = string("mediaType");
        if (mediaType.length() > MEDIA_TYPE_MAX || !mediaType.equals(Printable.ascii(mediaType))) {
            throw problem("mediaType", "is no media type");
        }
        return new Descriptor(
                mediaType,
                requireDigest("digest"),
                requireNumber("size", 0, sizeMax),
                object("platform").flatMap(JsonFields::platform));
    }

    /** This object as a platform; empty if it says nothing of one. */
    public Optional<Platform> platform() {
        String os = string("os");
        String architecture = string("architecture");
        if (os.isEmpty() && architecture.isEmpty()) {
            return Optional.empty();
        }
        String variant = string("variant");
        return Optional.of(new Platform(
                platformWord("os", os.isEmpty() ? UNKNOWN : os),
                platformWord("architecture", architecture.isEmpty() ? UNKNOWN : architecture),
                variant.isEmpty() ? variant : platformWord("variant", variant)));
    }

    private String platformWord(String name, String word) {
        if (!PLATFORM_WORD.matcher(word).matches()) {
            throw problem(name, "can't be " + quoted(word));
        }
        return word;
    }

    private JsonNode require(String name) {
        JsonNode value = get(name);
        if (value == null) {
            throw new OciException(what + ": it lacks \"" + path + name + "\"");
        }
        return value;
    }

    /** The exception that says {@code why} the field is wrong. */
    public OciException problem(String name, String why) {
        return new OciException(what + ": \"" + Printable.asciiLine(path + name) + "\" " + why);
    }

    private OciException wrong(String name, String wanted, JsonNode value) {
        return problem(name, "must be " + wanted + ", not " + found(value));
    }

    static String found(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "the string " + quoted(value.stringValue());
            case NUMBER -> "the number " + Printable.excerpt(value.asString(), QUOTED_LENGTH);
            case BOOLEAN -> value.asString();
            case NULL -> "null";
            default -> "nothing";
        };
    }

    static String quoted(String text) {
        return Printable.ascii(Printable.quoted(text, QUOTED_LENGTH));
    }
}
