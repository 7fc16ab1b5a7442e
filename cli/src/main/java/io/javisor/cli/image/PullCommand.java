package io.javisor.cli.image;

import io.javisor.oci.ImageSource;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.archive.Archives;
import io.javisor.oci.registry.Registries;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.transfer.Pull;
import io.javisor.oci.transfer.PullResult;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor pull}. */
@Command(
        name = "pull",
        description = "Gets a container image from a registry, a directory or an archive, and makes it fit to run.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class PullCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "IMAGE",
            description = "NAME[:TAG] or NAME@DIGEST of a registry; oci:DIR[:TAG], oci-archive:FILE[:TAG] or"
                    + " docker-archive:FILE[:NAME].")
    private String image = "";

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "Which of an image's platforms (default: ${DEFAULT-VALUE}).",
            defaultValue = "linux/amd64")
    private String platform = "linux/amd64";

    @Mixin
    private TransferOutput output = new TransferOutput();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    PullCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        Platform wanted = Arguments.platform(spec, platform);
        Optional<Reference> registered = Archives.isOne(image) ? Optional.empty() : Optional.of(Reference.parse(image));
        PrintWriter out = spec.commandLine().getOut();
        try (ImageStore store = around.store(spec);
                Report report = output.report(StageWords.PULL, around.screen(), out)) {
            String name = registered.isPresent()
                    ? fromRegistry(registered.get(), wanted, store, report)
                    : fromFile(wanted, store, report);
            if (output.isQuiet()) {
                out.println(name);
                out.flush();
            } else {
                report.say(name);
            }
        }
        return Statuses.DONE;
    }

    private String fromRegistry(Reference name, Platform wanted, ImageStore store, Report report) {
        if (Arguments.hasDefaultTag(image, name)) {
            report.say("Using default tag: latest");
        }
        Announced announced = new Announced(
                report,
                name.digest().isPresent() ? name.toString() : name.tag().orElseThrow(),
                "Pulling from " + name.repository());
        try (Registries registries = around.registries();
                ImageSource source = registries.source(name)) {
            PullResult result = Pull.run(source, Optional.of(name), wanted, store, announced);
            announced.announce();
            report.say("Digest: " + result.digest());
            report.say((result.upToDate() ? "Status: Image is up to date for " : "Status: Downloaded newer image for ")
                    + name.familiar());
        }
        return name.toString();
    }

    private String fromFile(Platform wanted, ImageStore store, Report report) {
        try (ImageSource source = Archives.source(image).orElseThrow()) {
            return Pull.run(source, Optional.empty(), wanted, store, report)
                    .image()
                    .id()
                    .toString();
        }
    }
}
