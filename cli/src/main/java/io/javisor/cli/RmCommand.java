package io.javisor.cli;

import io.javisor.machine.ConfigException;
import io.javisor.manager.live.Stop;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineHold;
import io.javisor.manager.registry.Registry;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code javisor rm}. */
@Command(
        name = "rm",
        description = "Removes machines that have ended, with their logs. Their disks stay.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class RmCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Option(
            names = {"-f", "--force"},
            description = "Power off those that run.")
    private boolean force;

    @Override
    public Integer call() throws InterruptedException {
        int status = machines.each(this::remove);
        Registry.open().sweep();
        return status;
    }

    private void remove(Registry registry, MachineEntry machine) throws InterruptedException {
        if (force && isLive(machine)) {
            Stop.kill(machine);
        }
        if (machine.isGone()
                && registry.list().stream().noneMatch(other -> other.id().equals(machine.id()))) {
            return; // by itself, at its end
        }
        try (MachineHold hold = machine.tryHold()) {
            // Between two processes of a machine that is started again nobody has it.
            if (hold == null || isLive(machine)) {
                throw new ConfigException("machine '" + machine.name()
                        + "' runs; stop it first, or: javisor rm --force " + machine.name());
            }
            registry.remove(hold);
        }
    }

    /** One whose files are damaged is not. */
    private static boolean isLive(MachineEntry machine) {
        try {
            return machine.status().phase().isLive();
        } catch (ConfigException e) {
            return false;
        }
    }
}
