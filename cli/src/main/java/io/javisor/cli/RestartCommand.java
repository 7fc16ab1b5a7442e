package io.javisor.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code javisor restart}. */
@Command(
        name = "restart",
        description = "Stops machines as 'stop' does, and starts them again; starts those that have ended.",
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
        Duration limit = timeout.duration();
        return machines.each(machine -> {
            if (machine.isLive()) {
                machines.say(machine, machine.stop(limit));
            }
            machine.start();
        });
    }
}
