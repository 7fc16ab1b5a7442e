package io.javisor.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Makes the report, its pictures and the file of ratios out of the samples, and prints how they stand to the last committed ones. */
public final class Report {
    private static final String RATIOS = "ratios.tsv";

    private final Map<String, Map<String, List<Double>>> samples;
    private final Map<String, Statistics.Interval> committed;
    private final String facts;
    private final List<Row.Result> results = new ArrayList<>();
    private final List<Row> missing = new ArrayList<>();

    private Report(
            Map<String, Map<String, List<Double>>> samples,
            Map<String, Statistics.Interval> committed,
            String facts,
            boolean allRows) {
        this.samples = samples;
        this.committed = committed;
        this.facts = facts;
        for (Row row : Row.all()) {
            Row.Result result = row.result(samples.getOrDefault(row.id(), Map.of()));
            if (result != null) {
                results.add(result);
            } else if (allRows) {
                missing.add(row);
            }
        }
    }

    /**
     * Writes the report.
     *
     * @param arguments the samples; the last committed ratios, perhaps empty; a text on the host and the flags; the file to write, beside
     *     which pictures and ratios go; {@code all} to name the rows that were not measured, {@code some} to leave them out
     */
    @SuppressWarnings("SystemOut") // what it is for
    public static void main(String[] arguments) throws IOException {
        Report report = new Report(
                Samples.read(Path.of(arguments[0])),
                readRatios(Path.of(arguments[1])),
                Files.readString(Path.of(arguments[2])),
                arguments[4].equals("all"));
        Path file = Path.of(arguments[3]).toAbsolutePath();
        Path directory = file.resolveSibling("");
        List<String> pictures = new Charts(report.samples, directory).draw();
        Files.writeString(file, report.markdown(pictures));
        Files.writeString(directory.resolve(RATIOS), report.ratios());
        System.out.print(report.console());
    }

    private static Map<String, Statistics.Interval> readRatios(Path file) throws IOException {
        Map<String, Statistics.Interval> ratios = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] fields = line.split("\t", -1);
            if (!line.startsWith("#")) {
                ratios.put(
                        fields[0],
                        new Statistics.Interval(
                                Double.parseDouble(fields[1]),
                                Double.parseDouble(fields[2]),
                                Double.parseDouble(fields[3])));
            }
        }
        return ratios;
    }

    /** Rows that were not measured now keep what is committed. */
    private String ratios() {
        Map<String, Statistics.Interval> all = new LinkedHashMap<>();
        for (Row row : Row.all()) {
            Statistics.Interval earlier = committed.get(row.key());
            if (earlier != null) {
                all.put(row.key(), earlier);
            }
        }
        results.forEach(result -> all.put(result.row().key(), result.interval()));
        StringBuilder text = new StringBuilder("# row\tvalue\tlow\thigh (95 %)\n");
        all.forEach((key, interval) -> text.append(String.format(
                Locale.ROOT, "%s\t%.4f\t%.4f\t%.4f\n", key, interval.value(), interval.low(), interval.high())));
        return text.toString();
    }

    private String console() {
        StringBuilder text = new StringBuilder();
        text.append(String.format("%-46s %-28s %-12s %-9s %s%n", "row", "today", "committed", "reach", ""));
        for (Row.Result result : results) {
            Row row = result.row();
            Statistics.Interval earlier = committed.get(row.key());
            text.append(String.format(
                    "%-46s %-28s %-12s %-9s %s%n",
                    row.title(),
                    result.text(),
                    earlier == null ? "-" : row.format(earlier.value()),
                    row.reachText(),
                    verdict(result)));
        }
        missing.forEach(row -> text.append(String.format("%-46s not measured%n", row.title())));
        return text.toString();
    }

    private String verdict(Row.Result result) {
        Statistics.Interval earlier = committed.get(result.row().key());
        String standing = result.standing();
        return earlier != null && result.worseThan(earlier) ? (standing + " WORSE than committed").strip() : standing;
    }

    private String markdown(List<String> pictures) {
        StringBuilder text = new StringBuilder("# How fast is it?\n\n");
        text.append("Made by `benchmarks/run`; how it is measured is in [performance.md](../../docs/performance.md). ")
                .append("Values are medians; in brackets the interval that holds the true value with 95 % confidence ")
                .append("(bootstrap over pairs).\n\n")
                .append(facts)
                .append("\n## All rows\n\n")
                .append("| | javisor | peer | compared | reach | | last committed | samples |\n")
                .append("|---|---|---|---|---|---|---|---|\n");
        for (Row.Result result : results) {
            Row row = result.row();
            Statistics.Interval earlier = committed.get(row.key());
            text.append("| ")
                    .append(String.join(
                            " | ",
                            row.title(),
                            row.formatSample(result.ours()),
                            row.peer() == null ? "" : row.formatSample(result.theirs()) + " " + row.peer(),
                            result.text(),
                            row.reachText(),
                            verdict(result),
                            earlier == null ? "" : row.format(earlier.value()),
                            Integer.toString(result.samples())))
                    .append(" |\n");
        }
        missing.forEach(row -> text.append("| ").append(row.title()).append(" | not measured | | | | | | |\n"));
        section("exit/", text, this::exits);
        section("exit-tail/", text, this::tail);
        section("dispatch/", text, this::dispatch);
        section("stage/", text, this::stages);
        section("many/", text, this::many);
        section("engine/", text, new EngineFigures(samples)::write);
        for (String picture : pictures) {
            text.append("\n![](").append(picture).append(")\n");
        }
        return text.toString();
    }

    private void section(String rows, StringBuilder text, Consumer<StringBuilder> writer) {
        if (samples.keySet().stream().anyMatch(row -> row.startsWith(rows))) {
            writer.accept(text);
        }
    }

    /** What the added time is for a host whose exits take 1 µs, as hardware's do. */
    private void exits(StringBuilder text) {
        text.append("""

            ## What an exit costs more than in C

            | access | C | javisor | more | ratio here | ratio for an exit of 1 µs |
            |---|---|---|---|---|---|
            """);
        for (Row.Result result : results) {
            if (result.row().id().startsWith("exit/") && result.theirs() != null && result.ours() != null) {
                double more = result.interval().value();
                text.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %.0f ns | %.3f | %.2f |\n",
                        result.row().id().substring("exit/".length()),
                        result.row().formatSample(result.theirs()),
                        result.row().formatSample(result.ours()),
                        more,
                        result.ours() / result.theirs(),
                        (1000 + more) / 1000));
            }
        }
    }

    private void tail(StringBuilder text) {
        text.append("\n## Slow exits (port write)\n\n| | p50 | p99 | p99.9 | longest |\n|---|---|---|---|---|\n");
        for (String series : List.of("c", Row.OURS, "javisor, garbage made")) {
            text.append("| ").append(series);
            for (String percentile : List.of("p50", "p99", "p99.9", "max")) {
                text.append(" | ").append(median("exit-tail/" + percentile, series));
            }
            text.append(" |\n");
        }
    }

    private void dispatch(StringBuilder text) {
        text.append("\n## Dispatch alone\n\n| access | devices | time | allocated |\n|---|---|---|---|\n");
        samples.forEach((row, series) -> {
            if (row.startsWith("dispatch/")) {
                String[] parts = row.split("/", -1);
                text.append("| ")
                        .append(String.join(
                                " | ",
                                parts[1],
                                parts[2],
                                median(row, Row.OURS),
                                String.format(
                                        Locale.ROOT,
                                        "%.4f B",
                                        Statistics.median(
                                                Statistics.array(series.getOrDefault("bytes", List.of(0.0)))))))
                        .append(" |\n");
            }
        });
    }

    private void stages(StringBuilder text) {
        text.append("\n## Cold start in stages\n\n| from exec to | time |\n|---|---|\n");
        for (Map.Entry<String, String> stage : Charts.STAGES.entrySet()) {
            text.append("| ")
                    .append(stage.getValue())
                    .append(" | ")
                    .append(median("stage/" + stage.getKey(), Row.OURS))
                    .append(" |\n");
        }
        text.append("| the guest's first instruction, by the launcher | ")
                .append(median("cold-start", Row.OURS))
                .append(" |\n| the first instruction of a guest of QEMU microvm | ")
                .append(median("cold-start", "qemu"))
                .append(" |\n");
    }

    private void many(StringBuilder text) {
        text.append("\n## 200 machines in one JVM\n\n| | javisor | C |\n|---|---|---|\n");
        text.append("| time of the wall for one more | ")
                .append(median("many/wall", Row.OURS))
                .append(" | ")
                .append(median("many/wall", "c"))
                .append(" |\n| CPU time for one more | ")
                .append(median("many/cpu", Row.OURS))
                .append(" | ")
                .append(median("many/cpu", "c"))
                .append(" |\n");
        List<Double> guest = samples.getOrDefault("many/guest-memory", Map.of()).get(Row.OURS);
        if (guest != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "\nOf the memory of each, the guest's own touched pages are %.2f MiB.\n",
                    Statistics.median(Statistics.array(guest))));
        }
    }

    private String median(String row, String series) {
        List<Double> values = samples.getOrDefault(row, Map.of()).get(series);
        return values == null
                ? "not measured"
                : new Row("", "", null, 0, Row.Measure.NANOS).formatSample(Statistics.median(Statistics.array(values)));
    }
}
