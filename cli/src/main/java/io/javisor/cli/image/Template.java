package io.javisor.cli.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * What of Go's templates, which docker's {@code --format} takes, is of use without a program in it: text with fields, {@code {{.Field}}} and {@code {{.Field.Field}}},
 * and {@code {{json .Field}}} or {@code {{json .}}}. {@code \t} is a tab, {@code \n} the end of a line.
 */
final class Template {
    private static final Pattern PLACE = Pattern.compile("\\{\\{(.*?)}}", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("\\s*(json\\s+)?\\.([A-Za-z][A-Za-z0-9_.]*)?\\s*");

    /** A piece of it. */
    private sealed interface Part {}

    private record Text(String text) implements Part {}

    /** @param path empty for the whole object */
    private record Field(List<String> path, boolean asJson) implements Part {}

    private final List<Part> parts;

    private Template(List<Part> parts) {
        this.parts = parts;
    }

    /** @throws IllegalArgumentException with what is wrong, in one line */
    static Template parse(String text) {
        String source = text.replace("\\t", "\t").replace("\\n", "\n");
        List<Part> parts = new ArrayList<>();
        Matcher place = PLACE.matcher(source);
        int end = 0;
        while (place.find()) {
            addText(parts, source.substring(end, place.start()));
            parts.add(field(place.group(1)));
            end = place.end();
        }
        addText(parts, source.substring(end));
        return new Template(List.copyOf(parts));
    }

    private static void addText(List<Part> parts, String text) {
        if (text.contains("{{")) {
            throw new IllegalArgumentException("'{{' has no '}}'");
        }
        if (!text.isEmpty()) {
            parts.add(new Text(text));
        }
    }

    private static Field field(String inside) {
        Matcher matcher = FIELD.matcher(inside);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'{{" + inside + "}}' is not understood; a template has fields, as"
                    + " '{{.ID}}', and '{{json .}}'");
        }
        boolean asJson = matcher.group(1) != null;
        if (matcher.group(2) == null) {
            if (!asJson) {
                throw new IllegalArgumentException("'{{.}}' is not understood; write '{{json .}}'");
            }
            return new Field(List.of(), true);
        }
        List<String> path = List.of(matcher.group(2).split("\\.", -1));
        if (path.contains("")) {
            throw new IllegalArgumentException("'{{" + inside + "}}' has a name too few");
        }
        return new Field(path, asJson);
    }

    /** Whether it is nothing but text. */
    boolean hasNoField() {
        return parts.stream().noneMatch(Field.class::isInstance);
    }

    /**
     * Sees to it that it asks for nothing else than these, and for no part of one.
     *
     * @throws IllegalArgumentException with the first that it does, in one line
     */
    void requireFields(Set<String> names) {
        for (Part part : parts) {
            if (part instanceof Field field
                    && !field.path().isEmpty()
                    && !names.contains(String.join(".", field.path()))) {
                throw unknown(field, names);
            }
        }
    }

    private static IllegalArgumentException unknown(Field field, Set<String> names) {
        return new IllegalArgumentException("there is no field ." + String.join(".", field.path()) + "; there are "
                + new TreeSet<>(names).stream().map(name -> "." + name).collect(Collectors.joining(", ")));
    }

    /**
     * The text with an object's fields in it.
     *
     * @throws IllegalArgumentException in one line, if the object has no such field
     */
    String fill(JsonNode object) {
        return fill(object, Set.of());
    }

    /**
     * As above.
     *
     * @param maps the paths of objects whose keys are anybody's: of one that is not there it says {@code <no value>}, as Go does of a map
     */
    String fill(JsonNode object, Set<List<String>> maps) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Text(String literal) -> text.append(literal);
                case Field field -> {
                    JsonNode value = value(object, field, maps);
                    text.append(field.asJson() ? json(value) : words(value));
                }
            }
        }
        return text.toString();
    }

    private static JsonNode value(JsonNode object, Field field, Set<List<String>> maps) {
        JsonNode value = object;
        for (int i = 0; i < field.path().size(); i++) {
            JsonNode next = value.get(field.path().get(i));
            if (next == null && maps.contains(field.path().subList(0, i))) {
                return MissingNode.getInstance();
            }
            if (next == null) {
                Set<String> names = value.isObject() ? Set.copyOf(value.propertyNames()) : Set.of();
                throw names.isEmpty()
                        ? new IllegalArgumentException("there is no field ." + String.join(".", field.path()))
                        : unknown(field, names);
            }
            value = next;
        }
        return value;
    }

    private static String json(JsonNode value) {
        return value.isMissingNode() ? "null" : JsonMapper.shared().writeValueAsString(value);
    }

    /** As Go prints values: {@code [a b]}, {@code map[a:b]}. */
    private static String words(JsonNode value) {
        if (value.isMissingNode()) {
            return "<no value>";
        }
        if (value.isNull()) {
            return "<nil>";
        }
        if (value.isArray()) {
            return value.valueStream().map(Template::words).collect(Collectors.joining(" ", "[", "]"));
        }
        if (value.isObject()) {
            return value.propertyStream()
                    .map(entry -> entry.getKey() + ":"
                            + (entry.getValue().isObject() && entry.getValue().isEmpty()
                                    ? "{}"
                                    : words(entry.getValue())))
                    .sorted()
                    .collect(Collectors.joining(" ", "map[", "]"));
        }
        return value.asString();
    }
}
