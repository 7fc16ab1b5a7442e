package io.javisor.cli.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** How a list is printed: as a table with docker's headings, as a JSON object a line, or by a template. */
final class ListFormat {
    private static final String TABLE = "table";

    /** How the option is described. */
    static final String SYNTAX = "table|json|TEMPLATE";

    private enum Kind {
        TABLE,
        JSON,
        TEXT
    }

    private final Kind kind;
    private final Template template;

    private ListFormat(Kind kind, Template template) {
        this.kind = kind;
        this.template = template;
    }

    /**
     * Reads what was given: {@code table} for the table that is usual, {@code table TEMPLATE} for another, {@code json} or a template.
     *
     * @param usual the template of the usual table, with tabs
     * @param names all fields of a row
     * @throws IllegalArgumentException with what is wrong, in one line
     */
    static ListFormat parse(String text, String usual, Set<String> names) {
        Kind kind = text.equals("json")
                ? Kind.JSON
                : text.equals(TABLE) || text.startsWith(TABLE + " ") ? Kind.TABLE : Kind.TEXT;
        String source =
                switch (kind) {
                    case JSON -> "{{json .}}";
                    case TABLE ->
                        text.equals(TABLE)
                                ? usual
                                : text.substring(TABLE.length() + 1).strip();
                    case TEXT -> text;
                };
        Template template = Template.parse(source);
        if (template.hasNoField()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is neither table nor json, nor a template, which has fields in braces: '{{.ID}}'");
        }
        template.requireFields(names);
        return new ListFormat(kind, template);
    }

    /**
     * All lines.
     *
     * @param headings by the names of fields
     */
    String print(Map<String, String> headings, List<ObjectNode> rows) {
        if (kind != Kind.TABLE) {
            StringBuilder text = new StringBuilder();
            rows.forEach(row -> text.append(kind == Kind.JSON ? Json.line(row) : Json.printable(template.fill(row)))
                    .append(System.lineSeparator()));
            return text.toString();
        }
        ObjectNode heads = JsonMapper.shared().createObjectNode();
        headings.forEach(heads::put);
        List<List<String>> cells = new ArrayList<>();
        cells.add(cells(heads));
        rows.forEach(row -> cells.add(cells(row)));
        return Cells.table(cells);
    }

    private List<String> cells(ObjectNode row) {
        return List.of(template.fill(row).split("\t", -1));
    }
}
