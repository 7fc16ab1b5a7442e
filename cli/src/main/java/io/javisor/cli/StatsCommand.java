package io.javisor.cli;

import io.javisor.core.host.RawTerminal;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.Instances;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code javisor stats}. */
@Command(
        name = "stats",
        description = "Shows what machines that run take of the host: on a terminal again and again, else once.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footer = {
            "",
            "CPU is of one processor, over the time since the last figures; MEMORY the guest's, less what is in its"
                + " balloon; DISK and NET are totals, read / written and received / sent. Of machines that are named"
                + " the instructions follow that the software engine carried out singly most often. JSON has what the"
                + " engine has counted, too."
        })
final class StatsCommand implements Callable<Integer> {
    private static final int STDOUT = 1;
    private static final String CLEAR = "\033[H\033[J"; // ECMA-48: CUP, ED

    /** How figures are written. */
    enum Format {
        TABLE,
        JSON
    }

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "The machines (default: all that run).")
    private List<String> names = List.of();

    @Option(
            names = "--stream",
            negatable = true,
            description = "Again and again, or once (default: again and again on a terminal).")
    private @Nullable Boolean stream;

    @Option(
            names = "--format",
            paramLabel = "table|json",
            description = "A table, or a JSON array each time (default: table).")
    private Format format = Format.TABLE;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "The time between two looks (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private double intervalSeconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (!(intervalSeconds >= 0.05 && intervalSeconds <= 3600)) {
            throw new ConfigException("--interval is 0.05 to 3600 seconds, not " + intervalSeconds);
        }
        Instances instances = MachineLaunch.instances();
        List<Instance> named = new ArrayList<>();
        int status = ExitStatus.POWER_OFF;
        for (String name : names) {
            try {
                Instance machine = instances.find(name);
                machine.requireLive();
                named.add(machine);
            } catch (ConfigException e) {
                CommandLine command = spec.commandLine();
                status = ErrorMessages.report(e, command.getErr(), ErrorMessages.isVerbose(command));
            }
        }
        if (named.isEmpty() && !names.isEmpty()) {
            return status;
        }
        boolean terminal = RawTerminal.isTerminal(STDOUT);
        boolean again = stream == null ? terminal : stream;
        Map<String, MachineUsage> before = new HashMap<>();
        look(instances, named, before);
        do {
            Thread.sleep((long) (intervalSeconds * 1000));
            List<MachineUsage.Figures> figures = look(instances, named, before);
            PrintWriter out = spec.commandLine().getOut();
            out.print((again && terminal && format == Format.TABLE ? CLEAR : "") + text(figures));
            out.flush();
            again &= !out.checkError() && (named.isEmpty() || !figures.isEmpty());
        } while (again);
        return status;
    }

    /** @param before what was seen of each at the last look, which this one replaces */
    private static List<MachineUsage.Figures> look(
            Instances instances, List<Instance> named, Map<String, MachineUsage> before) throws InterruptedException {
        List<MachineUsage.Figures> figures = new ArrayList<>();
        for (Instance machine : named.isEmpty() ? instances.list() : named) {
            MachineUsage now = MachineUsage.of(machine);
            MachineUsage last = now == null
                    ? before.remove(machine.entry().id())
                    : before.put(machine.entry().id(), now);
            if (now != null) {
                figures.add(now.since(machine.name(), last));
            }
        }
        return figures;
    }

    private String text(List<MachineUsage.Figures> figures) {
        if (format == Format.JSON) {
            return JsonMapper.shared().writeValueAsString(figures) + System.lineSeparator();
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "ENGINE", "CPU", "RESIDENT", "GUEST MEMORY", "DISK", "NET", "CONSOLE"));
        for (MachineUsage.Figures row : figures) {
            rows.add(List.of(
                    row.name(),
                    row.engine(),
                    Numbers.percent(row.cpuPercent()),
                    Numbers.bytes(row.residentBytes()),
                    memory(row),
                    pair(row.diskReadBytes(), row.diskWrittenBytes()),
                    pair(row.netReceivedBytes(), row.netSentBytes()),
                    Numbers.bytes(row.consoleBytes())));
        }
        return Columns.of(8, rows) + (names.isEmpty() ? "" : steps(figures));
    }

    /** For machines that were named, for it is no overview. */
    static String steps(List<MachineUsage.Figures> figures) {
        List<List<String>> rows = new ArrayList<>();
        for (MachineUsage.Figures machine : figures) {
            for (JsonNode step : machine.steps()) {
                rows.add(List.of(
                        machine.name(),
                        step.path("instruction").asString(""),
                        step.path("reason").asString(""),
                        Long.toString(step.path("count").asLong(0))));
            }
        }
        if (rows.isEmpty()) {
            return "";
        }
        rows.addFirst(List.of("NAME", "INSTRUCTION", "REASON", "STEPS"));
        return System.lineSeparator() + Columns.of(4, rows);
    }

    private static String memory(MachineUsage.Figures row) {
        String whole = Numbers.bytes(row.memoryBytes());
        return row.balloonBytes() == 0 ? whole : whole + " - " + Numbers.bytes(row.balloonBytes());
    }

    private static String pair(long in, long out) {
        return Numbers.bytes(in) + " / " + Numbers.bytes(out);
    }
}
