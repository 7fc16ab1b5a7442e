package io.javisor.cli;

import io.javisor.core.host.HostConstants;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.MachineStatus;
import java.time.Duration;
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
                "Waits until a machine has ended, prints the exit status that 'run' would have ended with, and ends"
                        + " with it.",
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

    @Parameters(paramLabel = "NAME", description = "The machine.")
    private String name = "";

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
        Instance machine = MachineLaunch.instances().find(name);
        Duration timeout = timeoutSeconds > 0 ? Duration.ofSeconds(timeoutSeconds) : FOR_EVER;
        if (!machine.awaitEnd(timeout)) {
            throw new ConfigException("machine '" + name + "' has not ended after " + timeoutSeconds + " s");
        }
        if (machine.entry().isGone()) {
            throw new ConfigException("machine '" + name + "' was removed at its end, and its exit status with it");
        }
        MachineStatus status = machine.entry().status();
        if (status.exitStatus() < 0 && status.phase() != MachinePhase.CRASHED) {
            throw new ConfigException("machine '" + name + "' has never run; to start it: javisor start " + name);
        }
        int exitStatus = status.phase() == MachinePhase.CRASHED
                ? ExitStatus.SIGNAL + HostConstants.SIGKILL
                : status.exitStatus();
        spec.commandLine().getOut().println(exitStatus);
        spec.commandLine().getOut().flush();
        return exitStatus;
    }
}
