package io.javisor.cli.image;

import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.Registries;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import io.javisor.oci.transfer.Push;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor push}. */
@Command(
        name = "push",
        description = "Sends a container image to a registry.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class PushCommand implements Callable<Integer> {
    @Parameters(paramLabel = "IMAGE", description = "NAME[:TAG]: which image, and where it goes; see 'javisor tag'.")
    private String image = "";

    @Mixin
    private TransferOutput output = new TransferOutput();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    PushCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        Reference name = Reference.parse(image);
        if (name.digest().isPresent()) {
            throw new OciException("cannot push a digest reference; give it a tag: javisor tag " + image + " "
                    + name.familiarName() + ":TAG");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (ImageStore store = around.store(spec);
                Report report = output.report(StageWords.PUSH, around.screen(), out)) {
            if (Arguments.hasDefaultTag(image, name)) {
                report.say("Using default tag: latest");
            }
            StoredImage stored = find(store, name);
            report.say("The push refers to repository [" + name.registry() + "/" + name.repository() + "]");
            try (Registries registries = around.registries();
                    ImageTarget target = registries.target(name, otherNames(stored, name))) {
                Push.run(stored, store, target, report);
            }
            ManifestDocument sent = stored.manifest();
            report.say(name.tag().orElseThrow(), "digest: " + sent.digest() + " size: " + sent.bytes().length);
        }
        if (output.isQuiet()) {
            out.println(name);
            out.flush();
        }
        return Statuses.DONE;
    }

    private static StoredImage find(ImageStore store, Reference name) {
        if (!store.names().contains(name)) {
            throw new OciException("An image does not exist locally with the tag: " + name.familiar()
                    + "; javisor images lists those that do");
        }
        return store.find(name.toString());
    }

    /** Where the registry may have its layers already. */
    private static List<Reference> otherNames(StoredImage image, Reference name) {
        return Stream.concat(image.names().stream(), image.digests().stream())
                .filter(other -> other.registry().equals(name.registry())
                        && !other.repository().equals(name.repository()))
                .toList();
    }
}
