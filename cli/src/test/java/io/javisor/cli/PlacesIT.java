package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.guest.IdleKernel;
import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where machines can't be kept: one line for who gave a name or {@code --detach}; a plain run goes without. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class PlacesIT {
    private static final List<String> RUN = List.of("run", "--memory", TinyKernel.MEMORY_MIB + "M", "--kernel");

    @TempDir
    private Path directory = Path.of("");

    /** Runs a command with these places, after {@code setUp} in a mount namespace of its own. */
    private Program.Result run(String setUp, Path state, Path runtime, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "XDG_STATE_HOME=" + state, "XDG_RUNTIME_DIR=" + runtime));
        if (!setUp.isEmpty()) {
            command.addAll(List.of("unshare", "--mount", "sh", "-ec", setUp + " exec \"$@\"", "sh"));
        }
        command.add(Checkout.LAUNCHER.toString());
        command.addAll(RUN);
        command.add(IdleKernel.writeTo(directory).toString());
        command.addAll(List.of(options));
        return Program.run(command);
    }

    private Path existing(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    @Test
    void aRuntimeDirectoryThatIsMissing() throws Exception {
        run("", existing("s"), directory.resolve("none"), "-d")
                .assertFailed(
                        125,
                        "the runtime directory " + directory.resolve("none") + " does not exist; set XDG_RUNTIME_DIR");
    }

    @Test
    void aReadOnlyOne() throws Exception {
        Root.assumeAvailable();
        Path runtime = existing("r");
        run("mount -t tmpfs -o ro none '" + runtime + "';", existing("s"), runtime, "-d", "--name", "web")
                .assertFailed(125, "can't make the directory " + runtime.resolve("javisor"), "Read-only file system");
    }

    @Test
    void aFullOne() throws Exception {
        Root.assumeAvailable();
        Path state = existing("s");
        run("mount -t tmpfs -o size=4k,nr_inodes=6 none '" + state + "';", state, existing("r"), "-d")
                .assertFailed(125, "No space left on device", "make room or set XDG_STATE_HOME");
    }

    @Test
    void anotherUsers() throws Exception {
        Root.assumeAvailable();
        Path state = existing("s");
        Path theirs = Files.createDirectory(state.resolve("javisor"));
        Files.setAttribute(theirs, "unix:uid", 12345);
        run("", state, existing("r"), "-d").assertFailed(125, "the directory " + theirs + " belongs to user 12345");
        Program.Result listed = Program.run(List.of(
                "env",
                "XDG_STATE_HOME=" + state,
                "XDG_RUNTIME_DIR=" + directory,
                Checkout.LAUNCHER.toString(),
                "stop",
                "web"));
        listed.assertFailed(125, "the directory " + theirs + " belongs to user 12345, and so do the machines in it");
    }

    @Test
    void aPathThatIsTooLongForSockets() throws Exception {
        Path runtime = existing("x".repeat(90));
        run("", existing("s"), runtime, "-d")
                .assertFailed(125, "too long a path", "and may have 107", "set XDG_RUNTIME_DIR to a shorter one");
    }

    /** Whoever gave no name loses nothing. */
    @Test
    void aPlainRunGoesWithout() throws Exception {
        Path kernel = TinyKernel.writeTo(directory);
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "echo e | env XDG_STATE_HOME=/proc/none XDG_RUNTIME_DIR=/proc/none \"$@\"",
                "sh",
                Checkout.LAUNCHER.toString()));
        command.addAll(RUN);
        command.add(kernel.toString());
        Program.Result result = Program.run(command);
        assertEquals(new Program.Result(TinyKernel.EXIT_STATUS, "ready\n", AutoEngine.SAID), withoutControls(result));
        command.addAll(List.of("--name", "web"));
        Program.run(command).assertFailed(125, "can't make the directory /proc/none/javisor");
    }

    /** The guest's answer to the end of the line. */
    private static Program.Result withoutControls(Program.Result result) {
        return new Program.Result(result.status(), result.out().replace("J", ""), result.err());
    }
}
