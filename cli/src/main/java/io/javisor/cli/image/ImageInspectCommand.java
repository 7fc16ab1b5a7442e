package io.javisor.cli.image;

import io.javisor.oci.OciException;
import io.javisor.oci.store.ImageStore;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** {@code javisor image inspect}. As docker's, it prints an array in every case, of those that there are. */
@Command(
        name = "inspect",
        description = "Prints all that is known of container images, as a JSON array.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class ImageInspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Their names or IDs.")
    private List<String> images = List.of();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "json|TEMPLATE",
            description = "A line for each instead: its fields in braces, '{{.Id}} {{.Config.Cmd}}', or"
                    + " '{{json .Config}}'; json for all of it.")
    private @Nullable String format;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    ImageInspectCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        Template template = template();
        ArrayNode all = JsonMapper.shared().createArrayNode();
        StringBuilder lines = new StringBuilder();
        int status;
        try (ImageStore store = around.store(spec)) {
            status = Arguments.each(spec, images, image -> {
                ImageDescription description = ImageDescription.of(store.find(image));
                if (template == null) {
                    all.add(description.printed());
                } else {
                    lines.append(filled(template, description)).append(System.lineSeparator());
                }
            });
        }
        PrintWriter out = spec.commandLine().getOut();
        if (template == null && (format == null || !all.isEmpty())) {
            out.println(format != null ? Json.line(all) : all.isEmpty() ? "[]" : Json.lines(all));
        }
        out.print(lines);
        out.flush();
        return status;
    }

    /** Null for JSON. */
    private @Nullable Template template() {
        if (format == null || format.equals("json")) {
            return null;
        }
        try {
            return Template.parse(format);
        } catch (IllegalArgumentException e) {
            throw Arguments.wrong(spec, "--format: " + e.getMessage(), e);
        }
    }

    /** @throws OciException if there is no such field; the others are shown all the same, as docker does */
    private static String filled(Template template, ImageDescription description) {
        try {
            return Json.printable(template.fill(description.whole(), ImageDescription.maps()));
        } catch (IllegalArgumentException e) {
            throw new OciException("--format: " + e.getMessage(), e);
        }
    }
}
