package io.javisor.cli;

import io.javisor.cli.container.ContainerLogs;
import io.javisor.core.host.RawTerminal;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.logs.LogFiles;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineKind;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code javisor logs}. */
@Command(
        name = "logs",
        description =
                "Prints what a machine's guest wrote to its console (COM1), or a container's process to its standard"
                        + " output and error. The last 4 to 8 MiB are kept, of a container's 16 to 32.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class LogsCommand implements Callable<Integer> {
    private static final int STDOUT = 1;
    private static final long POLL_MILLIS = 50;

    @Parameters(paramLabel = "NAME", description = "The machine or container.")
    private String name = "";

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what the guest writes from now on, until the machine ends.")
    private boolean follow;

    @Option(names = "--since", paramLabel = "TIME", description = "Only what is not older: " + TimeOption.SYNTAX + ".")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Of a container: only what is not newer.")
    private @Nullable String until;

    @Option(
            names = {"-t", "--timestamps"},
            description = "Of a container: begin each line with its time.")
    private boolean times;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "N",
            description = "Only the last N lines.")
    private @Nullable String tail;

    @Option(names = "--javisor", description = "What javisor itself had to say instead. The last 8 to 16 MiB are kept.")
    private boolean own;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Integer lines = lines();
        Instant from = since == null ? null : TimeOption.parse(since, Instant.now());
        if (own && (from != null)) {
            throw new ConfigException("--since goes with the guest's console, not with --javisor");
        }
        Instance instance = MachineLaunch.instances().find(name);
        MachineEntry machine = instance.entry();
        if (machine.kind() == MachineKind.CONTAINER && !own) {
            Instant to = until == null ? null : TimeOption.parse(until, Instant.now());
            return new ContainerLogs(follow, from, to, lines, times).print(instance);
        }
        if (until != null || times) {
            throw new ConfigException("--until and --timestamps go with a container's output");
        }
        // Bytes, as the guest wrote them; but a terminal's answers would be typed where javisor was called.
        OutputStream out = RawTerminal.isTerminal(STDOUT) ? new TerminalQueryFilter(System.out) : System.out;
        try (LogFiles files = LogFiles.open(own ? machine.processLog() : machine.consoleLog())) {
            if (from != null) {
                files.skipTo(from);
            }
            if (lines != null) {
                files.skipToTail(lines);
            }
            boolean more = files.copyTo(out);
            while (follow && (more || isLive(instance))) {
                Thread.sleep(POLL_MILLIS);
                more = files.copyTo(out);
                if (System.out.checkError()) {
                    break; // nobody reads it any more
                }
            }
            boolean _ = follow && files.copyTo(out);
        }
        out.flush();
        return ExitStatus.POWER_OFF;
    }

    /** Null for all. */
    private @Nullable Integer lines() {
        if (tail == null || tail.equals("all")) {
            return null;
        }
        if (!tail.matches("[0-9]{1,9}")) {
            throw new ConfigException("--tail is a number of lines from 0 on, not " + tail);
        }
        return Integer.valueOf(tail);
    }

    private static boolean isLive(Instance machine) {
        return !machine.entry().isGone() && machine.isLive();
    }
}
