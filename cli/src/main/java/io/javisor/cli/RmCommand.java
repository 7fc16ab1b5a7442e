package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.Instances;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code javisor rm}. */
@Command(
        name = "rm",
        description =
                "Removes machines that have ended, with their logs; their disks stay. Removes containers, with what"
                        + " was written in them.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class RmCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Option(
            names = {"-f", "--force"},
            description = "End those that run.")
    private boolean force;

    @Override
    public Integer call() throws InterruptedException {
        Instances instances = MachineLaunch.instances();
        int status = machines.each(machine -> remove(instances, machine));
        instances.registry().sweep();
        return status;
    }

    private void remove(Instances instances, Instance machine) throws InterruptedException {
        if (force && isLive(machine)) {
            machine.kill();
        }
        instances.remove(machine);
    }

    /** One whose files are damaged is not. */
    private static boolean isLive(Instance machine) {
        try {
            return machine.isLive();
        } catch (ConfigException e) {
            return false;
        }
    }
}
