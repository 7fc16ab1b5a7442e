package io.javisor.cli.image;

import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.Usage;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code javisor system df}. */
@Command(
        name = "df",
        description = "Shows how many container images there are and what they take of the disk.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT},
        footer = {
            "",
            "A template has fields in braces: {{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}."
        })
final class DfCommand implements Callable<Integer> {
    private static final String USUAL = "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
    private static final SequencedMap<String, String> HEADINGS = ListOutput.headings(
            "Type", "TYPE", "TotalCount", "TOTAL", "Active", "ACTIVE", "Size", "SIZE", "Reclaimable", "RECLAIMABLE");

    @Mixin
    private ListOutput output = new ListOutput();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    DfCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        ListFormat wanted = output.wanted(false, USUAL, HEADINGS);
        try (ImageStore store = around.store(spec)) {
            output.print(wanted, HEADINGS, List.of(row(store.usage())));
        }
        return Statuses.DONE;
    }

    static ObjectNode row(Usage usage) {
        long percent = usage.sizeBytes() == 0 ? 0 : (long) (100.0 * usage.reclaimableBytes() / usage.sizeBytes());
        return JsonMapper.shared()
                .createObjectNode()
                .put("Type", "Images")
                .put("TotalCount", Integer.toString(usage.images()))
                .put("Active", Integer.toString(usage.active()))
                .put("Size", HumanSize.of(usage.sizeBytes()))
                .put(
                        "Reclaimable",
                        HumanSize.of(usage.reclaimableBytes()) + (usage.sizeBytes() == 0 ? "" : " (" + percent + "%)"));
    }
}
