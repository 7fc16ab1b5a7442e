package io.javisor.cli.image;

import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code javisor history}. */
@Command(
        name = "history",
        description = "Shows the steps that a container image was made in, the last one first.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT},
        footer = {
            "",
            "A template has fields in braces: {{.ID}} {{.CreatedSince}} {{.CreatedAt}} {{.CreatedBy}} {{.Size}}"
                    + " {{.Comment}}, or {{json .}}."
        })
final class HistoryCommand implements Callable<Integer> {
    private static final String USUAL = "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
    private static final SequencedMap<String, String> HEADINGS = ListOutput.headings(
            "ID",
            "IMAGE",
            "CreatedSince",
            "CREATED",
            "CreatedAt",
            "CREATED AT",
            "CreatedBy",
            "CREATED BY",
            "Size",
            "SIZE",
            "Comment",
            "COMMENT");

    @Parameters(paramLabel = "IMAGE", description = "Its name or ID.")
    private String image = "";

    @Option(names = "--no-trunc", description = "Whole IDs and commands.")
    private boolean whole;

    @Option(
            names = {"-q", "--quiet"},
            description = "IDs only.")
    private boolean quiet;

    @Mixin
    private ListOutput output = new ListOutput();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    HistoryCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        ListFormat wanted = output.wanted(quiet, USUAL, HEADINGS);
        List<ObjectNode> rows;
        try (ImageStore store = around.store(spec)) {
            StoredImage stored = store.find(image);
            rows = new HistoryRows(!whole, around.clock().instant(), around.zone())
                    .of(stored, store.layerBytes(stored));
        }
        output.print(wanted, HEADINGS, rows);
        return Statuses.DONE;
    }
}
