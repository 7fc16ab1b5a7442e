package io.javisor.cli.image;

import io.javisor.oci.Reference;
import io.javisor.oci.store.StoredImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What {@code --filter} asks for: of conditions of one kind one has to hold, of those about labels each.
 *
 * @param dangling what {@code dangling=} was given as; empty for both
 * @param names patterns of which one has to be a name's
 * @param labels with a value, or with an empty one where any will do
 */
record ImageFilter(List<Boolean> dangling, List<NamePattern> names, List<Map.Entry<String, String>> labels) {
    private static final String KEYS = "dangling=true|false, reference=NAME and label=KEY[=VALUE]";

    ImageFilter {
        dangling = List.copyOf(dangling);
        names = List.copyOf(names);
        labels = List.copyOf(labels);
    }

    /** @throws IllegalArgumentException with what is wrong, in one line */
    static ImageFilter parse(List<String> conditions) {
        List<Boolean> dangling = new ArrayList<>();
        List<NamePattern> names = new ArrayList<>();
        List<Map.Entry<String, String>> labels = new ArrayList<>();
        for (String condition : conditions) {
            int equals = condition.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("invalid filter '" + condition + "'; there are " + KEYS);
            }
            String value = condition.substring(equals + 1);
            switch (condition.substring(0, equals)) {
                case "dangling" -> dangling.add(truth(value));
                case "reference" -> names.add(NamePattern.parse(value));
                case "label" -> {
                    int at = value.indexOf('=');
                    labels.add(
                            Map.entry(at < 0 ? value : value.substring(0, at), at < 0 ? "" : value.substring(at + 1)));
                }
                default ->
                    throw new IllegalArgumentException(
                            "invalid filter '" + condition.substring(0, equals) + "'; there are " + KEYS);
            }
        }
        return new ImageFilter(dangling, names, labels);
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                throw new IllegalArgumentException("invalid filter 'dangling=" + text + "'; it is true or false");
        };
    }

    /** Whether an image is to be listed, if one of its names is. */
    boolean takes(StoredImage image) {
        boolean isDangling = image.names().isEmpty();
        Map<String, String> has = image.config().process().labels();
        return (dangling.isEmpty() || dangling.contains(isDangling))
                && labels.stream()
                        .allMatch(label -> has.containsKey(label.getKey())
                                && (label.getValue().isEmpty()
                                        || label.getValue().equals(has.get(label.getKey()))));
    }

    /** Whether a name of an image is to be listed. */
    boolean takes(Reference name) {
        return names.isEmpty() || names.stream().anyMatch(pattern -> pattern.matches(name));
    }

    /** Whether what has no name is not. */
    boolean asksForNames() {
        return !names.isEmpty();
    }
}
