package io.javisor.cli;

import io.javisor.machine.config.MemorySize;
import io.javisor.manager.live.Control;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineEvent;
import io.javisor.manager.registry.Registry;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code javisor resize}. */
@Command(
        name = "resize",
        description = {
            "Makes a disk of a running machine larger, and its image with it. The guest has to grow its file"
                    + " system itself.",
            "Or gives its balloon another size: the guest gives that much memory back, as far as it can."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class ResizeCommand implements Callable<Integer> {
    private static final String BALLOON = "balloon";

    @Parameters(index = "0", paramLabel = "NAME", description = "The machine.")
    private String name = "";

    @Parameters(
            index = "1",
            paramLabel = "DEVICE",
            description = "The disk: disk0 is /dev/vda, disk1 /dev/vdb, and so on; or balloon.")
    private String device = "";

    @Parameters(index = "2", paramLabel = "SIZE", description = "Its new size, for example 4G; a balloon's may be 0.")
    private String size = "";

    @Override
    public Integer call() throws InterruptedException {
        boolean balloon = device.equals(BALLOON);
        long sizeBytes = balloon && size.equals("0") ? 0 : MemorySize.parse(size);
        Registry registry = Registry.open();
        MachineEntry machine = registry.find(name);
        JsonNode _ =
                Control.ask(machine, "PATCH", balloon ? BALLOON : "disks/" + device, Map.of("sizeBytes", sizeBytes));
        registry.events().add(machine, MachineEvent.RESIZE, device + " to " + MemorySize.format(sizeBytes));
        return ExitStatus.POWER_OFF;
    }
}
