package io.javisor.cli.config;

import io.javisor.core.text.EditDistance;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What to do about a configuration file's key that is not known. */
final class KeyAdvice {
    private record Known(String key, String option) {
        boolean isNear(String canonical) {
            return EditDistance.isNear(canonical, canonical(key)) || EditDistance.isNear(canonical, canonical(option));
        }

        int distance(String canonical) {
            return Math.min(
                    EditDistance.between(canonical, canonical(key)),
                    EditDistance.between(canonical, canonical(option)));
        }
    }

    private KeyAdvice() {}

    /** The nearest one, by its own name or its option's, or all that there are. */
    static String on(String unknown) {
        List<Known> all = new ArrayList<>(List.of(new Known(ConfigReader.SCHEMA_KEY, "")));
        Settings.all().forEach(setting -> all.add(new Known(setting.key(), setting.option())));
        String wanted = canonical(unknown);
        return all.stream()
                .filter(known -> known.isNear(wanted))
                .min(Comparator.comparingInt(known -> known.distance(wanted)))
                .map(nearest -> "did you mean \"" + nearest.key + "\"?")
                .orElseGet(() -> "known are "
                        + String.join(", ", all.stream().map(Known::key).toList()));
    }

    private static String canonical(String name) {
        return name.replaceAll("[-_$ ]", "").toLowerCase(Locale.ROOT);
    }
}
