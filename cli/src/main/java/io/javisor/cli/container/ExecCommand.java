package io.javisor.cli.container;

import io.javisor.agent.AgentException;
import io.javisor.container.control.ContainerClient;
import io.javisor.container.control.ContainerClient.Wanted;
import io.javisor.container.control.RemoteProcess;
import io.javisor.container.spec.ContainerOption;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.spec.SpecMaker;
import io.javisor.container.terminal.DetachKeys;
import io.javisor.core.host.TerminalSize;
import io.javisor.core.text.Printable;
import io.javisor.manager.Instance;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor exec}. */
@Command(
        name = "exec",
        description = "Runs a further process in a container that runs.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {
            Statuses.OWN_TEXT,
            Statuses.FAILED_TEXT,
            Statuses.CANT_TEXT,
            Statuses.NOT_FOUND_TEXT,
            Statuses.SIGNAL_TEXT
        })
final class ExecCommand implements Callable<Integer> {
    private static final List<ContainerOption> OPTIONS = List.of(
            ContainerOption.ENV,
            ContainerOption.ENV_FILE,
            ContainerOption.INTERACTIVE,
            ContainerOption.TTY,
            ContainerOption.USER,
            ContainerOption.WORKDIR,
            ContainerOption.PRIVILEGED);

    @Option(
            names = {"-d", "--detach"},
            description = "Return when it runs, and leave it alone.")
    private boolean detach;

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "What has one leave a terminal: ctrl-p,ctrl-q for one.")
    private String keys = "ctrl-p,ctrl-q";

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Its name.")
    private String name = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The program and its arguments.")
    private List<String> command = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final ContainerHost host;
    private @Nullable SpecOptions options;

    private ExecCommand(ContainerHost host) {
        this.host = host;
    }

    /** The command with all its options. */
    static CommandLine commandLine(ContainerHost host) {
        ExecCommand exec = new ExecCommand(host);
        CommandLine command = new CommandLine(exec);
        command.setStopAtPositional(true).setOverwrittenOptionsAllowed(true);
        exec.options = SpecOptions.addTo(command.getCommandSpec(), OPTIONS);
        return command;
    }

    @Override
    public Integer call() throws InterruptedException {
        Instance container = Containers.running(host, name);
        ProcessSpec process = SpecMaker.further(
                Containers.spec(container),
                Objects.requireNonNull(options).options(),
                List.copyOf(command),
                System.getenv());
        if (process.terminal() && process.input() && !detach) {
            Terminal.require();
        }
        DetachKeys leave = Session.keys(keys);
        PrintWriter err = spec.commandLine().getErr();
        Wanted wanted = detach ? Wanted.NOTHING : new Wanted(process.input(), true, true);
        TerminalSize room = Session.room();
        try (RemoteProcess running =
                ContainerClient.of(container.entry()).exec(process, room.rows(), room.columns(), wanted)) {
            if (detach) {
                int _ = running.awaitStart();
                return 0;
            }
            return Session.run(running, process.input(), leave, false, err);
        } catch (AgentException e) {
            err.println("javisor: " + Printable.line(String.valueOf(e.getMessage())));
            err.flush();
            return e.status();
        }
    }
}
