package io.javisor.cli;

import io.javisor.cli.config.BootProtocolChoice;
import io.javisor.cli.config.ConfigFile;
import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.RngChoice;
import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.machine.ConfigException;
import io.javisor.machine.DiskConfig;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.MemorySize;
import io.javisor.machine.NetConfig;
import io.javisor.machine.PublishedPort;
import io.javisor.machine.SerialSink;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what a machine is to be. None has a default here, so that what was not given is known. */
final class MachineOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Read the machine's settings from a JSON file. Other options override what it says.")
    private @Nullable Path config;

    @Option(
            names = "--kernel",
            paramLabel = "FILE",
            description = "A Linux kernel, as a bzImage (vmlinuz) or uncompressed, or another ELF image. Without it,"
                    + " javisor's default guest, which is made the first time.")
    private @Nullable Path kernel;

    @Option(names = "--initrd", paramLabel = "FILE", description = "The initial RAM disk.")
    private @Nullable Path initrd;

    @Option(
            names = "--cmdline",
            paramLabel = "STRING",
            description = "The kernel's parameters, instead of: " + MachineConfig.DEFAULT_COMMAND_LINE
                    + ". What the machine and the host need is added.")
    private @Nullable String commandLine;

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "RAM, for example 512M or 2G (default: 512M).")
    private @Nullable String memory;

    @Option(
            names = {"-c", "--cpus"},
            paramLabel = "N",
            description = "Virtual CPUs, 1 to " + MachineConfig.MAX_CPUS + " (default: 1).")
    private @Nullable Integer cpus;

    @Option(
            names = "--cpu",
            paramLabel = "TEMPLATE[,±FEATURE...]",
            description =
                    "What the CPUs can do. Templates: host, software (for hosts without VT-x or AMD-V; chosen there by"
                            + " itself), x86-64-v2, x86-64-v3. Features as in /proc/cpuinfo, for example host,-avx2.")
    private @Nullable String cpu;

    @Option(
            names = "--memory-backing",
            paramLabel = "KIND[,OPTION...]",
            description = "What the host backs the RAM with: " + MemoryBackingConfig.SYNTAX + " (default: anon).")
    private @Nullable String memoryBacking;

    @Option(
            names = "--boot-protocol",
            paramLabel = "NAME",
            description =
                    "How the kernel is entered: auto, linux64, pvh, or by a bzImage's own entry: bzimage (the best"
                            + " that it has), bzimage64, bzimage32, bzimage16 (default: auto, by the image).")
    private @Nullable String bootProtocol;

    @Option(
            names = "--kaslr",
            negatable = true,
            description = "Move the kernel of a bzImage to random addresses (default: no).")
    private @Nullable Boolean kaslr;

    @Option(
            names = "--acpi",
            paramLabel = "on|off",
            description =
                    "Describe the machine by ACPI tables, or by an MP table and the command line (default: on; off for"
                            + " the default guest).")
    private @Nullable String acpi;

    @Option(
            names = "--serial",
            paramLabel = "SINK",
            description = "Where a serial port ends: " + SerialSink.SYNTAX + ". Once for each of COM1 to COM4 (default:"
                    + " one on stdio). A file is emptied first; 'javisor console PATH' attaches to a socket.")
    private @Nullable List<String> serial;

    @Option(
            names = "--disk",
            paramLabel = "FILE[,OPTION...]",
            description = "A disk: a raw image or a block device. Once for each: /dev/vda, /dev/vdb and so on. Options:"
                    + " readonly, cache=writeback|writethrough|none|unsafe, serial=TEXT, queues=N, iops=N,"
                    + " bandwidth=SIZE (a second). Without --kernel the first one boots: with its own kernel if it has"
                    + " partitions, else as the root of the default guest's.")
    private @Nullable List<String> disks;

    @Option(
            names = "--cloud-init",
            paramLabel = "FILE",
            description =
                    "Add a seed disk with this user-data for cloud-init in the guest (NoCloud), after the other disks.")
    private @Nullable Path cloudInit;

    @Option(
            names = "--net",
            paramLabel = "tap|user[,OPTION...]",
            description = "A network card, once for each. On a tap of the host's; options: ifname=NAME, bridge=NAME,"
                    + " queues=N, mtu=N, mac=ADDRESS. Or on the host's own network, without root, by passt; options:"
                    + " publish=" + PublishedPort.SYNTAX + " (once for each), mac=ADDRESS.")
    private @Nullable List<String> net;

    @Option(
            names = "--rng",
            paramLabel = "on|off|rate=SIZE",
            description = "A virtio source of random bytes, for example rate=1K for at most so many a second"
                    + " (default: off).")
    private @Nullable String rng;

    @Option(names = "--name", paramLabel = "NAME", description = "The machine's name (default: javisor).")
    private @Nullable String name;

    @Option(
            names = "--reboot",
            negatable = true,
            description = "Start the guest again when it resets, or end then (default: start it again).")
    private @Nullable Boolean reboot;

    /**
     * Takes an option with its value as picocli would.
     *
     * @param option its long name
     * @return false for an option or a value that is left to picocli
     */
    boolean take(String option, String value) {
        switch (option) {
            case "--config" -> config = Path.of(value);
            case "--kernel" -> kernel = Path.of(value);
            case "--initrd" -> initrd = Path.of(value);
            case "--cmdline" -> commandLine = value;
            case "--memory" -> memory = value;
            case "--cpu" -> cpu = value;
            case "--memory-backing" -> memoryBacking = value;
            case "--boot-protocol" -> bootProtocol = value;
            case "--acpi" -> acpi = value;
            case "--serial" -> serial = List.of(value);
            case "--disk" -> disks = List.of(value);
            case "--cloud-init" -> cloudInit = Path.of(value);
            case "--net" -> net = List.of(value);
            case "--rng" -> rng = value;
            case "--name" -> name = value;
            case "--cpus" -> {
                if (!isShortNumber(value)) {
                    return false;
                }
                cpus = Integer.valueOf(value);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** As {@link #take}, of an option that has no value. One that is said together with its opposite is the last one's. */
    boolean takeSwitch(String option) {
        switch (option) {
            case "--kaslr" -> kaslr = true;
            case "--no-kaslr" -> kaslr = false;
            case "--reboot" -> reboot = true;
            case "--no-reboot" -> reboot = false;
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean isShortNumber(String text) {
        return text.length() < 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /**
     * What the options say, and where they are silent the configuration file.
     *
     * @throws ConfigException naming an option, or a place in the file, whose value can't be read
     */
    MachineSettings settings() {
        MachineSettings given = given();
        return config == null ? given : given.over(ConfigFile.read(config));
    }

    private MachineSettings given() {
        return new MachineSettings(
                name,
                kernel,
                initrd,
                commandLine,
                memory == null ? null : MemorySize.parse(memory),
                parse("--memory-backing", memoryBacking, MemoryBackingConfig::parse),
                cpus,
                parse("--cpu", cpu, CpuConfig::parse),
                parse("--boot-protocol", bootProtocol, BootProtocolChoice::parse),
                kaslr,
                parse("--acpi", acpi, MachineOptions::parseSwitch),
                parse("--serial", serial, MachineOptions::parseSinks),
                parse("--disk", disks, MachineOptions::parseDisks),
                cloudInit,
                parse("--net", net, MachineOptions::parseNet),
                parse("--rng", rng, RngChoice::parse),
                reboot);
    }

    private static boolean parseSwitch(String text) {
        return switch (text) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither on nor off");
        };
    }

    private static List<SerialSink> parseSinks(List<String> sinks) {
        return sinks.stream().map(SerialSink::parse).toList();
    }

    private static List<DiskConfig> parseDisks(List<String> disks) {
        return disks.stream().map(DiskConfig::parse).toList();
    }

    private static List<NetConfig> parseNet(List<String> cards) {
        return cards.stream().map(NetConfig::parse).toList();
    }

    private static <T, R> @Nullable R parse(String option, @Nullable T given, Function<T, R> parser) {
        if (given == null) {
            return null;
        }
        try {
            return parser.apply(given);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(option + ": " + e.getMessage(), e);
        }
    }
}
