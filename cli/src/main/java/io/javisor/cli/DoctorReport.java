package io.javisor.cli;

import io.javisor.machine.doctor.Check;
import io.javisor.machine.doctor.HostReport;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.ColorScheme;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A host report as {@code doctor} prints it: lines for people, or JSON of the same content. */
record DoctorReport(HostReport report) {
    /** The JSON's shape. Its names are promised: {@code docs/cli.md}. */
    record Document(boolean canRun, List<Row> checks) {}

    /** A check; status is ok, warning or failure, and remedy null where it is ok. */
    record Row(
            String id,
            String status,
            String found,
            @Nullable String remedy) {}

    String json() {
        Document document = new Document(
                report.canRun(),
                report.checks().stream()
                        .map(check -> new Row(check.id(), word(check.status()), check.found(), check.remedy()))
                        .toList());
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(document) + "\n";
    }

    String text(ColorScheme colors) {
        int idWidth = report.checks().stream()
                .mapToInt(check -> check.id().length())
                .max()
                .orElse(0);
        StringBuilder text = new StringBuilder();
        for (Check check : report.checks()) {
            String status = word(check.status());
            text.append(colored(colors, check.status()))
                    .append(" ".repeat("failure".length() + 2 - status.length()))
                    .append(check.id())
                    .append(" ".repeat(idWidth + 2 - check.id().length()))
                    .append(check.found())
                    .append('\n');
            if (check.remedy() != null) {
                text.append(" ".repeat("failure".length() + 2))
                        .append("try: ")
                        .append(check.remedy())
                        .append('\n');
            }
        }
        return text.append('\n').append(conclusion()).append('\n').toString();
    }

    private String conclusion() {
        long warnings = report.count(Check.Status.WARNING);
        long failures = report.count(Check.Status.FAILURE);
        String of = plural(failures, "failure") + ", " + plural(warnings, "warning") + ".";
        return (report.canRun() ? "javisor can run here: " : "javisor can't run here: ") + of;
    }

    private static String plural(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    private static String colored(ColorScheme colors, Check.Status status) {
        String style =
                switch (status) {
                    case OK -> "green";
                    case WARNING -> "yellow";
                    case FAILURE -> "bold,red";
                };
        return colors.ansi().string("@|" + style + " " + word(status) + "|@");
    }

    private static String word(Check.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
