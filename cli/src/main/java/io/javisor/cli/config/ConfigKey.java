package io.javisor.cli.config;

import io.javisor.core.cpu.EditDistance;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The keys of a configuration file. Each but {@link #SCHEMA} is a component of {@link MachineSettings}. */
public enum ConfigKey {
    /** Where editors find the schema; javisor does not look at it. */
    SCHEMA("$schema", "", Kind.STRING),
    NAME("name", "--name", Kind.STRING),
    KERNEL("kernel", "--kernel", Kind.STRING),
    INITRD("initrd", "--initrd", Kind.STRING),
    COMMAND_LINE("commandLine", "--cmdline", Kind.STRING),
    MEMORY("memory", "--memory", Kind.STRING),
    MEMORY_BACKING("memoryBacking", "--memory-backing", Kind.STRING),
    CPUS("cpus", "--cpus", Kind.INTEGER),
    CPU("cpu", "--cpu", Kind.STRING),
    BOOT_PROTOCOL("bootProtocol", "--boot-protocol", Kind.STRING),
    KASLR("kaslr", "--kaslr", Kind.BOOLEAN),
    ACPI("acpi", "--acpi", Kind.BOOLEAN),
    SERIAL("serial", "--serial", Kind.STRINGS),
    DISKS("disks", "--disk", Kind.STRINGS),
    CLOUD_INIT("cloudInit", "--cloud-init", Kind.STRING),
    NET("net", "--net", Kind.STRINGS),
    RNG("rng", "--rng", Kind.STRING),
    REBOOT("reboot", "--reboot", Kind.BOOLEAN);

    /** What a key's value is. */
    public enum Kind {
        STRING("string", "a string"),
        INTEGER("integer", "a whole number"),
        BOOLEAN("boolean", "true or false"),
        STRINGS("array", "a list of strings");

        private final String schemaType;
        private final String description;

        Kind(String schemaType, String description) {
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

    private final String key;
    private final String option;
    private final Kind kind;

    ConfigKey(String key, String option, Kind kind) {
        this.key = key;
        this.option = option;
        this.kind = kind;
    }

    /** As in the file. */
    public String key() {
        return key;
    }

    /** The option that overrides it; empty for none. */
    public String option() {
        return option;
    }

    /** What its value is. */
    public Kind kind() {
        return kind;
    }

    /** The key that is written so. */
    static Optional<ConfigKey> find(String key) {
        return Arrays.stream(values()).filter(known -> known.key.equals(key)).findFirst();
    }

    /** What to do about a key that is not known: the nearest one, by its own name or its option's, or all that there are. */
    static String advice(String unknown) {
        String wanted = canonical(unknown);
        int limit = Math.max(2, wanted.length() / 3);
        return Arrays.stream(values())
                .filter(known -> known.distance(wanted) <= limit)
                .min(Comparator.comparingInt(known -> known.distance(wanted)))
                .map(nearest -> "did you mean \"" + nearest.key + "\"?")
                .orElseGet(() -> "known are "
                        + Arrays.stream(values()).map(ConfigKey::key).collect(Collectors.joining(", ")));
    }

    private int distance(String canonical) {
        return Math.min(
                EditDistance.between(canonical, canonical(key)), EditDistance.between(canonical, canonical(option)));
    }

    private static String canonical(String name) {
        return name.replaceAll("[-_$ ]", "").toLowerCase(Locale.ROOT);
    }
}
