package io.javisor.cli;

import io.javisor.manager.Instance;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code javisor pause}. */
@Command(
        name = "pause",
        description = "Stops the virtual CPUs of machines and containers; their memory and devices stay.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class PauseCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Override
    public Integer call() throws InterruptedException {
        return machines.each(Instance::pause);
    }
}
