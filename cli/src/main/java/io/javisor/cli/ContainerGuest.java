package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What boots in a container's machine: the default guest's kernel, and an initramfs of its modules and the agent, which is process 1 ({@code docs/agent.md}).
 *
 * @param initrd an uncompressed cpio archive
 * @param kernelCache a directory for decompressed kernels, which need not be there; null to keep none
 */
public record ContainerGuest(
        Path kernel, Path initrd, @Nullable Path kernelCache) {
    /**
     * Has made what is not there yet, which takes some seconds and a download, and shows its progress on standard error.
     *
     * @param home the directory that has {@code guest/}
     * @param kernel in the place of the default guest's, with all drivers in it; null
     * @throws ConfigException if it can't be made
     */
    public static ContainerGuest ensure(Path home, Map<String, String> environment, @Nullable Path kernel) {
        Path cache = UserCache.directory(environment);
        Path kernels = cache == null ? null : cache.resolve("kernels");
        Path agent = agent(home, environment);
        if (kernel != null) {
            return new ContainerGuest(kernel, agent, kernels);
        }
        DefaultGuest guest = DefaultGuest.locate(home, environment);
        guest.ensure(home, () -> {});
        return new ContainerGuest(guest.kernel(), joined(guest, agent, environment), kernels);
    }

    /** The archive that has the agent as /init. */
    private static Path agent(Path home, Map<String, String> environment) {
        Path recipe = home.resolve("guest");
        Path agent = DefaultGuest.cache(environment)
                .resolve("agent")
                .resolve(agentKey(recipe))
                .resolve("agent.cpio");
        if (!Files.isRegularFile(agent)) {
            DefaultGuest.make(recipe.resolve("make-agent"), "the agent of containers", "");
        }
        if (!Files.isRegularFile(agent)) {
            throw new ConfigException("guest/make-agent did not make " + agent + "; try: guest/make-agent --force");
        }
        return agent;
    }

    /** The same as in {@code guest/make-agent}. */
    static String agentKey(Path recipe) {
        List<Path> files = new ArrayList<>(
                List.of(recipe.resolve("make-agent"), recipe.resolve("common.sh"), recipe.resolve("agent/build")));
        try {
            for (String suffix : List.of(".h", ".c")) {
                try (Stream<Path> sources = Files.list(recipe.resolve("agent"))) {
                    sources.filter(file -> file.toString().endsWith(suffix))
                            .sorted()
                            .forEach(files::add);
                }
            }
            return DefaultGuest.key(files);
        } catch (IOException e) {
            throw new ConfigException("the recipe of the agent of containers is incomplete: " + e.getMessage(), e);
        }
    }

    /** The kernel takes archives one behind the other. */
    private static Path joined(DefaultGuest guest, Path agent, Map<String, String> environment) {
        Path directory = DefaultGuest.cache(environment).resolve("container");
        Path whole = directory.resolve(name(guest.containerModules()) + "-" + name(agent) + ".cpio");
        try {
            if (Files.isRegularFile(whole)) {
                return whole;
            }
            Files.createDirectories(directory);
            Path part = Files.createTempFile(directory, "", ".part");
            try {
                try (OutputStream output = Files.newOutputStream(part)) {
                    Files.copy(guest.containerModules(), output);
                    Files.copy(agent, output);
                }
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
            return whole;
        } catch (IOException e) {
            throw new ConfigException("can't write " + whole + ": " + e.getMessage(), e);
        }
    }

    /** The key of the directory that it is in. */
    private static String name(Path file) {
        return String.valueOf(Objects.requireNonNull(file.getParent()).getFileName());
    }
}
