package io.javisor.cli.image;

import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code javisor images}. */
@Command(
        name = "images",
        description = "Lists the container images that are here.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT},
        footer = {
            "",
            "SIZE is what an image's files take, unpacked; what images have in common is in each.",
            "A template has fields in braces: {{.Repository}} {{.Tag}} {{.Digest}} {{.ID}} {{.CreatedSince}}"
                    + " {{.CreatedAt}} {{.Size}}, or {{json .}}; \\t is a tab in it, \\n the end of a line. 'table"
                    + " TEMPLATE' makes a table with headings of it."
        })
final class ImagesCommand implements Callable<Integer> {
    private static final String USUAL = "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    private static final String WITH_DIGEST =
            "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    private static final SequencedMap<String, String> HEADINGS = ListOutput.headings(
            "Repository",
            "REPOSITORY",
            "Tag",
            "TAG",
            "Digest",
            "DIGEST",
            "ID",
            "IMAGE ID",
            "CreatedSince",
            "CREATED",
            "CreatedAt",
            "CREATED AT",
            "Size",
            "SIZE");

    @Parameters(
            paramLabel = "REPOSITORY[:TAG]",
            arity = "0..1",
            description = "Only those whose name is this; * stands for any characters but /.")
    private @Nullable String name;

    @Option(
            names = {"-a", "--all"},
            description = "All; there are none that are not listed without it.")
    @SuppressWarnings("UnusedVariable") // docker hides what a build leaves
    private boolean all;

    @Option(
            names = {"-q", "--quiet"},
            description = "IDs only.")
    private boolean quiet;

    @Option(names = "--no-trunc", description = "Whole IDs.")
    private boolean whole;

    @Option(names = "--digests", description = "With digests.")
    private boolean digests;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description = "Only those for which it holds: dangling=true|false (without a tag or not), reference=NAME,"
                    + " label=KEY[=VALUE]. May be repeated.")
    private List<String> filters = List.of();

    @Mixin
    private ListOutput output = new ListOutput();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    ImagesCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        ListFormat wanted = output.wanted(quiet, digests ? WITH_DIGEST : USUAL, HEADINGS);
        ImageFilter filter = filter();
        List<ObjectNode> rows = new ArrayList<>();
        boolean digestRows = digests || output.asksFor("Digest");
        ImageRows maker = new ImageRows(!whole, digestRows, around.clock().instant(), around.zone());
        try (ImageStore store = around.store(spec)) {
            for (StoredImage image : store.images()) {
                maker.of(image, filter).forEach(rows::add);
            }
        }
        output.print(wanted, HEADINGS, rows);
        return Statuses.DONE;
    }

    private ImageFilter filter() {
        List<String> conditions = new ArrayList<>(filters);
        if (name != null) {
            conditions.add("reference=" + name);
        }
        try {
            return ImageFilter.parse(conditions);
        } catch (IllegalArgumentException e) {
            throw Arguments.wrong(spec, "--filter: " + e.getMessage(), e);
        }
    }
}
