package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The guest that is booted when no kernel is named: looked up in the cache, made by {@code guest/make-guest} the first time.
 *
 * @param kernel Debian's stock kernel for cloud guests, a bzImage
 * @param initrd an uncompressed cpio archive
 * @param containerModules another one, of the modules that a container's machine needs; the agent comes behind it ({@link ContainerGuest})
 */
record DefaultGuest(Path kernel, Path initrd, Path containerModules) {
    private static final int KEY_LENGTH = 16;

    /**
     * Where the guest is, or will be.
     *
     * @param home the directory that has {@code guest/make-guest}
     * @throws ConfigException if there is no recipe or no place for a cache
     */
    static DefaultGuest locate(Path home, Map<String, String> environment) {
        Path directory = cache(environment).resolve("guest").resolve(key(home.resolve("guest")));
        return new DefaultGuest(
                directory.resolve("vmlinuz"),
                directory.resolve("initramfs.cpio"),
                directory.resolve("container-modules.cpio"));
    }

    /**
     * Has it made if it is not there, which takes some seconds and a download, and shows its progress on standard error.
     *
     * @param home the directory that has {@code guest/make-guest}
     * @param beforeMaking what is checked if it has to be made
     * @throws ConfigException if it can't be made
     */
    void ensure(Path home, Runnable beforeMaking) {
        if (isComplete()) {
            return;
        }
        beforeMaking.run();
        HostSystem.requireDebian(Path.of("/etc/os-release"));
        make(
                home.resolve("guest").resolve("make-guest"),
                "the default guest",
                "; or give a kernel of your own with --kernel");
        if (!isComplete()) {
            throw new ConfigException("guest/make-guest did not make " + kernel + "; try: guest/make-guest --force");
        }
    }

    boolean isComplete() {
        return Files.isRegularFile(kernel) && Files.isRegularFile(initrd) && Files.isRegularFile(containerModules);
    }

    /** With {@code JAVISOR_ASKS} the script prints what is wrong, one line, where it prints the guest's directory otherwise. */
    static void make(Path script, String what, String otherwise) {
        ProcessBuilder builder = new ProcessBuilder(script.toString())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("JAVISOR_ASKS", "1");
        try {
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new ConfigException(what + " can't be made: " + (said.isEmpty() ? "see above" : said)
                        + (said.contains("--kernel") ? "" : otherwise));
            }
        } catch (IOException e) {
            throw new ConfigException("can't run " + script + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConfigException("interrupted while " + what + " was made", e);
        }
    }

    /** The same as in {@code guest/make-guest}: over the list of inputs and then each of them. */
    static String key(Path recipe) {
        try {
            List<Path> files = new ArrayList<>(List.of(recipe.resolve("inputs")));
            Files.readAllLines(recipe.resolve("inputs")).forEach(name -> files.add(recipe.resolve(name)));
            return key(files);
        } catch (IOException e) {
            throw new ConfigException(
                    "the recipe of the default guest is incomplete: " + e.getMessage()
                            + "; give a kernel with --kernel",
                    e);
        }
    }

    /** Of these files' contents, one behind the other. */
    static String key(List<Path> files) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, KEY_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static Path cache(Map<String, String> environment) {
        Path cache = UserCache.directory(environment);
        if (cache == null) {
            throw new ConfigException(
                    "neither XDG_CACHE_HOME nor HOME is set; set one, or give a kernel with --kernel");
        }
        return cache;
    }
}
