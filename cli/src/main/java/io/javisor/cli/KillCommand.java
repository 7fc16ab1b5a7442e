package io.javisor.cli;

import io.javisor.container.spec.Signals;
import io.javisor.manager.Instance;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code javisor kill}. */
@Command(
        name = "kill",
        description = "Powers machines off at once, as if their plug were pulled, and ends containers; or sends their"
                + " processes a signal.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class KillCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            description = "Send this to a container's process, by its name or number, instead of SIGKILL.")
    private @Nullable String signal;

    @Override
    public Integer call() throws InterruptedException {
        if (signal == null) {
            return machines.each(Instance::kill);
        }
        int number = Signals.number(signal);
        return machines.each(machine -> machine.signal(number));
    }
}
