package io.javisor.cli.image;

import io.javisor.oci.ImageTarget;
import io.javisor.oci.OciException;
import io.javisor.oci.TransferListener;
import io.javisor.oci.archive.ArchiveFormat;
import io.javisor.oci.archive.ArchiveWriter;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.transfer.Push;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor save}. */
@Command(
        name = "save",
        description = "Writes container images to an archive, or to a directory.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = Statuses.FAILED,
        exitCodeListHeading = Statuses.HEADING,
        exitCodeList = {Statuses.DONE_TEXT, Statuses.FAILED_TEXT, Statuses.WRONG_TEXT})
final class SaveCommand implements Callable<Integer> {
    private static final String DOCKER_ARCHIVE = "docker-archive";
    private static final String OCI_ARCHIVE = "oci-archive";
    private static final String OCI_DIRECTORY = "oci-dir";

    @Parameters(
            paramLabel = "IMAGE",
            arity = "1..*",
            description = "Their names or IDs; a name without a tag stands for all tags.")
    private List<String> images = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The archive or the directory (default: standard output).")
    private @Nullable Path output;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = DOCKER_ARCHIVE + ", for 'docker load' (default), " + OCI_ARCHIVE + " or " + OCI_DIRECTORY
                    + ", in which other images stay.",
            completionCandidates = Formats.class)
    private String format = DOCKER_ARCHIVE;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings around;

    /** What shells offer. */
    static final class Formats extends java.util.ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Formats() {
            super(List.of(DOCKER_ARCHIVE, OCI_ARCHIVE, OCI_DIRECTORY));
        }
    }

    SaveCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        requireFormat();
        if (output == null && around.screen().isTerminal()) {
            throw new OciException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
        }
        try (ImageStore store = around.store(spec)) {
            // All are found before anything is written.
            List<SavedImages.Saved> all = SavedImages.find(store, images);
            try (ArchiveWriter writer = writer()) {
                for (SavedImages.Saved saved : all) {
                    try (ImageTarget target = writer.image(saved.names())) {
                        Push.run(saved.image(), store, target, TransferListener.NONE);
                    }
                }
                writer.finish();
            }
        }
        return Statuses.DONE;
    }

    private void requireFormat() {
        if (!new Formats().contains(format)) {
            throw new ParameterException(
                    spec.commandLine(), "--format is " + String.join(" or ", new Formats()) + ", not '" + format + "'");
        }
        if (output == null && format.equals(OCI_DIRECTORY)) {
            throw new ParameterException(spec.commandLine(), "--format " + OCI_DIRECTORY + " needs --output DIR");
        }
    }

    private ArchiveWriter writer() {
        if (output != null && format.equals(OCI_DIRECTORY)) {
            return ArchiveWriter.toDirectory(output);
        }
        ArchiveFormat kind = format.equals(OCI_ARCHIVE) ? ArchiveFormat.OCI : ArchiveFormat.DOCKER_AND_OCI;
        return output == null
                ? ArchiveWriter.toStream("standard output", around.output(), kind)
                : ArchiveWriter.toFile(output, kind);
    }
}
