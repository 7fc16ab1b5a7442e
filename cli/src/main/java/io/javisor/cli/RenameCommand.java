package io.javisor.cli;

import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.Registry;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code javisor rename}. */
@Command(
        name = "rename",
        description = "Gives a machine another name, whether it runs or not.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class RenameCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "The machine.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "NEW-NAME", description = "What it is called from now on.")
    private String newName = "";

    @Override
    public Integer call() {
        Registry registry = Registry.open();
        MachineEntry _ = registry.rename(registry.find(name), newName);
        return ExitStatus.POWER_OFF;
    }
}
