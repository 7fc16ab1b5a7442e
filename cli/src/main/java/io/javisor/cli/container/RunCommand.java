package io.javisor.cli.container;

import io.javisor.container.spec.ContainerOption;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code javisor run IMAGE}. */
@Command(
        name = "run",
        description = "Makes a container of an image and runs it: one process with its files, in a machine of its own.",
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
final class RunCommand implements Callable<Integer> {
    @Option(
            names = {"-d", "--detach"},
            description = "Return when it runs, and print its ID.")
    private boolean detach;

    @Option(
            names = "--sig-proxy",
            arity = "1",
            paramLabel = "true|false",
            description = "Hand signals on to its process (default: true).")
    private boolean handsSignalsOn = true;

    @Mixin
    private final CreateOptions create = new CreateOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final ContainerHost host;
    private @Nullable SpecOptions options;

    private RunCommand(ContainerHost host) {
        this.host = host;
    }

    /** The command with all its options. */
    static CommandLine commandLine(ContainerHost host) {
        RunCommand run = new RunCommand(host);
        CommandLine command = new CommandLine(run).setStopAtPositional(true).setOverwrittenOptionsAllowed(true);
        run.options = SpecOptions.addTo(command.getCommandSpec(), EnumSet.allOf(ContainerOption.class));
        return command;
    }

    @Override
    public Integer call() throws InterruptedException {
        SpecOptions given = Objects.requireNonNull(options);
        boolean terminal = given.isOn(ContainerOption.TTY);
        boolean input = given.isOn(ContainerOption.INTERACTIVE);
        PrintWriter err = spec.commandLine().getErr();
        if (!detach && !create.policy().equals(RestartPolicy.NO)) {
            throw new ConfigException("--restart goes with --detach");
        }
        if (!detach && terminal && input) {
            Terminal.require();
        }
        Registry registry = host.instances().registry();
        if (detach) {
            registry.sweep();
        }
        CreateOptions.Made made = create.make(registry, given.options());
        try (var _ = made.store()) {
            if (!detach) {
                return new Foreground(host, registry, made, handsSignalsOn, create.isRemovedAtEnd(), err).run();
            }
            try {
                // What is wrong is said, and what is missing made, before anything runs elsewhere.
                var _ = host.guest(made.spec().machine().kernel());
                host.instances().of(made.entry()).start();
            } catch (RuntimeException e) {
                registry.discardUnused(made.entry());
                throw e;
            }
        }
        spec.commandLine().getOut().println(made.entry().id());
        spec.commandLine().getOut().flush();
        return 0;
    }
}
