package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code javisor restart}. */
@Command(
        name = "restart",
        description =
                "Stops machines and containers as 'stop' does, and starts them again; starts those that have ended.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class RestartCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Mixin
    private final ShutdownTimeout timeout = new ShutdownTimeout();

    @Override
    public Integer call() throws InterruptedException {
        @Nullable Duration limit = timeout.duration();
        return machines.each(machine -> {
            if (machine.isLive()) {
                if (machine.entry().about().removeAtEnd()) {
                    throw new ConfigException(machine.entry().kind() + " '" + machine.name()
                            + "' was made with --rm, and is removed at its end; stop it and run another");
                }
                machines.say(machine, machine.stop(limit));
            }
            machine.start();
        });
    }
}
