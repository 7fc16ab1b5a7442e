package io.javisor.images.grub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options of a command, and how GRUB takes them apart (GRUB 2.12, grub-core/lib/arg.c).
 *
 * @param acceptsDash whether an option that is not known is a word like others, as some commands have it; else it makes the command fail
 */
record GrubOptions(boolean acceptsDash, List<Option> options) {
    /** Whether an option has a value. */
    enum Value {
        NONE,
        REQUIRED,
        OPTIONAL
    }

    /** @param letter 0 if it has no short form */
    record Option(String name, char letter, Value value) {}

    /**
     * What a command was given.
     *
     * @param values by the options' names, in their order; an empty one where a value was left out
     */
    record Given(Map<String, List<String>> values, List<String> words) {
        boolean has(String option) {
            return values.containsKey(option);
        }

        List<String> all(String option) {
            return values.getOrDefault(option, List.of());
        }

        /** The last value; empty if there is none. */
        String last(String option) {
            return has(option) ? all(option).getLast() : "";
        }
    }

    static GrubOptions of(Option... options) {
        return new GrubOptions(false, List.of(options));
    }

    static GrubOptions acceptingDash(Option... options) {
        return new GrubOptions(true, List.of(options));
    }

    static Option flag(String name, char letter) {
        return new Option(name, letter, Value.NONE);
    }

    static Option valued(String name, char letter) {
        return new Option(name, letter, Value.REQUIRED);
    }

    /** Null if GRUB would refuse it. */
    @Nullable
    Given parse(List<String> arguments) {
        Map<String, List<String>> values = new HashMap<>();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) {
                words.addAll(arguments.subList(i + 1, arguments.size()));
                break;
            }
            if (argument.length() < 2 || argument.charAt(0) != '-') {
                words.add(argument);
                continue;
            }
            String next = i + 1 < arguments.size() ? arguments.get(i + 1) : null;
            int used = argument.startsWith("--") ? longOption(argument, next, values) : letters(argument, next, values);
            if (used >= 0) {
                i += used;
            } else if (acceptsDash && isUnknown(argument)) {
                words.add(argument);
            } else {
                return null;
            }
        }
        return new Given(values, words);
    }

    private @Nullable Option named(String name) {
        return options.stream()
                .filter(option -> option.name.equals(name))
                .findFirst()
                .orElse(null);
    }

    private @Nullable Option lettered(int letter) {
        return options.stream()
                .filter(option -> option.letter == letter)
                .findFirst()
                .orElse(null);
    }

    private boolean isUnknown(String argument) {
        return argument.startsWith("--")
                ? named(longName(argument)) == null
                : argument.chars().skip(1).anyMatch(letter -> lettered(letter) == null);
    }

    private static String longName(String argument) {
        int equals = argument.indexOf('=');
        return argument.substring(2, equals < 0 ? argument.length() : equals);
    }

    /** How many words behind it belong to it; -1 if it is none, or wrong. */
    private int longOption(String argument, @Nullable String next, Map<String, List<String>> values) {
        Option option = named(longName(argument));
        int equals = argument.indexOf('=');
        if (option == null || (equals >= 0 && option.value == Value.NONE)) {
            return -1;
        }
        if (equals >= 0) {
            return put(option, argument.substring(equals + 1), values, 0);
        }
        boolean takes = option.value != Value.NONE && next != null && !next.startsWith("-");
        return put(option, takes ? next : null, values, takes ? 1 : 0);
    }

    /** One letter or several; only the last one may have a value. */
    private int letters(String argument, @Nullable String next, Map<String, List<String>> values) {
        List<Option> found = new ArrayList<>();
        for (int letter : argument.chars().skip(1).toArray()) {
            Option option = lettered(letter);
            if (option == null) {
                return -1;
            }
            found.add(option);
        }
        for (Option option : found.subList(0, found.size() - 1)) {
            if (put(option, null, values, 0) < 0) {
                return -1;
            }
        }
        Option last = found.getLast();
        boolean takes = next != null
                && switch (last.value) {
                    case NONE -> false;
                    case REQUIRED -> true;
                    case OPTIONAL -> next.length() < 2 || !next.startsWith("-");
                };
        return put(last, takes ? next : null, values, takes ? 1 : 0);
    }

    private static int put(Option option, @Nullable String value, Map<String, List<String>> values, int used) {
        if (value == null && option.value == Value.REQUIRED) {
            return -1;
        }
        values.computeIfAbsent(option.name, name -> new ArrayList<>()).add(value == null ? "" : value);
        return used;
    }
}
