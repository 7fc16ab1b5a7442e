package io.javisor.cli;

import io.javisor.manager.Instance;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code javisor resume}. */
@Command(
        name = "resume",
        description = "Lets paused machines and containers go on; unpause is the same.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class ResumeCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Override
    public Integer call() throws InterruptedException {
        return machines.each(Instance::resume);
    }
}
