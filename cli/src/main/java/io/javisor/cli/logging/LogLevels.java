package io.javisor.cli.logging;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Which logger logs what.
 *
 * @param base of what is not named: for the libraries, which have much to say that is of use to nobody else, not more than {@link LogLevel#WARN}
 * @param named by the name of a logger, of whose level those below it are: {@code io.javisor.devices}
 */
public record LogLevels(LogLevel base, Map<String, LogLevel> named) {
    public static final String SYNTAX = "[MODULE=]LEVEL";

    static final LogLevels DEFAULT = new LogLevels(LogLevel.WARN, Map.of());

    static final String OURS = "io.javisor";
    private static final List<String> MODULES =
            List.of("api", "cli", "core", "devices", "firmware", "machine", "manager", "oci");
    private static final Pattern LOGGER_NAME = Pattern.compile("[A-Za-z_$][\\w$]*(\\.[A-Za-z_$][\\w$]*)+");

    public LogLevels {
        named = Map.copyOf(named);
    }

    /**
     * Reads what a user gave, of which the later counts.
     *
     * @param base where no word says otherwise
     * @param words {@value #SYNTAX}, the module by its short name or as a logger's full name
     * @throws IllegalArgumentException with what is wrong
     */
    public static LogLevels parse(LogLevel base, List<String> words) {
        LogLevel all = base;
        Map<String, LogLevel> named = new TreeMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            LogLevel level = LogLevel.parse(word.substring(equals + 1).strip());
            if (equals < 0) {
                all = level;
            } else {
                named.put(loggerName(word.substring(0, equals).strip()), level);
            }
        }
        return new LogLevels(all, named);
    }

    private static String loggerName(String module) {
        if (MODULES.contains(module)) {
            return OURS + '.' + module;
        }
        if (!LOGGER_NAME.matcher(module).matches()) {
            throw new IllegalArgumentException("there is no module '" + module + "'; there are "
                    + String.join(", ", MODULES) + ", or give a logger's full name, such as io.javisor.core.event");
        }
        return module;
    }

    /** The level of a logger: of those named, the nearest above it counts. */
    LogLevel of(String logger) {
        String name = logger;
        int dot;
        do {
            LogLevel level = named.get(name);
            if (level != null) {
                return level;
            }
            dot = name.lastIndexOf('.');
            name = name.substring(0, Math.max(0, dot));
        } while (dot > 0);
        return isOurs(logger) || base.compareTo(LogLevel.WARN) > 0 ? base : LogLevel.WARN;
    }

    private static boolean isOurs(String logger) {
        return logger.equals(OURS) || logger.startsWith(OURS + '.');
    }

    /** As {@link #parse} reads it. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        words.add(base.toString());
        new TreeMap<>(named).forEach((name, level) -> words.add(name + '=' + level));
        return words;
    }
}
