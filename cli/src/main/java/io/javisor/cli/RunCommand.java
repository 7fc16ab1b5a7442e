package io.javisor.cli;

import io.javisor.cli.config.ConfigWriter;
import io.javisor.cli.config.EnvironmentSettings;
import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Settings;
import io.javisor.machine.Machine;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.plan.MachinePlan;
import io.javisor.manager.Instances;
import io.javisor.manager.live.LiveMachine;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineEvent;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
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
            "  126   the engine could not go on with the guest",
            "  128+n ended by signal n",
            "",
            "On a terminal, Ctrl-A x powers the guest off, Ctrl-A h lists the other escapes; Ctrl-A d leaves the"
                    + " machine running."
        })
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    private final MachineOptions machine;

    @Option(
            names = "--stats",
            arity = "0..1",
            paramLabel = "FORMAT",
            fallbackValue = "table",
            description =
                    "When the machine ends, print what its devices have counted to standard error: table or json.")
    private StatisticsReport.@Nullable Format stats;

    @Option(
            names = {"-d", "--detach"},
            description =
                    "Return when the guest runs, print the machine's name, and let it go on; 'javisor console NAME'"
                            + " joins it.")
    private boolean detach;

    @Option(
            names = "--restart",
            paramLabel = "POLICY",
            description = "With --detach: when to start the machine again after its end: " + RestartPolicy.SYNTAX
                    + " (default: no).")
    private @Nullable String restart;

    @Option(names = "--rm", description = "Keep nothing of the machine when it has ended.")
    private boolean remove;

    @Option(names = "--dry-run", description = "Print the resolved machine and end.")
    private boolean dryRun;

    @Option(names = "--json", description = "With --dry-run: as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** The command with all its options. Made once a process. */
    static CommandLine commandLine() {
        MachineOptions machine = new MachineOptions();
        CommandLine command = new CommandLine(new RunCommand(machine));
        OptionTable.addTo(command.getCommandSpec(), machine);
        return command;
    }

    private RunCommand(MachineOptions machine) {
        this.machine = machine;
    }

    /** What {@link #call} and picocli's handling of its failures come to, for options that were read without picocli. */
    static int runPlain(MachineOptions options) {
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        try {
            return new RunCommand(options).boot(err, _ -> {});
        } catch (Exception e) {
            return ErrorMessages.report(e, err, false);
        }
    }

    @Override
    public Integer call() {
        if (json && !dryRun) {
            throw new ConfigException("--json goes with --dry-run");
        }
        if (restart != null && !detach) {
            throw new ConfigException("--restart goes with --detach");
        }
        if (dryRun) {
            return print();
        }
        if (detach) {
            return startDetached();
        }
        PrintWriter err = spec.commandLine().getErr();
        return boot(err, statistics(err));
    }

    private MachineSettings settings() {
        return machine.settings().over(EnvironmentSettings.of(System.getenv()));
    }

    private int print() {
        refuseTogether("--dry-run", "--stats", stats);
        refuseTogether("--dry-run", "--detach", detach ? true : null);
        GuestConfig guest = GuestConfig.planned(settings());
        MachinePlan plan = MachinePlan.dryRun(guest.config(), guest.disks());
        DryRunReport report = DryRunReport.of(plan);
        spec.commandLine().getOut().print(json ? report.json() : report.table());
        spec.commandLine().getOut().flush();
        return ExitStatus.POWER_OFF;
    }

    private int startDetached() {
        refuseTogether("--detach", "--stats", stats); // javisor stats NAME has them
        MachineSettings settings = settings();
        RestartPolicy policy = policy();
        GuestConfig.toRunElsewhere(settings).close(); // what is wrong is said before anything is made
        Instances instances = MachineLaunch.instances();
        Registry registry = instances.registry();
        registry.sweep();
        MachineEntry entry = registry.create(settings.get(Settings.NAME), ConfigWriter.text(settings), policy, remove);
        registry.events().add(entry, MachineEvent.CREATE, "");
        try {
            instances.of(entry).start();
        } catch (RuntimeException e) {
            registry.discardUnused(entry);
            throw e;
        }
        spec.commandLine().getOut().println(entry.name());
        spec.commandLine().getOut().flush();
        return ExitStatus.POWER_OFF;
    }

    private RestartPolicy policy() {
        try {
            RestartPolicy policy = restart == null ? RestartPolicy.NO : RestartPolicy.parse(restart);
            if (remove && !policy.equals(RestartPolicy.NO)) {
                throw new ConfigException("--rm and --restart " + policy + " contradict each other; choose one");
            }
            return policy;
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--restart: " + e.getMessage(), e);
        }
    }

    private int boot(PrintWriter err, Consumer<Machine> afterEnd) {
        MachineSettings settings = settings();
        try (GuestConfig guest = GuestConfig.toRun(settings)) {
            return new ConsoleSession(guest, () -> register(settings), err, afterEnd).run();
        }
    }

    /** A machine that was given no name can do without the registry, where there is no place for one. */
    private @Nullable LiveMachine register(MachineSettings settings) {
        try {
            Registry registry = Registry.open();
            MachineEntry entry = registry.create(
                    settings.get(Settings.NAME),
                    ConfigWriter.text(settings),
                    RestartPolicy.NO,
                    remove || settings.get(Settings.NAME) == null);
            return LiveMachine.of(registry, entry, !remove);
        } catch (ConfigException e) {
            if (settings.get(Settings.NAME) != null) {
                throw e;
            }
            LOG.debug("not among the machines: {}", e.getMessage());
            return null;
        }
    }

    private static void refuseTogether(String option, String other, @Nullable Object value) {
        if (value != null) {
            throw new ConfigException(other + " does not go with " + option);
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
            // Whoever comes second waits for the first one's print: the JVM may end after it.
            synchronized (printed) {
                if (printed.compareAndSet(false, true)) {
                    err.print(new StatisticsReport(ended.statistics()).text(format));
                    err.flush();
                }
            }
        };
    }
}
