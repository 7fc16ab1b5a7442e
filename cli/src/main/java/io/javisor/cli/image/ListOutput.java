package io.javisor.cli.image;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** How a command prints its list. */
final class ListOutput {
    private static final String TABLE = "table";

    @Option(
            names = "--format",
            paramLabel = ListFormat.SYNTAX,
            description = "How to print it (default: ${DEFAULT-VALUE}).",
            defaultValue = TABLE)
    private String format = TABLE;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Headings by the names of their fields, given in turn. */
    static SequencedMap<String, String> headings(String... fieldsAndHeadings) {
        SequencedMap<String, String> headings = new LinkedHashMap<>();
        for (int i = 0; i < fieldsAndHeadings.length; i += 2) {
            headings.put(fieldsAndHeadings[i], fieldsAndHeadings[i + 1]);
        }
        return headings;
    }

    /** Whether the user's own template has a field. */
    boolean asksFor(String field) {
        return format.contains("." + field);
    }

    /**
     * What is asked for. As docker's, IDs alone go before the usual table, and a template before these.
     *
     * @param usual the template of the usual table
     */
    ListFormat wanted(boolean idsOnly, String usual, SequencedMap<String, String> headings) {
        return Arguments.format(spec, idsOnly && format.equals(TABLE) ? "{{.ID}}" : format, usual, headings.keySet());
    }

    void print(ListFormat wanted, SequencedMap<String, String> headings, List<ObjectNode> rows) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(wanted.print(headings, rows));
        out.flush();
    }
}
