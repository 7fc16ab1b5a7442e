package io.javisor.cli.image;

import io.javisor.oci.OciException;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.Pruned;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code javisor image prune}. */
@Command(
        name = "prune",
        description = "Removes container images that nobody needs, and what failed pulls have left.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class PruneCommand implements Callable<Integer> {
    @Option(
            names = {"-a", "--all"},
            description = "All images that no container uses, not only those without a tag.")
    private boolean all;

    @Option(
            names = {"-f", "--force"},
            description = "Do not ask.")
    private boolean force;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    PruneCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (!force && !isAgreed(out)) {
            throw new OciException("image prune has been cancelled; --force does not ask");
        }
        try (ImageStore store = around.store(spec)) {
            Pruned pruned = store.prune(all);
            if (!pruned.untagged().isEmpty() || !pruned.deleted().isEmpty()) {
                out.println("Deleted Images:");
                pruned.untagged().forEach(name -> out.println("untagged: " + name.familiar()));
                pruned.deleted().forEach(digest -> out.println("deleted: " + digest));
                out.println();
            }
            out.println("Total reclaimed space: " + HumanSize.of(pruned.reclaimedBytes()));
            out.flush();
        }
        return Statuses.DONE;
    }

    /** The answer is a line of the input, whether that is a terminal or not, as docker's. */
    private boolean isAgreed(PrintWriter out) {
        out.println(
                all
                        ? "WARNING! This will remove all images without at least one container associated to them."
                        : "WARNING! This will remove all dangling images.");
        out.print("Are you sure you want to continue? [y/N] ");
        out.flush();
        return Input.line(around.input()).strip().equalsIgnoreCase("y");
    }
}
