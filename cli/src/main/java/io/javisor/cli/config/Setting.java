package io.javisor.cli.config;

import io.javisor.machine.config.MachineConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a user can say of a machine: how it is written as an option and in a configuration file, what it means, and where it lands in
 * a {@link MachineConfig}. {@link Settings} declares all of them. Immutable; any thread.
 *
 * @param <T> what its value is read as
 */
public final class Setting<T> {
    /** What is written, as an option and in a file. */
    public enum Form {
        /** {@code --name TEXT}, and a string. */
        TEXT("string", "a string"),
        /** As {@link #TEXT}, of a file's path. */
        PATH("string", "a string"),
        /** {@code --name N}, and a whole number. */
        NUMBER("integer", "a whole number"),
        /** {@code --name} or {@code --no-name}, and true or false. */
        SWITCH("boolean", "true or false"),
        /** {@code --name on|off}, and true or false. */
        ON_OFF("boolean", "true or false"),
        /** {@code --name TEXT} once for each, and a list of strings. */
        LIST("array", "a list of strings");

        private final String schemaType;
        private final String description;

        Form(String schemaType, String description) {
            this.schemaType = schemaType;
            this.description = description;
        }

        /** As JSON Schema's {@code type} has it. */
        public String schemaType() {
            return schemaType;
        }

        /** As messages have it. */
        public String description() {
            return description;
        }
    }

    private final Form form;
    private final String key;
    private final List<String> options;
    private final String paramLabel;
    private final String help;
    private final String values;
    private final @Nullable String defaultJson;
    private final @Nullable String defaultWords;
    private final String schema;
    private final @Nullable String environment;
    private final Function<String, ?> reader;
    private final Function<String, ?> fileReader;
    private final Function<Object, String> writer;
    private final @Nullable BiFunction<Object, UnaryOperator<Path>, ?> paths;
    private final Consumer<T> check;
    private final BiConsumer<MachineConfig.Builder, T> landing;
    private final @Nullable Function<MachineConfig, Object> shown;

    // What a builder's types promise holds for what is made of
    // it, and for a list's elements nobody else knows their type.
    @SuppressWarnings("unchecked")
    private <E> Setting(Builder<T, E> builder) {
        form = builder.form;
        key = builder.key;
        options = List.copyOf(builder.options);
        paramLabel = builder.paramLabel;
        help = builder.help;
        values = builder.values;
        defaultJson = builder.defaultJson;
        defaultWords = builder.defaultWords;
        schema = builder.schema;
        environment = builder.environment;
        reader = builder.reader;
        fileReader = builder.fileReader;
        writer = (Function<Object, String>) builder.writer;
        paths = (BiFunction<Object, UnaryOperator<Path>, ?>) builder.paths;
        check = builder.check;
        landing = builder.landing;
        shown = builder.shown;
    }

    /** What is written. */
    public Form form() {
        return form;
    }

    /** Its name in a configuration file. */
    public String key() {
        return key;
    }

    /** The options' names, the long one last. */
    public List<String> options() {
        return options;
    }

    /** The option's long name. */
    public String option() {
        return options.getLast();
    }

    /** What stands for the value in help texts; empty for a switch. */
    public String paramLabel() {
        return paramLabel;
    }

    /** What it means: whole sentences, without the default. */
    public String help() {
        return help;
    }

    /** What the value may be, for a table. */
    public String values() {
        return values;
    }

    /** The default as a file would have it, in JSON; null where one value does not say it. */
    public @Nullable String defaultJson() {
        return defaultJson;
    }

    /** The default in words, as options have it. */
    public String defaultWords() {
        if (defaultWords != null) {
            return defaultWords;
        }
        return switch (defaultJson) {
            case "true" -> form == Form.SWITCH ? "yes" : "on";
            case "false" -> form == Form.SWITCH ? "no" : "off";
            case "[]" -> "none";
            case null -> "none";
            default -> defaultJson.replaceAll("[\\[\\]\"]", "");
        };
    }

    /** Members of its JSON schema beside description, type and default; may be empty. */
    public String schema() {
        return schema;
    }

    /** The environment variable that sets it where neither option nor file do; null for none. */
    public @Nullable String environment() {
        return environment;
    }

    /** Whether its value has paths in it, which a file may give relative to itself. */
    public boolean hasPaths() {
        return paths != null;
    }

    /** What a dry run shows of it; null where the plan has its own words for it. */
    public @Nullable Object shown(MachineConfig config) {
        return shown == null ? null : shown.apply(config);
    }

    /**
     * Reads what was given as an option, once or, for a list, several times.
     *
     * @throws IllegalArgumentException or {@link io.javisor.machine.config.ConfigException}, saying what is wrong with it
     */
    public T parse(List<String> given) {
        Object[] elements = new Object[given.size()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = reader.apply(given.get(i));
        }
        return value(List.of(elements));
    }

    /** Reads a string of a file, which is the value or an element of it. Its paths start at {@code directory}. Throws as {@link #parse}. */
    Object readElement(String text, Path directory) {
        Object element = fileReader.apply(text);
        return paths == null ? element : paths.apply(element, directory::resolve);
    }

    /** The value of elements that were read: for all but a list of the only one. */
    @SuppressWarnings("unchecked") // the readers are this setting's
    T value(List<?> elements) {
        return (T) (form == Form.LIST ? List.copyOf(elements) : elements.getLast());
    }

    /** Throws as {@link #parse} unless a file may say so. Options are checked with the whole configuration. */
    void require(T value) {
        check.accept(value);
    }

    /** The string that a file has for a value, or an element of it, that is neither a number nor a boolean; its paths are absolute. */
    String writeElement(Object element) {
        return writer.apply(paths == null ? element : paths.apply(element, Path::toAbsolutePath));
    }

    /** Puts a value where it belongs. */
    void land(MachineConfig.Builder builder, T value) {
        landing.accept(builder, value);
    }

    @Override
    public String toString() {
        return key;
    }

    static Builder<String, String> text(String key, String option, String paramLabel) {
        return text(key, option, paramLabel, Function.identity());
    }

    static <T> Builder<T, T> text(String key, String option, String paramLabel, Function<String, T> reader) {
        return new Builder<>(Form.TEXT, key, option, paramLabel, reader);
    }

    static Builder<Path, Path> path(String key, String option) {
        return new Builder<Path, Path>(Form.PATH, key, option, "FILE", Setting::path)
                .paths((path, place) -> place.apply(path))
                .schema("\"minLength\": 1");
    }

    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a file's path is missing");
        }
        return Path.of(text);
    }

    static Builder<Integer, Integer> number(String key, String option) {
        return new Builder<>(Form.NUMBER, key, option, "N", Integer::valueOf);
    }

    static Builder<Boolean, Boolean> ofSwitch(String key, String option) {
        return new Builder<>(Form.SWITCH, key, option, "", Boolean::valueOf);
    }

    static Builder<Boolean, Boolean> onOff(String key, String option) {
        return new Builder<>(Form.ON_OFF, key, option, "on|off", Setting::isOn);
    }

    private static boolean isOn(String text) {
        return switch (text) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither on nor off");
        };
    }

    static <E> Builder<List<E>, E> list(String key, String option, String paramLabel, Function<String, E> reader) {
        return new Builder<>(Form.LIST, key, option, paramLabel, reader);
    }

    /**
     * Collects what a setting is.
     *
     * @param <T> its value's type
     * @param <E> the type of what one string is read as: a list's element, or the value
     */
    static final class Builder<T, E> {
        private final Form form;
        private final String key;
        private List<String> options;
        private final String paramLabel;
        private final Function<String, E> reader;
        private Function<String, E> fileReader;
        private Function<E, String> writer = Object::toString;
        private @Nullable BiFunction<E, UnaryOperator<Path>, E> paths;
        private String help = "";
        private String values;
        private @Nullable String defaultJson;
        private @Nullable String defaultWords;
        private String schema = "";
        private @Nullable String environment;
        private Consumer<T> check = _ -> {};
        private BiConsumer<MachineConfig.Builder, T> landing = (_, _) -> {};
        private @Nullable Function<MachineConfig, Object> shown;

        private Builder(Form form, String key, String option, String paramLabel, Function<String, E> reader) {
            this.form = form;
            this.key = key;
            this.options = List.of(option);
            this.paramLabel = paramLabel;
            this.reader = reader;
            this.fileReader = reader;
            values = switch (form) {
                case TEXT -> "string, as the option's";
                case PATH -> "path";
                case NUMBER -> "whole number";
                case SWITCH, ON_OFF -> "`true` or `false`";
                case LIST -> "list of strings, as the option's";
            };
        }

        /** A short name of the option's. */
        Builder<T, E> orShort(String option) {
            options = List.of(option, options.getLast());
            return this;
        }

        /** See {@link Setting#help}. */
        Builder<T, E> help(String value) {
            help = value;
            return this;
        }

        /** See {@link Setting#values}. */
        Builder<T, E> values(String value) {
            values = value;
            return this;
        }

        /** The default as a file would have it. */
        Builder<T, E> byDefault(String json) {
            defaultJson = json;
            return this;
        }

        /** A default that no one value says. */
        Builder<T, E> byDefaultSaid(String value) {
            defaultWords = value;
            return this;
        }

        /** See {@link Setting#schema}. */
        Builder<T, E> schema(String members) {
            schema = members;
            return this;
        }

        /** See {@link Setting#environment}. */
        Builder<T, E> environment(String variable) {
            environment = variable;
            return this;
        }

        /** For a file that is stricter than an option. */
        Builder<T, E> readInFile(Function<String, E> value) {
            fileReader = value;
            return this;
        }

        /** How it is written, if not as {@code toString} has it. */
        Builder<T, E> written(Function<E, String> value) {
            writer = value;
            return this;
        }

        /** What gives the value with its paths put elsewhere. */
        Builder<T, E> paths(BiFunction<E, UnaryOperator<Path>, E> value) {
            paths = value;
            return this;
        }

        /** What a file is refused for at once, with the place; throws a {@link io.javisor.machine.config.ConfigException}. */
        Builder<T, E> checked(Consumer<T> value) {
            check = value;
            return this;
        }

        /** Where it goes. */
        Builder<T, E> lands(BiConsumer<MachineConfig.Builder, T> value) {
            landing = value;
            return this;
        }

        /** Where it goes: which group of the configuration, and what the group is with it. */
        <G> Builder<T, E> lands(BiConsumer<MachineConfig.Builder, UnaryOperator<G>> group, BiFunction<G, T, G> part) {
            return lands((builder, value) -> group.accept(builder, present -> part.apply(present, value)));
        }

        /** See {@link Setting#shown}. */
        Builder<T, E> shown(Function<MachineConfig, Object> value) {
            shown = value;
            return this;
        }

        Setting<T> build() {
            return new Setting<>(this);
        }
    }
}
