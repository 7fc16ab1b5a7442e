package io.javisor.cli;

import io.javisor.cli.chart.BootChart;
import io.javisor.cli.config.MachineSettings;
import io.javisor.machine.BootObserver;
import io.javisor.machine.ConfigException;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.MachinePlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
    @Mixin
    private final MachineOptions machine;

    @Option(
            names = "--boot-chart",
            paramLabel = "FILE",
            description = "When the machine ends, write a picture of where the time of its boot went (SVG).")
    private @Nullable Path bootChart;

    @Option(
            names = "--stats",
            arity = "0..1",
            paramLabel = "FORMAT",
            fallbackValue = "table",
            description =
                    "When the machine ends, print what its devices have counted to standard error: table or json.")
    private StatisticsReport.@Nullable Format stats;

    @Option(names = "--dry-run", description = "Print the resolved machine and end.")
    private boolean dryRun;

    @Option(names = "--json", description = "With --dry-run: as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final long startNanos;

    /**
     * Made once a process.
     *
     * @param startNanos when {@code main} began, of {@link System#nanoTime}
     */
    RunCommand(long startNanos) {
        this(startNanos, new MachineOptions());
    }

    private RunCommand(long startNanos, MachineOptions machine) {
        this.startNanos = startNanos;
        this.machine = machine;
    }

    /** What {@link #call} and picocli's handling of its failures come to, for options that were read without picocli. */
    static int runPlain(MachineOptions options) {
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        try {
            return new RunCommand(System.nanoTime(), options).boot(err);
        } catch (Exception e) {
            return ErrorMessages.report(e, err, false);
        }
    }

    @Override
    public Integer call() {
        if (json && !dryRun) {
            throw new ConfigException("--json goes with --dry-run");
        }
        if (dryRun) {
            refuseWithDryRun("--boot-chart", bootChart);
            refuseWithDryRun("--stats", stats);
            MachineConfig config = config();
            MachinePlan plan = MachinePlan.dryRun(config);
            DryRunReport report = DryRunReport.of(plan);
            spec.commandLine().getOut().print(json ? report.json() : report.table());
            spec.commandLine().getOut().flush();
            return ExitStatus.POWER_OFF;
        }
        PrintWriter err = spec.commandLine().getErr();
        if (bootChart == null) {
            return new ConsoleSession(config(), err, BootObserver.NONE, statistics(err)).run();
        }
        try (BootChart chart = BootChart.open(bootChart, startNanos, err)) {
            MachineConfig config = config();
            chart.configured(config);
            Runnable write = chart::close;
            Consumer<Machine> print = statistics(err);
            return new ConsoleSession(config, err, chart.observer(), ended -> {
                        write.run();
                        print.accept(ended);
                    })
                    .run();
        }
    }

    private static void refuseWithDryRun(String option, @Nullable Object value) {
        if (value != null) {
            throw new ConfigException(option + " goes with a boot, and --dry-run does none");
        }
    }

    /** What prints the statistics, once. */
    private Consumer<Machine> statistics(PrintWriter err) {
        StatisticsReport.Format format = stats;
        if (format == null) {
            return _ -> {};
        }
        AtomicBoolean printed = new AtomicBoolean();
        return ended -> {
            if (printed.compareAndSet(false, true)) {
                err.print(new StatisticsReport(ended.statistics()).text(format));
                err.flush();
            }
        };
    }

    private int boot(PrintWriter err) {
        return new ConsoleSession(config(), err).run();
    }

    /** Everything is checked before the default guest is made, which may take minutes. */
    private MachineConfig config() {
        MachineSettings settings = machine.settings();
        Path cache = UserCache.directory(System.getenv());
        MachineConfig config = settings.toConfig().withKernelCache(cache == null ? null : cache.resolve("kernels"));
        if (settings.kernel() != null || config.kernelOnDisk()) {
            return config;
        }
        DefaultGuest guest = DefaultGuest.ensure(Path.of(System.getProperty("javisor.home", ".")), System.getenv());
        if (settings.hasDisk()) {
            // The first disk is the root file system: the guest's own in memory would hide it.
            return config.withKernel(guest.kernel(), settings.initrd());
        }
        return config.withKernel(guest.kernel(), settings.initrd() == null ? guest.initrd() : settings.initrd());
    }
}
