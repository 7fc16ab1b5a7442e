package io.javisor.testkit.junit;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The agent, compiled as it ships, and a root file system of busybox for its containers.
 *
 * @param program the agent
 * @param root a directory
 */
public record AgentFiles(Path program, Path root) {
    public static final Path SOURCES =
            Path.of("../guest/agent").toAbsolutePath().normalize();
    /** System property: an agent that was compiled otherwise, with sanitizers say, in the place of the one that ships. */
    private static final String PROGRAM = "javisor.agent.program";

    private static final List<String> DIRECTORIES = List.of("bin", "etc", "root", "srv/deep", "tmp");

    private static final String PASSWD = """
        root:x:0:0:root:/root:/bin/sh
        www:x:33:33:www:/srv:/bin/sh
        nobody:x:65534:65534:nobody:/nonexistent:/bin/false
        """;

    private static final String GROUP = """
        root:x:0:
        adm:x:4:www
        www:x:33:
        staff:x:50:www,nobody
        """;

    /** Makes both, or skips the test where that can't be. */
    public static AgentFiles make(Path directory) {
        HostTool.require("musl-gcc", "musl-tools");
        HostTool.require("busybox", "busybox-static");
        HostTool.require("unshare", "util-linux");
        try {
            assumeTrue(
                    Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                    "needs root: the agent makes namespaces and mounts");
            if (!obstacle().isEmpty()) {
                abort("needs namespaces: " + obstacle());
            }
            String other = System.getProperty(PROGRAM);
            Path program = other == null ? directory.resolve("agent") : Path.of(other);
            if (other == null) {
                HostTool.run(directory, "", "bash", SOURCES.resolve("build").toString(), program.toString());
            }
            return new AgentFiles(program, makeRoot(directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What unshare says if it can't, or nothing. */
    private static String obstacle() throws IOException {
        Process process = new ProcessBuilder(
                        "unshare", "--fork", "--pid", "--mount", "--cgroup", "mount", "-t", "tmpfs", "x", "/mnt")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0 ? "" : output.strip() + " ";
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The root file system alone, which needs no root. */
    public static Path makeRoot(Path directory) throws IOException {
        Path root = directory.resolve("root");
        for (String each : DIRECTORIES) {
            Files.createDirectories(root.resolve(each));
        }
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Path busybox = root.resolve("bin/busybox");
        Files.copy(Path.of("/bin/busybox"), busybox);
        Files.setPosixFilePermissions(busybox, PosixFilePermissions.fromString("rwxr-xr-x"));
        HostTool.run(directory, "", "busybox", "--list")
                .lines()
                .filter(name -> !name.equals("busybox"))
                .forEach(name -> {
                    try {
                        Files.createSymbolicLink(root.resolve("bin").resolve(name), Path.of("busybox"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        Files.writeString(root.resolve("etc/passwd"), PASSWD);
        Files.writeString(root.resolve("etc/group"), GROUP);
        Files.writeString(root.resolve("etc/hosts"), "the image's\n");
        return root;
    }

    /**
     * Starts the agent in namespaces of its own. Somebody listens at {@code vsock_1024} and {@code vsock_1025} in the directory. By unshare's {@code --kill-child} all that it starts ends with
     * it.
     */
    public Process start(Path directory, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--fork",
                "--kill-child",
                "--pid",
                "--mount",
                "--uts",
                "--ipc",
                "--cgroup",
                program.toString(),
                "--unix",
                directory.resolve("vsock").toString()));
        command.addAll(Arrays.asList(options));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("agent.log").toFile())
                .start();
    }
}
