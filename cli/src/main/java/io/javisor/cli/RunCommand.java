package io.javisor.cli;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.ConfigException;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.MachinePlan;
import io.javisor.machine.MemorySize;
import io.javisor.machine.SerialSink;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code javisor run}: boots a guest with its serial console on the terminal. */
@Command(
        name = "run",
        description = "Boots a guest; its serial console is on standard input and output.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footerHeading = "%nExit status:%n",
        footer = {
            "  0     the guest switched itself off, or Ctrl-A x did",
            "  N     the guest wrote N to the debug-exit port 0xf4",
            "  124   the guest's kernel panicked (pvpanic)",
            "  125   javisor failed, or could not do what was asked",
            "  126   KVM could not go on with the guest",
            "  128+n ended by signal n",
            "",
            "On a terminal, Ctrl-A x powers the guest off, Ctrl-A h lists the other escapes."
        })
final class RunCommand implements Callable<Integer> {
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
            defaultValue = "512M",
            description = "RAM, for example 512M or 2G (default: ${DEFAULT-VALUE}).")
    private String memory = "";

    @Option(
            names = {"-c", "--cpus"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Virtual CPUs, 1 to " + MachineConfig.MAX_CPUS + " (default: ${DEFAULT-VALUE}).")
    private int cpus;

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

    @Option(names = "--kaslr", description = "Move the kernel of a bzImage to random addresses.")
    private boolean kaslr;

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

    @Option(names = "--name", paramLabel = "NAME", defaultValue = "javisor", description = "The machine's name.")
    private String name = "";

    @Option(names = "--no-reboot", description = "End when the guest resets, instead of starting it again.")
    private boolean noReboot;

    @Option(names = "--dry-run", description = "Print the resolved machine and end.")
    private boolean dryRun;

    @Option(names = "--json", description = "With --dry-run: as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (json && !dryRun) {
            throw new ConfigException("--json goes with --dry-run");
        }
        MachineConfig config = config();
        if (dryRun) {
            MachinePlan plan = MachinePlan.dryRun(config);
            DryRunReport report = DryRunReport.of(plan);
            spec.commandLine().getOut().print(json ? report.json() : report.table());
            spec.commandLine().getOut().flush();
            return ExitStatus.POWER_OFF;
        }
        return new ConsoleSession(config, spec.commandLine().getErr()).run();
    }

    /** Everything is checked before the default guest is made, which may take minutes. */
    private MachineConfig config() {
        MachineConfig.Builder builder = MachineConfig.builder(kernel == null ? Path.of("") : kernel)
                .name(name)
                .initrd(initrd)
                .commandLine(commandLine)
                .bootProtocol(parseBootProtocol())
                .kaslr(kaslr)
                .acpi(parseAcpi())
                .memoryBytes(MemorySize.parse(memory))
                .cpus(cpus)
                .restartOnReset(!noReboot);
        if (cpu != null) {
            builder.cpu(parse("--cpu", cpu, CpuConfig::parse));
        }
        if (serial != null) {
            builder.serial(serial.stream()
                    .map(sink -> parse("--serial", sink, SerialSink::parse))
                    .toList());
        }
        if (memoryBacking != null) {
            builder.memoryBacking(parse("--memory-backing", memoryBacking, MemoryBackingConfig::parse));
        }
        MachineConfig config = builder.build();
        if (kernel != null) {
            return config;
        }
        DefaultGuest guest = DefaultGuest.ensure(Path.of(System.getProperty("javisor.home", ".")), System.getenv());
        return config.withKernel(guest.kernel(), initrd == null ? guest.initrd() : initrd);
    }

    /** The default guest's kernel has no ACPI: decision 0004. */
    private boolean parseAcpi() {
        String wanted = acpi;
        if (wanted == null) {
            return kernel != null;
        }
        return switch (wanted) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new ConfigException("--acpi: '" + wanted + "' is neither on nor off");
        };
    }

    private @Nullable BootProtocol parseBootProtocol() {
        String wanted = bootProtocol;
        if (wanted == null || wanted.equals("auto")) {
            return null;
        }
        for (BootProtocol protocol : BootProtocol.values()) {
            if (protocol.optionName().equals(wanted.toLowerCase(Locale.ROOT))) {
                return protocol;
            }
        }
        throw new ConfigException("--boot-protocol: '" + wanted + "' is none of auto, "
                + Arrays.stream(BootProtocol.values())
                        .map(BootProtocol::optionName)
                        .collect(Collectors.joining(", ")));
    }

    private static <T> T parse(String option, String text, java.util.function.Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(option + ": " + e.getMessage(), e);
        }
    }
}
