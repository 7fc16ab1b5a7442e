package io.javisor.cli.container;

import io.javisor.container.spec.ContainerOption;
import io.javisor.manager.registry.Registry;
import java.util.EnumSet;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code javisor create}. */
@Command(
        name = "create",
        description = "Makes a container of an image, which start runs.",
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED)
final class CreateCommand implements Callable<Integer> {
    @Mixin
    private final CreateOptions create = new CreateOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final ContainerHost host;
    private @Nullable SpecOptions options;

    private CreateCommand(ContainerHost host) {
        this.host = host;
    }

    /** The command with all its options. */
    static CommandLine commandLine(ContainerHost host) {
        CreateCommand create = new CreateCommand(host);
        CommandLine command = new CommandLine(create);
        command.setStopAtPositional(true).setOverwrittenOptionsAllowed(true);
        create.options = SpecOptions.addTo(command.getCommandSpec(), EnumSet.allOf(ContainerOption.class));
        return command;
    }

    @Override
    public Integer call() {
        Registry registry = host.instances().registry();
        registry.sweep();
        CreateOptions.Made made =
                create.make(registry, Objects.requireNonNull(options).options());
        made.store().close();
        spec.commandLine().getOut().println(made.entry().id());
        spec.commandLine().getOut().flush();
        return 0;
    }
}
