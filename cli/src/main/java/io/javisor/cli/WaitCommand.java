package io.javisor.cli;

import io.javisor.core.host.HostConstants;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.Instances;
import io.javisor.manager.registry.EventLog;
import io.javisor.manager.registry.MachineKind;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.MachineStatus;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor wait}. */
@Command(
        name = "wait",
        description =
                "Waits until machines or containers have ended, and prints the exit status that 'run' would have ended"
                        + " with of each. Ends with the last machine's, with 0 after containers.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footer = {
            "",
            "A machine that its policy starts again has not ended. One whose process was killed has 137 (128 +"
                    + " SIGKILL) where it is not known better."
        })
final class WaitCommand implements Callable<Integer> {
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "The machines and containers.")
    private List<String> names = List.of();

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            description = "How long to wait at most; then the exit status is 125 (default: for ever).")
    private int timeoutSeconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Instances instances = MachineLaunch.instances();
        int last = ExitStatus.POWER_OFF;
        for (String name : names) {
            Instance instance = instances.find(name);
            MachineKind kind = instance.entry().kind(); // while it is there
            int status = awaited(name, instance, instances.registry().events());
            spec.commandLine().getOut().println(status);
            spec.commandLine().getOut().flush();
            // Docker's has no other use of its own status.
            last = kind == MachineKind.CONTAINER ? ExitStatus.POWER_OFF : status;
        }
        return last;
    }

    private int awaited(String name, Instance machine, EventLog events) throws InterruptedException {
        MachineKind kind = machine.entry().kind();
        Duration timeout = timeoutSeconds > 0 ? Duration.ofSeconds(timeoutSeconds) : FOR_EVER;
        if (!machine.awaitEnd(timeout)) {
            throw new ConfigException(kind + " '" + name + "' has not ended after " + timeoutSeconds + " s");
        }
        if (machine.entry().isGone()) {
            OptionalInt told = events.lastExitStatus(machine.entry().id()); // of one made with --rm
            if (told.isPresent()) {
                return told.getAsInt();
            }
            throw new ConfigException(kind + " '" + name + "' was removed at its end, and its exit status with it");
        }
        MachineStatus status = machine.entry().status();
        if (status.exitStatus() < 0 && status.phase() != MachinePhase.CRASHED) {
            throw new ConfigException(kind + " '" + name + "' has never run; to start it: javisor start " + name);
        }
        return status.phase() == MachinePhase.CRASHED ? ExitStatus.SIGNAL + HostConstants.SIGKILL : status.exitStatus();
    }
}
