package io.javisor.cli;

import io.javisor.cli.config.ConfigFile;
import io.javisor.cli.config.EnvironmentSettings;
import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.logging.Logging;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.ShutdownHook;
import io.javisor.machine.BootObserver;
import io.javisor.machine.Machine;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.host.Console;
import io.javisor.manager.live.LiveMachine;
import io.javisor.manager.live.MachineSpawner;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.Registry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code javisor machine}: what a detached machine's or container's supervisor starts. Says on standard output whether the guest runs; ends with 0 when all is
 * written down, with {@link #AGAIN} to be started again; any other status is an end that is still to be written down, as is a signal.
 */
@Command(name = MachineCommand.NAME, hidden = true, description = "Runs a machine of the registry (internal).")
final class MachineCommand implements Callable<Integer> {
    /** Which no user gives. */
    static final String NAME = "machine";

    /** EX_TEMPFAIL of sysexits.h: the supervisor's script knows it. */
    static final int AGAIN = 75;

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Option(names = "--after", paramLabel = "STATUS", description = "What the process before this one ended with.")
    private @Nullable Integer after;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final AtomicBoolean concluded = new AtomicBoolean();

    @Override
    public Integer call() throws InterruptedException {
        Registry registry = Registry.open();
        LiveMachine live;
        try {
            live = LiveMachine.of(registry, registry.findById(id));
        } catch (RuntimeException e) {
            // It is not this process's to run: told to whoever started it, that is the end.
            say(MachineSpawner.FAILED + e.getMessage());
            int _ = ErrorMessages.report(e, spec.commandLine().getErr(), false);
            return ExitStatus.POWER_OFF;
        }
        bound(live.entry().processLog());
        if (after != null && !live.goesOnAfter(after)) {
            finish(live);
            return ExitStatus.POWER_OFF;
        }
        awaitTurn(live);
        return switch (live.entry().kind()) {
            case MACHINE -> run(live);
            case CONTAINER ->
                new DetachedContainer(live, spec.commandLine().getErr(), () -> say(MachineSpawner.RUNNING))
                        .run((ending, ran) -> conclude(live, ending, ran));
        };
    }

    /** Has the file that standard error leads to give way if it is full: whatever restarts say again and again. */
    private static void bound(Path log) {
        try {
            Logging.open("log", log).close();
        } catch (ConfigException e) {
            // It is deleted, say: standard error leads where it did.
        }
    }

    /** Longer each time that it has to be started again soon after the last. */
    private static void awaitTurn(LiveMachine live) throws InterruptedException {
        long delayMillis = live.awaitsRestart();
        if (delayMillis > 0) {
            ShutdownHook hook = ShutdownHook.install(() -> live.endedBySignal(HostConstants.SIGTERM));
            Thread.sleep(delayMillis);
            hook.remove();
        }
    }

    private int run(LiveMachine live) throws InterruptedException {
        MachineEntry entry = live.entry();
        Ending ending;
        boolean ran = false;
        try {
            live.starting();
            try (GuestConfig guest = GuestConfig.toRun(settings(entry));
                    Machine machine = Machine.create(
                            live.configure(guest.config(), false),
                            guest.disks(),
                            Console.standard(),
                            BootObserver.NONE)) {
                ShutdownHook hook = ShutdownHook.install(() -> endBySignal(live, machine));
                live.attach(machine);
                live.listen();
                machine.start();
                ran = true;
                say(MachineSpawner.RUNNING);
                ending = Ending.of(machine.await());
                hook.remove();
            }
        } catch (RuntimeException | Error e) { // such as a stack or heap that does not suffice
            PrintWriter err = spec.commandLine().getErr();
            int status = ErrorMessages.report(e, err, false);
            ending = new Ending(status, ErrorMessages.line(e), null);
        }
        if (!concluded.compareAndSet(false, true)) {
            return ExitStatus.SIGNAL
                    + HostConstants.SIGTERM; // whose thread writes the end down; to exit is to wait for it
        }
        return conclude(live, ending, ran);
    }

    /** Writes down how it ended. Returns this process's exit status. */
    private int conclude(LiveMachine live, Ending ending, boolean ran) {
        tellLog(ending);
        live.ended(ending.status(), ending.reason());
        if ((ran || after != null) && live.restartsAfterEnd()) {
            live.close();
            return AGAIN;
        }
        if (ran || after != null) {
            finish(live);
        } else {
            live.close(); // who started it may remove it
            say((ending.status() == ExitStatus.OWN_ERROR
                            ? MachineSpawner.FAILED
                            : MachineSpawner.FAILED_WITH + ending.status() + " ")
                    + ending.reason());
        }
        return ExitStatus.POWER_OFF;
    }

    private static MachineSettings settings(MachineEntry entry) {
        return ConfigFile.read(entry.settingsFile()).over(EnvironmentSettings.of(System.getenv()));
    }

    private void endBySignal(LiveMachine live, Machine machine) {
        machine.close();
        if (concluded.compareAndSet(false, true)) {
            live.endedBySignal(HostConstants.SIGTERM);
        }
    }

    private void tellLog(Ending ending) {
        if (ending.message() != null) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("javisor: " + ending.message());
            err.flush();
        }
    }

    private static void finish(LiveMachine live) {
        if (live.entry().about().removeAtEnd()) {
            live.remove();
        } else {
            live.close();
        }
    }

    private void say(String word) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(word.replaceAll("\\R", "; "));
        out.flush();
    }
}
