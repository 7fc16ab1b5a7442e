package io.javisor.cli.image;

import io.javisor.oci.OciException;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.Removal;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor rmi}. */
@Command(
        name = "rmi",
        description = "Removes names of container images, and the images with their last one.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class RmiCommand implements Callable<Integer> {
    /** How the store says so, in docker's words. */
    private static final String NO_SUCH_IMAGE = "No such image";

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Their names or IDs.")
    private List<String> images = List.of();

    @Option(
            names = {"-f", "--force"},
            description = "Also an image of several names by its ID; one that is not there is no failure.")
    private boolean force;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    RmiCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        try (ImageStore store = around.store(spec)) {
            return Arguments.each(spec, images, image -> remove(store, image));
        }
    }

    private void remove(ImageStore store, String image) {
        Removal removal;
        try {
            removal = store.remove(image, force);
        } catch (OciException e) {
            if (force && String.valueOf(e.getMessage()).startsWith(NO_SUCH_IMAGE)) {
                Arguments.complain(spec, e);
                return;
            }
            throw e;
        }
        PrintWriter out = spec.commandLine().getOut();
        removal.untagged().forEach(name -> out.println("Untagged: " + name.familiar()));
        removal.deleted().forEach(digest -> out.println("Deleted: " + digest));
        out.flush();
    }
}
