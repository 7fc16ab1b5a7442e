package io.javisor.container.spec;

import io.javisor.machine.config.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A container's variables and labels: the image's, and over them those of files and of the command line. */
final class Environment {
    private Environment() {}

    /**
     * Variables over others, which they replace where they stand. One without a value is the caller's, and is not there at all if the caller has none.
     *
     * @param below each {@code NAME=VALUE}
     * @param caller the caller's own variables
     * @throws ConfigException with docker's words
     */
    static List<String> merge(
            List<String> below, List<String> fromFiles, List<String> given, Map<String, String> caller) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String variable : below) {
            int equals = variable.indexOf('=');
            all.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        for (String line : fromFiles) {
            String name = name(line);
            if (name.isEmpty()) {
                throw new ConfigException("no variable name on line " + ContainerOptions.quoted(line));
            }
            if (name.chars().anyMatch(Character::isWhitespace)) {
                throw new ConfigException("poorly formatted environment: variable " + ContainerOptions.quoted(name)
                        + " contains whitespaces");
            }
            put(all, line, caller);
        }
        for (String variable : given) {
            if (name(variable).isEmpty()) {
                throw ContainerOptions.invalid(
                        ContainerOption.ENV,
                        variable,
                        "invalid environment variable: " + ContainerOptions.quoted(variable));
            }
            put(all, variable, caller);
        }
        List<String> merged = new ArrayList<>();
        all.forEach((name, value) -> merged.add(name + "=" + value));
        return merged;
    }

    private static String name(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
    }

    private static void put(Map<String, String> all, String variable, Map<String, String> caller) {
        String name = name(variable);
        @Nullable
        String value = name.length() < variable.length() ? variable.substring(name.length() + 1) : caller.get(name);
        if (value == null) {
            all.remove(name);
        } else {
            all.put(name, value);
        }
    }

    /** Labels over others. */
    static Map<String, String> labels(Map<String, String> below, List<String> fromFiles, List<String> given) {
        Map<String, String> all = new LinkedHashMap<>(below);
        List<String> lines = new ArrayList<>(fromFiles);
        lines.addAll(given);
        for (String line : lines) {
            String name = name(line);
            if (name.isEmpty()) {
                throw ContainerOptions.invalid(
                        ContainerOption.LABEL, line, "invalid label format: " + ContainerOptions.quoted(line));
            }
            all.put(name, name.length() < line.length() ? line.substring(name.length() + 1) : "");
        }
        return all;
    }
}
