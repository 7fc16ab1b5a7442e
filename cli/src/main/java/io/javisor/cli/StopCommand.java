package io.javisor.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code javisor stop}: the power button, and then the plug. */
@Command(
        name = "stop",
        description =
                "Stops containers by the signal that they were made with, and kills what has not ended by then; stops"
                        + " machines by their power button, and powers off what has not ended by then.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footer = {"", "A machine that was started with --acpi off has no power button: it is powered off at once."})
final class StopCommand implements Callable<Integer> {
    @Mixin
    private final NamedMachines machines = new NamedMachines();

    @Mixin
    private final ShutdownTimeout timeout = new ShutdownTimeout();

    @Override
    public Integer call() throws InterruptedException {
        @Nullable Duration limit = timeout.duration();
        return machines.each(machine -> machines.say(machine, machine.stop(limit)));
    }
}
