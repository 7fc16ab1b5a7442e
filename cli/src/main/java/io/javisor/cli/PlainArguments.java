package io.javisor.cli;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code run}'s arguments where there is nothing to them: options of the machine, each once, with its value as an argument of its
 * own. All else is picocli's: help, mistakes, other ways to write an option. picocli knows the options by annotations, and to look at
 * them takes as long as a small machine takes to start.
 */
final class PlainArguments {
    private PlainArguments() {}

    /** What the arguments say of the machine, as picocli would read it; null if they are not so plain. */
    static @Nullable MachineOptions read(String... arguments) {
        if (arguments.length == 0 || !arguments[0].equals("run")) {
            return null;
        }
        MachineOptions options = new MachineOptions();
        Set<String> seen = new HashSet<>();
        int at = 1;
        while (at < arguments.length) {
            String name = longName(arguments[at]);
            String value = at + 1 < arguments.length ? arguments[at + 1] : "";
            // A switch and its opposite are one option, which picocli wants once.
            if (!seen.add(name.startsWith("--no-") ? "--" + name.substring("--no-".length()) : name)) {
                return null;
            }
            if (options.takeSwitch(name)) {
                at++;
            } else if (isPlain(value) && options.take(name, value)) {
                at += 2;
            } else {
                return null;
            }
        }
        return options;
    }

    private static String longName(String option) {
        return switch (option) {
            case "-m" -> "--memory";
            case "-c" -> "--cpus";
            default -> option;
        };
    }

    /** Neither missing, nor an option, nor a file of arguments. */
    private static boolean isPlain(String value) {
        return !value.isEmpty() && value.charAt(0) != '-' && value.charAt(0) != '@';
    }
}
