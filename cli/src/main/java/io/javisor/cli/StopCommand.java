package io.javisor.cli;

import io.javisor.cli.live.Stop;
import io.javisor.machine.ConfigException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor stop}: the power button, and then the plug. */
@Command(
        name = "stop",
        description = "Stops machines: presses the power button, and powers off what has not ended by then.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footer = {
            "",
            "A machine without ACPI, as the default guest is by itself, has no power button: it is powered off at once."
        })
final class StopCommand implements Callable<Integer> {
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
        if (timeoutSeconds < 0) {
            throw new ConfigException("--timeout is 0 or more seconds, not " + timeoutSeconds);
        }
        return NamedMachines.each(names, spec, (_, machine) -> Stop.stop(machine, Duration.ofSeconds(timeoutSeconds)));
    }
}
