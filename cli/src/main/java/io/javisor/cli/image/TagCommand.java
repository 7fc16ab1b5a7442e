package io.javisor.cli.image;

import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.store.ImageStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor tag}. */
@Command(
        name = "tag",
        description = "Gives a container image a further name.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class TagCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "SOURCE", description = "The image's name or ID.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "TARGET", description = "The name: NAME[:TAG].")
    private String target = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    TagCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        Reference name = Reference.parse(target);
        if (name.digest().isPresent()) {
            throw new OciException("refusing to create a tag with a digest reference: " + target);
        }
        try (ImageStore store = around.store(spec)) {
            store.tag(store.find(source), name);
        }
        return Statuses.DONE;
    }
}
