package io.javisor.cli;

import io.javisor.cli.config.Setting;
import io.javisor.cli.config.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** The options of {@link Settings}, made for picocli. */
final class OptionTable {
    /** Before the command's own options, which have no order. */
    private static final int FIRST = -1000;

    private OptionTable() {}

    /** Adds the options to a command. What is given for them goes to {@code options}. */
    static void addTo(CommandSpec command, MachineOptions options) {
        Binding config = new Binding(value -> options.config((Path) value));
        command.addOption(OptionSpec.builder(MachineOptions.CONFIG_OPTION)
                .order(FIRST)
                .paramLabel("FILE")
                .type(Path.class)
                .description("Read the machine's settings from a JSON file. Other options override what it says.")
                .getter(config)
                .setter(config)
                .build());
        int order = FIRST;
        for (Setting<?> setting : Settings.all()) {
            order++;
            command.addOption(option(setting, order, options));
        }
    }

    private static OptionSpec option(Setting<?> setting, int order, MachineOptions options) {
        Binding binding = new Binding(value -> options.put(setting, words(value)));
        OptionSpec.Builder option = OptionSpec.builder(setting.options().toArray(String[]::new))
                .order(order)
                .description(description(setting))
                .getter(binding)
                .setter(binding);
        switch (setting.form()) {
            case TEXT, ON_OFF -> option.type(String.class);
            case PATH -> option.type(Path.class);
            case NUMBER -> option.type(Integer.class);
            case LIST -> option.type(List.class).auxiliaryTypes(String.class);
            case SWITCH -> option.type(Boolean.class).arity("0").negatable(true);
        }
        if (!setting.paramLabel().isEmpty()) {
            option.paramLabel(setting.paramLabel());
        }
        return option.build();
    }

    /** The default comes at the end of the first sentence. */
    private static String description(Setting<?> setting) {
        String help = setting.help();
        int end = help.indexOf(". ") < 0 ? help.length() - 1 : help.indexOf(". ");
        return help.substring(0, end) + byDefault(setting) + help.substring(end);
    }

    private static String byDefault(Setting<?> setting) {
        String words = setting.defaultWords();
        String variable = setting.environment();
        if (variable != null) {
            return " (default: what the environment's " + variable + " says, else " + words + ")";
        }
        return words.equals("none") ? "" : " (default: " + words + ")";
    }

    private static @Nullable List<String> words(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case List<?> several -> several.stream().map(String::valueOf).toList();
            default -> List.of(value.toString());
        };
    }

    /** Where picocli keeps an option's value; it reads a list back to add to it. */
    private static final class Binding implements IGetter, ISetter {
        private final Consumer<@Nullable Object> taker;
        private @Nullable Object value;

        Binding(Consumer<@Nullable Object> taker) {
            this.taker = taker;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli's
        public <T> @Nullable T get() {
            return (T) value;
        }

        @Override
        public <T> T set(T newValue) {
            value = newValue;
            taker.accept(newValue);
            return newValue;
        }
    }
}
