package io.javisor.cli.config;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.ConfigException;
import io.javisor.machine.DiskConfig;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.MemorySize;
import io.javisor.machine.NetConfig;
import io.javisor.machine.SerialSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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

    private final String file;
    private final Path directory;
    private final JsonParser parser;
    private final Map<ConfigKey, TokenStreamLocation> seen = new EnumMap<>(ConfigKey.class);

    private @Nullable String name;
    private @Nullable Path kernel;
    private @Nullable Path initrd;
    private @Nullable String commandLine;
    private @Nullable Long memoryBytes;
    private @Nullable MemoryBackingConfig memoryBacking;
    private @Nullable Integer cpus;
    private @Nullable CpuConfig cpu;
    private @Nullable BootProtocolChoice bootProtocol;
    private @Nullable Boolean kaslr;
    private @Nullable Boolean acpi;
    private @Nullable List<SerialSink> serial;
    private @Nullable List<DiskConfig> disks;
    private @Nullable Path cloudInit;
    private @Nullable List<NetConfig> net;
    private @Nullable RngChoice rng;
    private @Nullable Boolean reboot;

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
            // What the parser says of its source is of no use here: the place has it all.
            String reason = e.getOriginalMessage().replaceFirst(" \\(start marker at .*", "");
            throw new ConfigException(place(file, e.getLocation()) + "not JSON: " + printable(reason), e);
        }
    }

    private MachineSettings document() {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw problem("a configuration is a JSON object, not " + found());
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            ConfigKey key = key(parser.currentName());
            requireKind(key, parser.nextToken());
            take(key);
        }
        requireConsistent();
        if (parser.nextToken() != null) {
            throw problem("more text after the end of the configuration");
        }
        return new MachineSettings(
                name,
                kernel,
                initrd,
                commandLine,
                memoryBytes,
                memoryBacking,
                cpus,
                cpu,
                bootProtocol,
                kaslr,
                acpi,
                serial,
                disks,
                cloudInit,
                net,
                rng,
                reboot);
    }

    private ConfigKey key(String text) {
        ConfigKey key = ConfigKey.find(text)
                .orElseThrow(() -> problem("unknown key " + quoted(text) + "; " + ConfigKey.advice(text)));
        TokenStreamLocation first = seen.putIfAbsent(key, parser.currentTokenLocation());
        if (first != null) {
            throw problem("duplicate key " + quoted(text) + "; it is on line " + first.getLineNr() + " too");
        }
        return key;
    }

    private void requireKind(ConfigKey key, JsonToken token) {
        boolean fits =
                switch (key.kind()) {
                    case STRING -> token == JsonToken.VALUE_STRING;
                    case INTEGER ->
                        token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() == JsonParser.NumberType.INT;
                    case STRINGS -> token == JsonToken.START_ARRAY;
                    case BOOLEAN -> token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
                };
        if (!fits) {
            throw problem(quoted(key.key()) + " must be " + key.kind().description() + ", not " + found());
        }
    }

    private void take(ConfigKey key) {
        switch (key) {
            case SCHEMA -> {}
            case NAME -> name = valid(key, parser.getString(), checked(MachineConfig::requireName));
            case KERNEL -> kernel = valid(key, parser.getString(), this::path);
            case INITRD -> initrd = valid(key, parser.getString(), this::path);
            case COMMAND_LINE -> commandLine = parser.getString();
            case MEMORY -> memoryBytes = valid(key, parser.getString(), ConfigReader::memory);
            case MEMORY_BACKING -> memoryBacking = valid(key, parser.getString(), MemoryBackingConfig::parse);
            case CPUS -> cpus = valid(key, parser.getIntValue(), checked(MachineConfig::requireCpus));
            case CPU -> cpu = valid(key, parser.getString(), CpuConfig::parse);
            case BOOT_PROTOCOL -> bootProtocol = valid(key, parser.getString(), ConfigReader::bootProtocol);
            case KASLR -> kaslr = parser.getBooleanValue();
            case ACPI -> acpi = parser.getBooleanValue();
            case SERIAL -> serial = sinks(key);
            case DISKS -> disks = strings(key, this::disk);
            case CLOUD_INIT -> cloudInit = valid(key, parser.getString(), this::path);
            case NET -> net = strings(key, NetConfig::parse);
            case RNG -> rng = valid(key, parser.getString(), RngChoice::parse);
            case REBOOT -> reboot = parser.getBooleanValue();
        }
    }

    /** What {@code reading} makes of a value; its complaint gets the place. */
    private <T, R> R valid(ConfigKey key, T value, Function<T, R> reading) {
        try {
            return reading.apply(value);
        } catch (ConfigException | IllegalArgumentException e) {
            throw problem(quoted(key.key()) + ": " + e.getMessage());
        }
    }

    private static <T> Function<T, T> checked(java.util.function.Consumer<T> check) {
        return value -> {
            check.accept(value);
            return value;
        };
    }

    private static long memory(String text) {
        long bytes = MemorySize.parse(text);
        MachineConfig.requireMemoryBytes(bytes);
        return bytes;
    }

    /** In the case that the schema has: an editor that goes by it would complain of another. */
    private static BootProtocolChoice bootProtocol(String text) {
        if (!BootProtocolChoice.names().contains(text)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is none of " + String.join(", ", BootProtocolChoice.names()));
        }
        return BootProtocolChoice.parse(text);
    }

    private Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a file's path is missing");
        }
        return directory.resolve(text);
    }

    private List<SerialSink> sinks(ConfigKey key) {
        List<SerialSink> sinks = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw problem(quoted(key.key()) + " must be " + key.kind().description() + ", not of " + found());
            }
            sinks.add(valid(key, parser.getString(), this::sink));
            // With those before it, so that the place is that of the first one too many.
            List<SerialSink> _ = valid(key, sinks, checked(MachineConfig::requireSerial));
        }
        return sinks;
    }

    private <T> List<T> strings(ConfigKey key, Function<String, T> reading) {
        List<T> all = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw problem(quoted(key.key()) + " must be " + key.kind().description() + ", not of " + found());
            }
            all.add(valid(key, parser.getString(), reading));
        }
        return all;
    }

    private DiskConfig disk(String text) {
        DiskConfig disk = DiskConfig.parse(text);
        return disk.at(directory.resolve(disk.path()));
    }

    private SerialSink sink(String text) {
        return switch (SerialSink.parse(text)) {
            case SerialSink.ToFile(Path path) -> new SerialSink.ToFile(directory.resolve(path));
            case SerialSink.Socket(Path path) -> new SerialSink.Socket(directory.resolve(path));
            case SerialSink sink -> sink;
        };
    }

    /** Keys that are each right but don't go together. */
    private void requireConsistent() {
        BootProtocol protocol = bootProtocol == null ? null : bootProtocol.protocol();
        boolean moved = kaslr != null && kaslr;
        if (moved && protocol != null && protocol != BootProtocol.LINUX64) {
            throw problem(
                    ConfigKey.KASLR,
                    "\"kaslr\": true contradicts \"bootProtocol\": \"" + protocol.optionName() + "\" on line "
                            + line(ConfigKey.BOOT_PROTOCOL)
                            + ": only a kernel that is entered by linux64 is moved");
        }
    }

    private int line(ConfigKey key) {
        return place(key).getLineNr();
    }

    private TokenStreamLocation place(ConfigKey key) {
        return seen.getOrDefault(key, TokenStreamLocation.NA);
    }

    private ConfigException problem(String what) {
        return new ConfigException(place(file, parser.currentTokenLocation()) + printable(what));
    }

    private ConfigException problem(ConfigKey at, String what) {
        return new ConfigException(place(file, place(at)) + printable(what));
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
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + shortened(parser.getString());
            case VALUE_TRUE -> "true";
            case VALUE_FALSE -> "false";
            case VALUE_NULL -> "null";
            case null, default -> "nothing";
        };
    }

    private static String quoted(String text) {
        return '"' + shortened(text) + '"';
    }

    private static String shortened(String text) {
        return text.length() <= QUOTED_LENGTH ? text : text.substring(0, QUOTED_LENGTH) + "...";
    }

    /** Without control characters, which a terminal might obey. */
    private static String printable(String text) {
        return text.replaceAll("\\p{C}", "?");
    }
}
