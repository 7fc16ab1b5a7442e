package io.javisor.api.json;

import io.javisor.api.Fault;
import io.javisor.core.text.Printable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of a JSON object. Each is asked for by its name; {@link #end} then complains of those that were not. A null is as good as a field
 * that is not there. Every complaint is a {@link Fault} with status 400 that names the field.
 */
public final class JsonFields {
    private static final int QUOTED_LENGTH = 40;

    private final String what;
    private final ObjectNode object;
    private final Set<String> known = new LinkedHashSet<>();

    JsonFields(String what, ObjectNode object) {
        this.what = what;
        this.object = object;
    }

    private @Nullable JsonNode get(String name) {
        known.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    /** Whether there is no field at all. */
    public boolean isEmpty() {
        return object.isEmpty();
    }

    /** Whether there is such a field, and not null. */
    public boolean has(String name) {
        return get(name) != null;
    }

    /** A text, or null. */
    public @Nullable String string(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            throw wrong(name, "a string", value);
        }
        String text = value.stringValue();
        if (text.indexOf('\0') >= 0) {
            throw Fault.badRequest("\"" + name + "\" has a NUL character");
        }
        return text;
    }

    public String requireString(String name) {
        return require(name, string(name));
    }

    /** One of some texts, or null. */
    public @Nullable String oneOf(String name, List<String> words) {
        String text = string(name);
        if (text != null && !words.contains(text)) {
            throw Fault.badRequest(
                    "\"" + name + "\" must be one of " + String.join(", ", words) + ", not " + quoted(text));
        }
        return text;
    }

    public String requireOneOf(String name, List<String> words) {
        return require(name, oneOf(name, words));
    }

    /** A truth value, or null. */
    public @Nullable Boolean bool(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        if (!value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return value.booleanValue();
    }

    public boolean requireBool(String name) {
        return require(name, bool(name));
    }

    /** A whole number from {@code min} to {@code max}, or null. */
    public @Nullable Long number(String name, long min, long max) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber()) {
            throw wrong(name, "a whole number", value);
        }
        if (!value.canConvertToLong() || value.longValue() < min || value.longValue() > max) {
            throw Fault.badRequest("\"" + name + "\" must be " + min + " to " + max + ", not " + found(value));
        }
        return value.longValue();
    }

    public long requireNumber(String name, long min, long max) {
        return require(name, number(name, min, max));
    }

    /** An object, or null. */
    public @Nullable JsonFields object(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof ObjectNode inner) {
            return new JsonFields("\"" + name + "\"", inner);
        }
        throw wrong(name, "an object", value);
    }

    /** A list of objects; empty if it is not there. */
    public List<JsonFields> objects(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof ArrayNode list)) {
            throw wrong(name, "a list of objects", value);
        }
        List<JsonFields> all = new ArrayList<>();
        for (JsonNode element : list) {
            if (!(element instanceof ObjectNode inner)) {
                throw wrong(name, "a list of objects", element);
            }
            all.add(new JsonFields("\"" + name + "\"", inner));
        }
        return all;
    }

    /** Texts; none if there is no such field. */
    public List<String> strings(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof ArrayNode array)) {
            throw wrong(name, "a list of strings", value);
        }
        List<String> strings = new ArrayList<>();
        for (JsonNode each : array) {
            if (!each.isString() || each.stringValue().indexOf('\0') >= 0) {
                throw wrong(name, "a list of strings", each);
            }
            strings.add(each.stringValue());
        }
        return strings;
    }

    /** Whether there is such a field with something in it: neither null nor an empty object or list. */
    public boolean hasContents(String name) {
        JsonNode value = get(name);
        return value != null && !(value.isContainer() && value.isEmpty());
    }

    /** Complains of the first field that was not asked for. */
    public void end() {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                throw Fault.badRequest(what + " has an unknown field " + quoted(name)
                        + (known.isEmpty() ? "" : "; it may have " + String.join(", ", known)));
            }
        }
    }

    private <T> T require(String name, @Nullable T value) {
        if (value == null) {
            throw Fault.badRequest(what + " lacks \"" + name + "\"");
        }
        return value;
    }

    private static Fault wrong(String name, String wanted, JsonNode value) {
        return Fault.badRequest("\"" + name + "\" must be " + wanted + ", not " + found(value));
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

    private static String quoted(String text) {
        return Printable.line(Printable.quoted(text, QUOTED_LENGTH));
    }
}
