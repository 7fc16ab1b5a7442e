package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code javisor ps}. */
@Command(
        name = "ps",
        description = "Lists machines and containers that run; with --all also those that have ended.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footer = {
            "",
            "CPU is processor time by lifetime, of one processor; RESIDENT what the process has of the host's memory.",
            "A template has names of columns in braces: '{{name}} {{state}} {{engine}} {{cpus}} {{memory}} {{cpu}}"
                    + " {{resident}} {{uptime}} {{disks}} {{nets}} {{ports}}', and {{kind}} {{id}} {{image}}"
                    + " {{command}} {{status}}; \\t is a tab in it, \\n"
                    + " the end of a line."
        })
final class PsCommand implements Callable<Integer> {
    private static final List<String> COLUMNS = List.of(
            "name", "kind", "state", "engine", "cpus", "memory", "cpu", "resident", "uptime", "disks", "nets", "ports");

    /** What a template may have besides. */
    private static final List<String> FURTHER = List.of("id", "image", "command", "status", "names");

    private static final Pattern PLACE = Pattern.compile("\\{\\{ *\\.?([A-Za-z]*) *}}");

    @Option(
            names = {"-a", "--all"},
            description = "Also those that have ended.")
    private boolean all;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description =
                    "Only those with kind=machine|container, name=TEXT, id=TEXT, status=TEXT, exited=N, ancestor=IMAGE"
                            + " or label=NAME[=VALUE]. May be repeated.")
    private List<String> filters = List.of();

    @Option(
            names = {"-n", "--last"},
            paramLabel = "N",
            description = "The last N that were made, ended or not.")
    private @Nullable Integer last;

    @Option(
            names = {"-l", "--latest"},
            description = "The one that was made last.")
    private boolean latest;

    @Option(
            names = {"-q", "--quiet"},
            description = "Names only.")
    private boolean quiet;

    @Option(
            names = "--format",
            paramLabel = "table|json|TEMPLATE",
            description = "How to print them (default: ${DEFAULT-VALUE}).",
            defaultValue = "table")
    private String format = "table";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        requireFormat(format);
        List<MachineSummary> machines = new ArrayList<>();
        long now = System.currentTimeMillis();
        PsFilter filter = PsFilter.parse(filters);
        boolean ended = all || filter.asksForState() || latest || last != null;
        for (Instance machine : chosen(MachineLaunch.instances().list())) {
            MachineSummary summary = summary(machine, now);
            if (summary != null && (ended || !isOver(summary)) && filter.takes(machine, summary)) {
                machines.add(summary);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(quiet ? names(machines) : text(machines));
        out.flush();
        return ExitStatus.POWER_OFF;
    }

    private List<Instance> chosen(List<Instance> present) {
        Integer count = latest ? Integer.valueOf(1) : last;
        if (count == null || count < 0) {
            return present;
        }
        return present.stream()
                .sorted(Comparator.comparingLong(PsCommand::createdMillis).reversed())
                .limit(count)
                .toList();
    }

    /** 0 for one that is removed at this moment. */
    private static long createdMillis(Instance machine) {
        try {
            return machine.entry().about().createdMillis();
        } catch (ConfigException e) {
            return 0;
        }
    }

    private static boolean isOver(MachineSummary machine) {
        return machine.state().equals("stopped") || machine.state().equals("crashed");
    }

    /** Null for one that is removed at this moment. What can't be read is told of and left out. */
    private @Nullable MachineSummary summary(Instance machine, long now) {
        try {
            return MachineSummary.of(machine, now);
        } catch (ConfigException e) {
            if (!machine.entry().isGone()) {
                int _ = ErrorMessages.report(e, spec.commandLine().getErr(), false);
            }
            return null;
        }
    }

    private static String names(List<MachineSummary> machines) {
        StringBuilder text = new StringBuilder();
        machines.forEach(machine -> text.append(machine.name()).append(System.lineSeparator()));
        return text.toString();
    }

    private String text(List<MachineSummary> machines) {
        return switch (format) {
            case "json" ->
                JsonMapper.builder()
                                .enable(SerializationFeature.INDENT_OUTPUT)
                                .build()
                                .writeValueAsString(machines)
                        + System.lineSeparator();
            case "table" -> table(machines);
            default -> {
                String template = format.replace("\\t", "\t").replace("\\n", System.lineSeparator());
                StringBuilder text = new StringBuilder();
                machines.forEach(machine ->
                        text.append(filled(template, machine.cells())).append(System.lineSeparator()));
                yield text.toString();
            }
        };
    }

    private static String table(List<MachineSummary> machines) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(COLUMNS.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList());
        machines.forEach(machine -> rows.add(COLUMNS.stream()
                .map(column -> machine.cells().getOrDefault(column, ""))
                .toList()));
        return Columns.of(COLUMNS.size(), rows);
    }

    private static void requireFormat(String format) {
        if (format.equals("table") || format.equals("json")) {
            return;
        }
        Matcher places = PLACE.matcher(format);
        boolean any = false;
        while (places.find()) {
            any = true;
            String column = places.group(1).toLowerCase(Locale.ROOT);
            if (!COLUMNS.contains(column) && !FURTHER.contains(column)) {
                throw new ConfigException("--format: there is no column '" + places.group(1) + "'; there are "
                        + String.join(", ", COLUMNS) + ", " + String.join(", ", FURTHER));
            }
        }
        if (!any) {
            throw new ConfigException("--format '" + format
                    + "' is neither table nor json, nor a template, which has columns in braces: '{{name}} {{state}}'");
        }
    }

    private static String filled(String template, Map<String, String> cells) {
        return PLACE.matcher(template)
                .replaceAll(place -> Matcher.quoteReplacement(
                        cells.getOrDefault(place.group(1).toLowerCase(Locale.ROOT), "")));
    }
}
