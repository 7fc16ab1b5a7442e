package io.javisor.cli.container;

import io.javisor.agent.AgentException;
import io.javisor.container.control.ContainerClient;
import io.javisor.container.control.ContainerClient.Wanted;
import io.javisor.container.control.RemoteProcess;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.terminal.DetachKeys;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor attach}. */
@Command(
        name = "attach",
        description = "Joins the process of a container that runs: its standard streams are this terminal's.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED)
final class AttachCommand implements Callable<Integer> {
    @Option(names = "--no-stdin", description = "Send it nothing.")
    private boolean silent;

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "What has one leave a terminal: ctrl-p,ctrl-q for one.")
    private String keys = "ctrl-p,ctrl-q";

    @Option(
            names = "--sig-proxy",
            arity = "1",
            paramLabel = "true|false",
            description = "Hand signals on to its process (default: true).")
    private boolean handsSignalsOn = true;

    @Parameters(paramLabel = "CONTAINER", description = "Its name.")
    private String name = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final ContainerHost host;

    AttachCommand(ContainerHost host) {
        this.host = host;
    }

    @Override
    public Integer call() throws InterruptedException {
        Instance container = Containers.running(host, name);
        ProcessSpec process = Containers.spec(container).process();
        boolean input = process.input() && !silent;
        if (process.terminal() && input) {
            Terminal.require();
        }
        DetachKeys leave = Session.keys(keys);
        try (RemoteProcess first =
                ContainerClient.of(container.entry()).attach(process.terminal(), true, new Wanted(input, true, true))) {
            return Session.run(
                    first, input, leave, handsSignalsOn, spec.commandLine().getErr());
        } catch (AgentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }
}
