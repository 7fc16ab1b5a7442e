package io.javisor.cli.config;

import io.javisor.machine.DiskConfig;
import io.javisor.machine.MemorySize;
import io.javisor.machine.SerialSink;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes a machine's settings as the configuration file that {@link ConfigFile} reads back to equal ones. */
public final class ConfigWriter {
    private static final JsonFactory FACTORY = JsonFactory.builder().build();

    private final JsonGenerator json;

    private ConfigWriter(JsonGenerator json) {
        this.json = json;
    }

    /** The file's text, but for the name. Paths are absolute, so that it means the same everywhere. */
    public static String text(MachineSettings settings) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            new ConfigWriter(json).write(settings);
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    private void write(MachineSettings settings) {
        string(ConfigKey.KERNEL, path(settings.kernel()));
        string(ConfigKey.INITRD, path(settings.initrd()));
        string(ConfigKey.COMMAND_LINE, settings.commandLine());
        string(ConfigKey.MEMORY, settings.memoryBytes() == null ? null : MemorySize.format(settings.memoryBytes()));
        string(ConfigKey.MEMORY_BACKING, settings.memoryBacking());
        value(ConfigKey.CPUS, settings.cpus(), json::writeNumber);
        string(ConfigKey.CPU, settings.cpu());
        string(ConfigKey.BOOT_PROTOCOL, settings.bootProtocol());
        value(ConfigKey.KASLR, settings.kaslr(), json::writeBoolean);
        value(ConfigKey.ACPI, settings.acpi(), json::writeBoolean);
        strings(ConfigKey.SERIAL, absoluteSinks(settings.serial()));
        strings(ConfigKey.DISKS, absoluteDisks(settings.disks()));
        string(ConfigKey.CLOUD_INIT, path(settings.cloudInit()));
        strings(ConfigKey.NET, settings.net());
        string(ConfigKey.RNG, settings.rng());
        value(ConfigKey.REBOOT, settings.reboot(), json::writeBoolean);
    }

    private static @Nullable Path path(@Nullable Path path) {
        return path == null ? null : path.toAbsolutePath();
    }

    private static @Nullable List<DiskConfig> absoluteDisks(@Nullable List<DiskConfig> disks) {
        return disks == null
                ? null
                : disks.stream()
                        .map(disk -> disk.at(disk.path().toAbsolutePath()))
                        .toList();
    }

    private static @Nullable List<SerialSink> absoluteSinks(@Nullable List<SerialSink> sinks) {
        return sinks == null ? null : sinks.stream().map(ConfigWriter::absolute).toList();
    }

    private static SerialSink absolute(SerialSink sink) {
        return switch (sink) {
            case SerialSink.ToFile(Path path) -> new SerialSink.ToFile(path.toAbsolutePath());
            case SerialSink.Socket(Path path) -> new SerialSink.Socket(path.toAbsolutePath());
            default -> sink;
        };
    }

    private <T> void value(ConfigKey key, @Nullable T value, Consumer<T> writing) {
        if (value != null) {
            json.writeName(key.key());
            writing.accept(value);
        }
    }

    private void string(ConfigKey key, @Nullable Object value) {
        value(key, value, present -> json.writeString(present.toString()));
    }

    private void strings(ConfigKey key, @Nullable List<?> values) {
        value(key, values, present -> {
            json.writeStartArray();
            present.forEach(element -> json.writeString(element.toString()));
            json.writeEndArray();
        });
    }
}
