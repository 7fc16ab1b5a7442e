package io.javisor.cli;

import io.javisor.cli.live.MachineSpawner;
import io.javisor.cli.live.Stop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor restart}. */
@Command(
        name = "restart",
        description = "Stops machines as 'stop' does, and starts them again; starts those that have ended.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class RestartCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", arity = "1..*", description = "The machines.")
    private List<String> names = List.of();

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            description = "How long a guest has to shut itself down (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    private int timeoutSeconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        return NamedMachines.each(names, spec, (_, machine) -> {
            if (machine.status().phase().isLive()) {
                Stop.stop(machine, Duration.ofSeconds(Math.max(0, timeoutSeconds)));
            }
            MachineSpawner.start(machine);
        });
    }
}
