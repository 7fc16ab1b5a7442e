package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A user's place for container images, of a test's own, and a tiny image in an OCI layout that umoci has made. */
final class ImageHome {
    private final Path directory;

    ImageHome(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    /** The launcher's command in this place. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("env", "-i", "PATH=" + System.getenv("PATH")));
        command.add("HOME=" + directory.resolve("home"));
        command.add("XDG_STATE_HOME=" + directory.resolve("state"));
        // The default guest and the agent are made once for all tests.
        command.add("XDG_CACHE_HOME=" + cache());
        command.add("JAVISOR_BOOT_CACHE=off");
        command.add(Checkout.LAUNCHER.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static String cache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        return cache == null ? System.getProperty("user.home") + "/.cache" : cache;
    }

    Program.Result javisor(String... arguments) throws IOException, InterruptedException {
        return Program.run(command(arguments));
    }

    /** As above, with text for its standard input. */
    Program.Result piped(String input, String... arguments) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("input"), input);
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" <\"$0\"", file.toString()));
        command.addAll(command(arguments));
        return Program.run(command);
    }

    /** Runs a command that has nothing to complain of. Returns what it prints. */
    String succeed(String... arguments) throws IOException, InterruptedException {
        Program.Result result = javisor(arguments);
        assertEquals("", result.err());
        assertEquals(0, result.status(), result::toString);
        return result.out();
    }

    /** Makes an image with one file that has this text, for a processor. Returns it as skopeo takes it. */
    String image(String tag, String text, String architecture) throws IOException {
        HostTool.require("umoci", "umoci");
        HostTool.require("skopeo", "skopeo");
        Path layout = directory.resolve("layout");
        if (!Files.exists(layout)) {
            tool("umoci", "init", "--layout", layout.toString());
        }
        Path tree = Files.createDirectories(directory.resolve("tree-" + tag));
        Files.writeString(tree.resolve("hello"), text);
        Path tar = directory.resolve(tag + ".tar");
        tool("tar", "-C", tree.toString(), "--owner=0", "--group=0", "-cf", tar.toString(), "hello");
        String image = layout + ":" + tag;
        tool("umoci", "new", "--image", image);
        tool("umoci", "raw", "add-layer", "--image", image, tar.toString());
        tool(
                "umoci",
                "config",
                "--image",
                image,
                "--architecture",
                architecture,
                "--config.cmd",
                "/hello",
                "--config.label",
                "made=here");
        return "oci:" + image;
    }

    /** Runs a program of the host's. Returns what it prints. */
    String tool(String... command) {
        return HostTool.run(directory, "", command);
    }
}
