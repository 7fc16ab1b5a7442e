package io.javisor.cli.image;

import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.PlatformException;
import io.javisor.oci.Reference;
import io.javisor.oci.archive.ArchivedImage;
import io.javisor.oci.archive.ImageArchive;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import io.javisor.oci.transfer.Pull;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code javisor load}. */
@Command(
        name = "load",
        description = "Takes all container images of an archive, of docker's kind or OCI's, or of a directory.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class LoadCommand implements Callable<Integer> {
    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "The archive, or an OCI layout's directory (default: standard input).")
    private @Nullable Path input;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print what was loaded only.")
    private boolean quiet;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "Which of an image's platforms (default: ${DEFAULT-VALUE}).",
            defaultValue = "linux/amd64")
    private String platform = "linux/amd64";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    LoadCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        Platform wanted = Arguments.platform(spec, platform);
        PrintWriter out = spec.commandLine().getOut();
        // As docker's: without a terminal it says what was loaded, and no more.
        boolean silent = quiet || !around.screen().isTerminal();
        try (ImageArchive archive = open();
                ImageStore store = around.store(spec);
                Report report =
                        silent ? Report.quiet() : Report.of(ProgressMode.AUTO, StageWords.LOAD, around.screen(), out)) {
            int status = Statuses.DONE;
            for (ArchivedImage image : archive.images()) {
                try {
                    load(image, wanted, store, report).forEach(line -> {
                        report.settle();
                        out.println(line);
                        out.flush();
                    });
                } catch (PlatformException e) { // The others are none the worse for it.
                    report.settle();
                    Arguments.complain(spec, e);
                    status = Statuses.FAILED;
                }
            }
            return status;
        }
    }

    private ImageArchive open() {
        if (input != null) {
            return ImageArchive.open(input);
        }
        if (around.inputIsTerminal().getAsBoolean()) {
            throw new OciException("requested load from stdin, but stdin is empty; give --input FILE, or redirect");
        }
        return ImageArchive.read("standard input", around.input());
    }

    /** What is said of it. */
    private static List<String> load(ArchivedImage image, Platform wanted, ImageStore store, Report report) {
        // Nothing here has a digest that it does not have in the archive.
        List<Reference> names =
                image.names().stream().filter(name -> name.digest().isEmpty()).toList();
        Optional<Reference> first = names.stream().findFirst();
        StoredImage stored =
                Pull.run(image.source(), first, wanted, store, report).image();
        if (first.isEmpty()) {
            return List.of("Loaded image ID: " + stored.id());
        }
        names.stream().skip(1).forEach(name -> store.tag(stored, name));
        return names.stream().map(name -> "Loaded image: " + name.familiar()).toList();
    }
}
