package io.javisor.cli;

import io.javisor.manager.Instance;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code javisor start}. */
@Command(
        name = "start",
        description =
                "Starts machines and containers that have ended, detached, with the settings that they were made with.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class StartCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Override
    public Integer call() throws InterruptedException {
        return machines.each(Instance::start);
    }
}
