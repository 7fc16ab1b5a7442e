package io.javisor.cli.container;

import io.javisor.cli.image.ImageToRun;
import io.javisor.container.spec.ContainerOptions;
import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.SpecMaker;
import io.javisor.container.spec.SpecText;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineEvent;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.StoredImage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands that make a container have in common. */
final class CreateOptions {
    /** Without -h, which is docker's for the host name. */
    @Option(names = "--help", usageHelp = true, description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // picocli asks whether it is given
    private boolean help;

    @Option(names = "--name", paramLabel = "NAME", description = "Its name (default: one that is made up).")
    private @Nullable String name;

    @Option(names = "--rm", description = "Keep nothing of it when it has ended.")
    private boolean remove;

    @Option(
            names = "--restart",
            paramLabel = "POLICY",
            description = "When to start it again after its end: " + RestartPolicy.SYNTAX + " (default: no).")
    private @Nullable String restart;

    @Option(
            names = "--pull",
            paramLabel = "missing|always|never",
            description = "When to pull the image (default: missing).")
    private ImageToRun.Policy pull = ImageToRun.Policy.MISSING;

    @Option(names = "--platform", paramLabel = "OS/ARCH", description = "Which of the image's (default: linux/amd64).")
    private @Nullable String platform;

    @Option(names = "--cidfile", paramLabel = "FILE", description = "Write the container's ID to this file.")
    private @Nullable Path idFile;

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing of a pull.")
    private boolean quiet;

    @Option(
            names = {"-v", "--volume", "--mount", "--volumes-from"},
            arity = "1",
            paramLabel = "VOLUME",
            description = "Refused: volumes are not there yet.")
    private List<String> volumes = List.of();

    @Parameters(index = "0", paramLabel = "IMAGE", description = "As in pull, or an ID.")
    private String image = "";

    @Parameters(
            index = "1..*",
            paramLabel = "COMMAND",
            description = "The program and its arguments (default: the image's).")
    private List<String> command = List.of();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /**
     * A container that has been made.
     *
     * @param store open, and holding the image; the caller closes it
     */
    record Made(ContainerSpec spec, MachineEntry entry, ImageStore store, StoredImage image) {}

    boolean isRemovedAtEnd() {
        return remove;
    }

    /** When it is started again. */
    RestartPolicy policy() {
        try {
            RestartPolicy policy = restart == null ? RestartPolicy.NO : RestartPolicy.parse(restart);
            if (remove && !policy.equals(RestartPolicy.NO)) {
                throw new ConfigException("conflicting options: cannot specify both --restart and --rm");
            }
            return policy;
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--restart: " + e.getMessage(), e);
        }
    }

    /** Makes the container, which does not run yet. */
    Made make(Registry registry, ContainerOptions given) {
        if (!volumes.isEmpty()) {
            throw new ConfigException("volumes are not there yet: leave out -v, --volume, --mount and --volumes-from;"
                    + " --tmpfs gives a container a directory in memory");
        }
        RestartPolicy policy = policy();
        Path file = idFile;
        if (file != null && Files.exists(file)) {
            throw idFileExists(file);
        }
        if (name != null) {
            MachineConfig.requireName(name);
        }
        ContainerOptions options = given.withFilesRead(); // a pipe can be read once
        SpecMaker.check(options, System.getenv());
        ImageToRun images = new ImageToRun(spec);
        ImageStore store = images.store();
        try {
            StoredImage found = images.get(store, image, platform, pull, quiet);
            store.hold(found);
            ContainerSpec made = SpecMaker.make(
                    image, found.id(), found.config().process(), options, new ArrayList<>(command), System.getenv());
            MachineEntry entry = registry.createContainer(name, SpecText.write(made), policy, remove);
            try {
                registry.events().add(entry, MachineEvent.CREATE, "");
                if (file != null) {
                    write(file, entry.id());
                }
            } catch (RuntimeException | Error e) {
                registry.discardUnused(entry);
                throw e;
            }
            return new Made(made, entry, store, found);
        } catch (RuntimeException | Error e) {
            store.close();
            throw e;
        }
    }

    private static void write(Path file, String id) {
        try {
            Files.writeString(file, id, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw idFileExists(file);
        } catch (IOException e) {
            throw new ConfigException("failed to create the container ID file: " + e.getMessage(), e);
        }
    }

    private static ConfigException idFileExists(Path file) {
        return new ConfigException(
                "container ID file found, make sure the other container isn't running or delete " + file);
    }
}
