package io.javisor.cli.container;

import io.javisor.container.spec.ContainerOption;
import io.javisor.container.spec.ContainerOptions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** {@link ContainerOption}s, made for picocli. */
final class SpecOptions {
    private final Map<ContainerOption, List<String>> given = new EnumMap<>(ContainerOption.class);

    /** Adds options to a command, behind its own; names that it has already are left to it. What is given for them is here afterwards. */
    static SpecOptions addTo(CommandSpec command, Iterable<ContainerOption> options) {
        SpecOptions values = new SpecOptions();
        for (ContainerOption option : options) {
            String[] names = option.names().stream()
                    .filter(name -> !command.optionsMap().containsKey(name))
                    .toArray(String[]::new);
            if (names.length > 0) {
                command.addOption(values.of(option, names));
            }
        }
        return values;
    }

    private OptionSpec of(ContainerOption option, String[] names) {
        OptionSpec.Builder builder = OptionSpec.builder(names).description(option.help());
        ISetter setter =
                switch (option.form()) {
                    case SWITCH -> {
                        builder.type(Boolean.class).arity("0");
                        yield taking(value -> List.of(String.valueOf(value)), option);
                    }
                    case TEXT -> {
                        builder.type(String.class).paramLabel(option.paramLabel());
                        yield taking(value -> List.of(String.valueOf(value)), option);
                    }
                    case LIST -> {
                        builder.type(List.class)
                                .auxiliaryTypes(String.class)
                                .arity("1")
                                .paramLabel(option.paramLabel());
                        yield taking(SpecOptions::words, option);
                    }
                };
        return builder.setter(setter).getter(new Reader(option)).build();
    }

    private ISetter taking(Function<Object, List<String>> words, ContainerOption option) {
        return new ISetter() {
            @Override
            @SuppressWarnings("TypeParameterUnusedInFormals") // picocli's
            public <T> T set(T value) {
                if (value == null) {
                    given.remove(option);
                } else {
                    given.put(option, words.apply(value));
                }
                return value;
            }
        };
    }

    private static List<String> words(Object value) {
        List<String> all = new ArrayList<>();
        for (Object each : (List<?>) value) {
            all.add(String.valueOf(each));
        }
        return all;
    }

    /** Where picocli reads a list back to add to it. */
    private final class Reader implements IGetter {
        private final ContainerOption option;

        Reader(ContainerOption option) {
            this.option = option;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli's
        public <T> @Nullable T get() {
            List<String> words = given.get(option);
            Object value = words == null
                    ? null
                    : switch (option.form()) {
                        case SWITCH -> Boolean.valueOf(words.getLast());
                        case TEXT -> words.getLast();
                        case LIST -> new ArrayList<>(words);
                    };
            return (T) value;
        }
    }

    ContainerOptions options() {
        return new ContainerOptions(given);
    }

    boolean isOn(ContainerOption option) {
        return given.getOrDefault(option, List.of()).contains("true");
    }
}
