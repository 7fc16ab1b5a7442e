package io.javisor.cli.image;

import io.javisor.container.store.ContainerImages;
import io.javisor.core.host.RawTerminal;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.registry.Places;
import io.javisor.manager.registry.Registry;
import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.registry.Credentials;
import io.javisor.oci.registry.Registries;
import io.javisor.oci.registry.RegistryConfig;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.ImageUse;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command finds around it.
 *
 * @param screen standard output
 * @param output the same, for bytes
 * @param input standard input
 * @param inputIsTerminal whether a person is behind that
 * @param zone of times that are shown
 */
record Surroundings(
        Map<String, String> environment,
        Screen screen,
        OutputStream output,
        InputStream input,
        BooleanSupplier inputIsTerminal,
        InstantSource clock,
        ZoneId zone) {
    private static final int STDIN = 0;

    /** This process's. */
    static Surroundings ofProcess() {
        Map<String, String> environment = System.getenv();
        return new Surroundings(
                environment,
                new HostScreen(environment, HostScreen.STDOUT),
                // Not System.out, which keeps to itself what can't be written.
                new FileOutputStream(FileDescriptor.out),
                System.in,
                () -> RawTerminal.isTerminal(STDIN),
                InstantSource.system(),
                ZoneId.systemDefault());
    }

    /** What the user has for registries. */
    Credentials credentials() {
        return Credentials.open(environment);
    }

    /** Registries, as this user reaches them. */
    Registries registries() {
        return registries(credentials());
    }

    /** As above, with these credentials. */
    Registries registries(Credentials credentials) {
        return Registries.open(RegistryConfig.load(environment), credentials);
    }

    /** The user's images, for a command, which says so if it has to wait for them. */
    ImageStore store(CommandSpec spec) {
        PrintWriter err = spec.commandLine().getErr();
        return ImageStore.openSaying(ImageStore.defaultDirectory(environment), this::inUse, () -> {
            err.println("javisor: waiting for another javisor that changes the images");
            err.flush();
        });
    }

    /** By containers; where there is no place for these there are none. */
    private Map<Digest, ImageUse> inUse() {
        Places places;
        try {
            places = Places.of(environment);
        } catch (ConfigException e) {
            return Map.of();
        }
        try {
            return ContainerImages.inUse(new Registry(places, clock));
        } catch (ConfigException e) {
            throw new OciException(String.valueOf(e.getMessage()), e);
        }
    }
}
