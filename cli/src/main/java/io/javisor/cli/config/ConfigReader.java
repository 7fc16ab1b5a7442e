package io.javisor.cli.config;

import io.javisor.api.json.ParserWords;
import io.javisor.core.text.Printable;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** One pass over a configuration file's tokens. Reads the stream itself, so that every complaint has its place. */
final class ConfigReader {
    private static final JsonFactory FACTORY = JsonFactory.builder().build();
    private static final int QUOTED_LENGTH = 40;

    /** Where editors find the schema; javisor does not look at it. */
    static final String SCHEMA_KEY = "$schema";

    private final String file;
    private final Path directory;
    private final JsonParser parser;
    private final Map<String, TokenStreamLocation> seen = new HashMap<>();

    private MachineSettings read = MachineSettings.SILENT;

    private ConfigReader(String file, Path directory, JsonParser parser) {
        this.file = file;
        this.directory = directory;
        this.parser = parser;
    }

    /**
     * Reads a file's text.
     *
     * @param file its name, for messages
     * @param directory where relative paths start
     * @throws ConfigException with the place, if it is not a configuration
     */
    static MachineSettings read(String file, String text, Path directory) {
        if (text.isBlank()) {
            throw new ConfigException(
                    "config " + file + " is empty; write at least {}, which is the default guest's machine");
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            return new ConfigReader(file, directory, parser).document();
        } catch (JacksonException e) {
            throw new ConfigException(place(file, e.getLocation()) + "not JSON: " + ParserWords.of(e), e);
        }
    }

    private MachineSettings document() {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw problem("a configuration is a JSON object, not " + found());
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            take(parser.currentName());
        }
        requireConsistent();
        if (parser.nextToken() != null) {
            throw problem("more text after the end of the configuration");
        }
        return read;
    }

    private void take(String key) {
        Setting<?> setting = Settings.byKey(key);
        if (setting == null && !key.equals(SCHEMA_KEY)) {
            throw problem("unknown key " + quoted(key) + "; " + KeyAdvice.on(key));
        }
        TokenStreamLocation first = seen.putIfAbsent(key, parser.currentTokenLocation());
        if (first != null) {
            throw problem("duplicate key " + quoted(key) + "; it is on line " + first.getLineNr() + " too");
        }
        requireForm(key, setting == null ? Setting.Form.TEXT : setting.form(), parser.nextToken());
        if (setting != null) {
            take(setting);
        }
    }

    private void requireForm(String key, Setting.Form form, JsonToken token) {
        boolean fits =
                switch (form) {
                    case TEXT, PATH -> token == JsonToken.VALUE_STRING;
                    case NUMBER ->
                        token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() == JsonParser.NumberType.INT;
                    case LIST -> token == JsonToken.START_ARRAY;
                    case SWITCH, ON_OFF -> token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
                };
        if (!fits) {
            throw problem(quoted(key) + " must be " + form.description() + ", not " + found());
        }
    }

    private <T> void take(Setting<T> setting) {
        read = read.with(
                setting,
                switch (setting.form()) {
                    case TEXT, PATH -> valid(setting, () -> required(setting, List.of(element(setting))));
                    case NUMBER -> valid(setting, () -> required(setting, List.of(parser.getIntValue())));
                    case SWITCH, ON_OFF -> valid(setting, () -> required(setting, List.of(parser.getBooleanValue())));
                    case LIST -> list(setting);
                });
    }

    private <T> T list(Setting<T> setting) {
        List<Object> elements = new ArrayList<>();
        T list = setting.value(elements);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw problem(
                        quoted(setting.key()) + " must be " + setting.form().description() + ", not of " + found());
            }
            // With those before it, so that the place is that of the first one too many.
            list = valid(setting, () -> {
                elements.add(element(setting));
                return required(setting, elements);
            });
        }
        return list;
    }

    private Object element(Setting<?> setting) {
        return setting.readElement(parser.getString(), directory);
    }

    private static <T> T required(Setting<T> setting, List<?> elements) {
        T value = setting.value(elements);
        setting.require(value);
        return value;
    }

    /** What {@code reading} gives; its complaint gets the place. */
    private <T> T valid(Setting<T> setting, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (ConfigException | IllegalArgumentException e) {
            throw problem(quoted(setting.key()) + ": " + e.getMessage());
        }
    }

    /** Keys that are each right but don't go together. */
    private void requireConsistent() {
        BootProtocolChoice choice = read.get(Settings.BOOT_PROTOCOL);
        BootProtocol protocol = choice == null ? null : choice.protocol();
        if (Boolean.TRUE.equals(read.get(Settings.KASLR)) && protocol != null && protocol != BootProtocol.LINUX64) {
            throw new ConfigException(place(file, place(Settings.KASLR))
                    + "\"kaslr\": true contradicts \"bootProtocol\": \"" + protocol.optionName() + "\" on line "
                    + place(Settings.BOOT_PROTOCOL).getLineNr()
                    + ": only a kernel that is entered by linux64 is moved");
        }
    }

    private TokenStreamLocation place(Setting<?> setting) {
        return seen.getOrDefault(setting.key(), TokenStreamLocation.NA);
    }

    private ConfigException problem(String what) {
        return new ConfigException(place(file, parser.currentTokenLocation()) + Printable.of(what));
    }

    /** Jackson's own limits, on the length of a number for one, come without a place. */
    private static String place(String file, @Nullable TokenStreamLocation location) {
        if (location == null) {
            return file + ": ";
        }
        return file + ":" + location.getLineNr() + ":" + location.getColumnNr() + ": ";
    }

    /** The present value, for a message. */
    private String found() {
        return switch (parser.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "the string " + quoted(parser.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                "the number " + Printable.excerpt(parser.getString(), QUOTED_LENGTH);
            case VALUE_TRUE -> "true";
            case VALUE_FALSE -> "false";
            case VALUE_NULL -> "null";
            case null, default -> "nothing";
        };
    }

    private static String quoted(String text) {
        return Printable.quoted(text, QUOTED_LENGTH);
    }
}
