package io.javisor.cli.image;

import io.javisor.oci.ImageSource;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.archive.Archives;
import io.javisor.oci.registry.Registries;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import io.javisor.oci.transfer.Pull;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Gets the image that a container is made of: from the store, or by pulling it, with progress on standard error. */
public final class ImageToRun {
    /** When an image is pulled. */
    public enum Policy {
        /** If it is not there. */
        MISSING,
        /** In any case. */
        ALWAYS,
        /** Never. */
        NEVER;

        /** As the command line has it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final CommandSpec spec;
    private final Surroundings around = Surroundings.ofProcess();

    /** For a command. */
    public ImageToRun(CommandSpec spec) {
        this.spec = spec;
    }

    /** The user's images; the caller closes it. */
    public ImageStore store() {
        return around.store(spec);
    }

    /**
     * Finds the image, or pulls it.
     *
     * @param image a name of the store or a registry, an ID, or an archive
     * @param platform null for {@code linux/amd64}
     * @param quiet whether nothing is said of progress
     * @throws OciException in one line, with docker's words
     */
    public StoredImage get(ImageStore store, String image, @Nullable String platform, Policy policy, boolean quiet) {
        Platform wanted = platform == null ? Platform.LINUX_AMD64 : Arguments.platform(spec, platform);
        if (Archives.isOne(image)) {
            return pull(store, image, Optional.empty(), wanted, quiet);
        }
        if (policy != Policy.ALWAYS) {
            Optional<StoredImage> present = present(store, image, policy == Policy.NEVER);
            if (present.isPresent()) {
                return checked(image, present.get(), wanted);
            }
        }
        Reference name = Reference.parse(image);
        if (policy == Policy.MISSING && !quiet) {
            say("Unable to find image '" + name.familiar() + "' locally");
        }
        return pull(store, image, Optional.of(name), wanted, quiet);
    }

    private static Optional<StoredImage> present(ImageStore store, String image, boolean required) {
        try {
            return Optional.of(store.find(image));
        } catch (OciException e) {
            if (required || !String.valueOf(e.getMessage()).startsWith("No such image")) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static StoredImage checked(String image, StoredImage found, Platform wanted) {
        Platform actual = found.config().platform();
        if (actual.os().equals(wanted.os()) && actual.architecture().equals(wanted.architecture())) {
            return found;
        }
        throw new OciException("image with reference " + image + " was found but its platform (" + actual
                + ") does not match the specified platform (" + wanted + ")");
    }

    private StoredImage pull(ImageStore store, String image, Optional<Reference> name, Platform wanted, boolean quiet) {
        PrintWriter err = spec.commandLine().getErr();
        HostScreen screen = new HostScreen(around.environment(), HostScreen.STDERR);
        try (Report report = quiet ? Report.quiet() : Report.of(ProgressMode.AUTO, StageWords.PULL, screen, err)) {
            if (name.isEmpty()) {
                try (ImageSource source = Archives.source(image).orElseThrow()) {
                    return Pull.run(source, Optional.empty(), wanted, store, report)
                            .image();
                }
            }
            Reference registered = name.get();
            Announced announced = new Announced(
                    report,
                    registered.digest().isPresent()
                            ? registered.toString()
                            : registered.tag().orElseThrow(),
                    "Pulling from " + registered.repository());
            try (Registries registries = around.registries();
                    ImageSource source = registries.source(registered)) {
                StoredImage pulled =
                        Pull.run(source, name, wanted, store, announced).image();
                report.say("Status: Downloaded newer image for " + registered.familiar());
                return pulled;
            }
        }
    }

    private void say(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
