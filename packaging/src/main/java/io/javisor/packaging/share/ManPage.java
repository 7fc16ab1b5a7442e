package io.javisor.packaging.share;

import static io.javisor.packaging.share.Roff.bold;
import static io.javisor.packaging.share.Roff.italic;
import static io.javisor.packaging.share.Roff.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of one command, in the {@code man} macros that groff and mandoc know. man(7) */
final class ManPage {
    private final CommandSpec spec;
    private final Roff page = new Roff();

    private ManPage(CommandSpec spec) {
        this.spec = spec;
    }

    /** The page's name: {@code javisor-run} for {@code javisor run}. */
    static String name(CommandSpec spec) {
        return spec.qualifiedName("-");
    }

    /**
     * Writes the page.
     *
     * @param version of the whole program
     * @param date year, month and day with hyphens
     */
    static String of(CommandSpec spec, String version, String date) {
        return new ManPage(spec).write(version, date);
    }

    private String write(String version, String date) {
        String program = spec.root().name();
        page.comment("Written at package time from the command's options: changes belong there.");
        page.title(name(spec).toUpperCase(Locale.ROOT), date, program + " " + version, program + " manual");
        page.section("NAME");
        page.line(text(name(spec)) + " \\- " + text(Texts.phrase(spec)));
        page.section("SYNOPSIS");
        page.line(synopsis());
        page.section("DESCRIPTION");
        Texts.paragraphs(spec.usageMessage().description()).forEach(page::paragraph);
        options();
        arguments();
        commands();
        exitStatus();
        footer();
        seeAlso();
        return page.toString();
    }

    private String synopsis() {
        List<String> parts = new ArrayList<>();
        parts.add(bold(spec.qualifiedName()));
        parts.add("[" + italic("OPTION") + "]...");
        for (OptionSpec option : Texts.options(spec)) {
            if (option.required()) {
                parts.add(term(option, option.longestName()));
            }
        }
        for (PositionalParamSpec parameter : parameters()) {
            String label = italic(parameter.paramLabel()) + (parameter.isMultiValue() ? "..." : "");
            parts.add(parameter.arity().min() == 0 ? "[" + label + "]" : label);
        }
        if (!Texts.commands(spec).isEmpty()) {
            parts.add(italic("COMMAND") + " ...");
        }
        return String.join(" ", parts);
    }

    private void options() {
        List<OptionSpec> options = new ArrayList<>(Texts.options(spec));
        if (spec.usageMessage().sortOptions()) {
            options.sort(Comparator.comparing(option -> option.longestName().replaceFirst("^-+", "")));
        }
        if (!options.isEmpty()) {
            page.section("OPTIONS");
        }
        for (OptionSpec option : options) {
            String names =
                    Stream.of(option.names()).map(name -> term(option, name)).collect(Collectors.joining(", "));
            page.item(names, Texts.paragraphs(option.description()));
        }
    }

    private String term(OptionSpec option, String name) {
        String shown = option.negatable() ? spec.negatableOptionTransformer().makeSynopsis(name, spec) : name;
        if (!Texts.takesValue(option)) {
            return bold(shown);
        }
        String value = (name.startsWith("--") ? "=" : " ") + italic(option.paramLabel());
        return bold(shown) + (option.arity().min() == 0 ? "[" + value + "]" : value);
    }

    private List<PositionalParamSpec> parameters() {
        return spec.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .toList();
    }

    private void arguments() {
        if (!parameters().isEmpty()) {
            page.section("ARGUMENTS");
        }
        parameters()
                .forEach(parameter ->
                        page.item(italic(parameter.paramLabel()), Texts.paragraphs(parameter.description())));
    }

    private void commands() {
        List<CommandSpec> commands = Texts.commands(spec);
        if (!commands.isEmpty()) {
            page.section("COMMANDS");
        }
        for (CommandSpec command : commands) {
            String see = Texts.summary(command) + "; see " + name(command) + "(1).";
            page.item(bold(command.name()), List.of(see));
        }
    }

    private void exitStatus() {
        if (spec.usageMessage().exitCodeList().isEmpty()) {
            return;
        }
        page.section("EXIT STATUS");
        spec.usageMessage()
                .exitCodeList()
                .forEach((status, meaning) -> page.item(bold(status), List.of(Texts.plain(meaning))));
    }

    /** Lines that start with white space are a table, which keeps its lines. */
    private void footer() {
        List<String> lines = Texts.paragraphs(spec.usageMessage().footer());
        if (lines.isEmpty()) {
            return;
        }
        String heading =
                Texts.plain(spec.usageMessage().footerHeading()).strip().replaceFirst(":$", "");
        page.section(heading.isEmpty() ? "NOTES" : heading.toUpperCase(Locale.ROOT));
        List<String> table = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(" ")) {
                table.add(line);
                continue;
            }
            page.table(table);
            table.clear();
            if (!line.isBlank()) {
                page.paragraph(line);
            }
        }
        page.table(table);
    }

    private void seeAlso() {
        CommandSpec parent = spec.parent() == null ? spec : spec.parent();
        List<String> names = Stream.concat(Stream.of(parent), Texts.commands(parent).stream())
                .filter(other -> !name(other).equals(name(spec)))
                .map(ManPage::name)
                .sorted()
                .toList();
        if (names.isEmpty()) {
            return;
        }
        page.section("SEE ALSO");
        page.line(names.stream().map(name -> bold(name) + "(1)").collect(Collectors.joining(", ")));
    }
}
