package io.javisor.cli;

import io.javisor.manager.Instance;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code javisor kill}. */
@Command(
        name = "kill",
        description = "Powers machines off at once, as if their plug were pulled.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class KillCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Override
    public Integer call() throws InterruptedException {
        return machines.each(Instance::kill);
    }
}
