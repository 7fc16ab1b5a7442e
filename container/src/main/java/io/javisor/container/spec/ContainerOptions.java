package io.javisor.container.spec;

import io.javisor.core.text.Printable;
import io.javisor.machine.config.ConfigException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a user says of a container, as it was written; checked by who makes a specification of it. Immutable. */
public final class ContainerOptions {
    /** Nothing. */
    public static final ContainerOptions NONE = new ContainerOptions(Map.of());

    private static final int QUOTED_LENGTH = 200;

    private final Map<ContainerOption, List<String>> given = new EnumMap<>(ContainerOption.class);
    private final Map<ContainerOption, List<String>> lines =
            new EnumMap<>(ContainerOption.class); // of files that were read

    /** @param given each value of an option; one {@code true} or {@code false} for a switch */
    public ContainerOptions(Map<ContainerOption, List<String>> given) {
        given.forEach((option, values) -> this.given.put(option, List.copyOf(values)));
    }

    /** The same with one more value. */
    public ContainerOptions with(ContainerOption option, String value) {
        Map<ContainerOption, List<String>> more = new EnumMap<>(ContainerOption.class);
        more.putAll(given);
        List<String> values = new ArrayList<>(all(option));
        values.add(value);
        more.put(option, values);
        return new ContainerOptions(more);
    }

    /**
     * The same with its files read, which then need not be there any more.
     *
     * @throws ConfigException with docker's words, if one can't be read
     */
    public ContainerOptions withFilesRead() {
        ContainerOptions read = new ContainerOptions(given);
        for (ContainerOption option : List.of(ContainerOption.ENV_FILE, ContainerOption.LABEL_FILE)) {
            read.lines.put(option, lines(option));
        }
        return read;
    }

    /** The lines of an option's files, in their order. */
    List<String> lines(ContainerOption option) {
        List<String> present = lines.get(option);
        return present != null
                ? present
                : all(option).stream()
                        .flatMap(file -> OptionFile.lines(file).stream())
                        .toList();
    }

    /** All its values, in their order. */
    List<String> all(ContainerOption option) {
        return given.getOrDefault(option, List.of());
    }

    /** Its last value. */
    Optional<String> last(ContainerOption option) {
        List<String> values = all(option);
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }

    /** Whether a switch is on. */
    boolean isOn(ContainerOption option) {
        return last(option).map(Boolean::parseBoolean).orElse(false);
    }

    /** What is wrong with a value, as docker says it. */
    static ConfigException invalid(ContainerOption option, String value, String why) {
        return new ConfigException(
                "invalid argument " + quoted(value) + " for \"" + option.label() + "\" flag: " + why);
    }

    /** A text in quotation marks, fit for a message. */
    static String quoted(String text) {
        return '"' + plain(text) + '"';
    }

    /** A text fit for a message. */
    static String plain(String text) {
        String line = Printable.line(text);
        return line.length() > QUOTED_LENGTH ? line.substring(0, QUOTED_LENGTH) + "..." : line;
    }
}
