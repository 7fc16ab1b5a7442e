package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.junit.HostTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Containers, as their user types them: one of a registry on loopback in the foreground, and one that is left and asked. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ContainerVerbsIT {
    private static final Path IMAGES = Checkout.DIRECTORY.resolve("cli/src/test/podman/images");

    @TempDir
    private static Path directory = Path.of("");

    private static ImageHome home() {
        return new ImageHome(directory);
    }

    @BeforeAll
    static void loadImages() throws Exception {
        HostTool.require("umoci", "umoci");
        Path images = Files.createDirectory(directory.resolve("images"));
        home().tool("bash", IMAGES.toString(), images.toString());
        String loaded =
                home().succeed("load", "-q", "-i", images.resolve("box.tar").toString());
        home().succeed("tag", loaded.strip().replaceFirst("Loaded image ID: ", ""), "box");
    }

    @AfterAll
    static void remove() throws Exception {
        Program.Result _ = home().javisor("rm", "--force", "kept");
    }

    private static void assertRefused(String why, String... arguments) throws Exception {
        Program.Result result = home().javisor(arguments);
        assertEquals(125, result.status(), result::toString);
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result::toString);
        assertTrue(result.err().contains(why), result::toString);
    }

    @Test
    void anImageOfARegistryRunsInTheForeground() throws Exception {
        ImageHome home = new ImageHome(Files.createDirectory(directory.resolve("foreground")));
        try (DockerRegistry registry = DockerRegistry.open(home.directory().resolve("registry"))) {
            registry.push(home.directory(), "oci-archive:" + directory.resolve("images/box.tar") + ":box", "box:1");
            String image = registry.address() + "/box:1";
            Program.Result result = home.piped(
                    "one\n",
                    "run",
                    "--rm",
                    "-i",
                    "--network",
                    "none",
                    image,
                    "sh",
                    "-c",
                    "cat; cat /etc/box-release; echo err >&2; exit 3");
            assertEquals(3, result.status(), result::toString);
            assertEquals("one\nbox\n", result.out(), result::toString);
            assertTrue(result.err().startsWith("Unable to find image '" + image + "' locally\n1: Pulling from box\n"));
            assertTrue(
                    result.err().endsWith("Status: Downloaded newer image for " + image + "\nerr\n"), result::toString);
            assertEquals("", home.succeed("ps", "-a", "-q"));
        }
    }

    @Test
    void oneThatIsLeft() throws Exception {
        ImageHome home = home();
        Path idFile = directory.resolve("id");
        String id = home.succeed(
                        "run",
                        "-d",
                        "--init",
                        "--network",
                        "none",
                        "--name",
                        "kept",
                        "--cidfile",
                        idFile.toString(),
                        "--label",
                        "of=test",
                        "box",
                        "sh",
                        "-c",
                        "echo out; echo err >&2; sleep 100000")
                .strip();
        assertEquals(id, Files.readString(idFile));
        assertEquals(
                id + " kept container box running\n",
                home.succeed(
                        "ps",
                        "--filter",
                        "label=of=test",
                        "--format",
                        "{{.ID}} {{.Names}} {{.Kind}} {{.Image}} {{.State}}"));
        assertEquals("", home.succeed("ps", "-q", "--filter", "kind=machine"));

        assertEquals(
                "b app\n/srv\n",
                home.succeed(
                        "exec", "-u", "app", "-e", "A=b", "-w", "/srv", "kept", "sh", "-c", "echo $A `id -un`; pwd"));
        assertEquals(
                "3\n", home.piped("a\nb\nc\n", "exec", "-i", "kept", "wc", "-l").out());
        Program.Result none = home.javisor("exec", "kept", "no-such-program");
        assertEquals(127, none.status(), none::toString);
        assertEquals("javisor: exec: \"no-such-program\": executable file not found in $PATH\n", none.err());
        assertEquals(5, home.javisor("exec", "kept", "sh", "-c", "exit 5").status());
        assertEquals("", home.succeed("exec", "-d", "kept", "sh", "-c", "echo made >/tmp/made"));

        Program.Result logs = home.javisor("logs", "kept");
        assertEquals("out\n", logs.out());
        assertEquals("err\n", logs.err());

        JsonNode inspected =
                new JsonMapper().readTree(home.succeed("inspect", "kept")).get(0);
        assertEquals(id, inspected.path("Id").asString());
        assertEquals("running", inspected.path("State").path("Status").asString());
        assertEquals("test", inspected.path("Config").path("Labels").path("of").asString());

        assertRefused("already", "run", "--network", "none", "--name", "kept", "box", "true");
        assertEquals("kept\n", home.succeed("stop", "kept"));
        assertEquals("143\n", home.javisor("wait", "kept").out());
        assertRefused("container kept is not running", "exec", "kept", "true");
        assertEquals("kept\n", home.succeed("start", "kept"));
        assertEquals("made\n", home.succeed("exec", "kept", "cat", "/tmp/made"));
        assertEquals("kept\n", home.succeed("kill", "-s", "KILL", "kept"));
        assertEquals("137\n", home.javisor("wait", "kept").out());
        assertEquals("kept\n", home.succeed("rm", "kept"));
    }

    /** Before any machine is made. */
    @Test
    void whatIsWrongIsSaidInALine() throws Exception {
        assertRefused("volumes are not there yet", "run", "-v", "/a:/b", "box", "true");
        assertRefused("--disk is of a machine", "run", "--disk", "x", "box", "true");
        assertRefused("--env goes with an image", "run", "-e", "A=b");
        assertRefused("No such image: nowhere:1", "run", "--pull", "never", "nowhere:1");
        assertRefused("Minimum memory limit allowed is 6MB", "run", "--memory", "5m", "box");
        assertRefused("cannot specify both --restart and --rm", "run", "-d", "--rm", "--restart", "always", "box");
        assertRefused("there is no option '--no-such'", "run", "--no-such", "box", "true");
        assertEquals("", home().succeed("ps", "-a", "-q", "--filter", "name=unnamed"));
    }
}
