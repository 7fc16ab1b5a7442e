package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands for container images, as their user types them, with a registry on loopback. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ImageVerbsIT {
    private static final int FAILED = 1;

    @TempDir
    private Path directory = Path.of("");

    private String digest(String image) {
        return home().tool("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", image)
                .strip();
    }

    private ImageHome home() {
        return new ImageHome(directory);
    }

    @Test
    void fromARegistryAndBack() throws Exception {
        ImageHome home = home();
        try (DockerRegistry registry = DockerRegistry.open(directory.resolve("registry"))) {
            registry.push(directory, home.image("one", "one\n", "amd64"), "tiny:1");
            String name = registry.address() + "/tiny:1";
            String digest = digest("docker://" + name);

            String pulled = home.succeed("pull", name);
            List<String> lines = pulled.lines().toList();
            assertEquals("1: Pulling from tiny", lines.getFirst(), pulled);
            assertTrue(lines.get(1).matches("[0-9a-f]{12}: Pulling fs layer"), pulled);
            assertTrue(pulled.contains(": Pull complete\n"), pulled);
            assertEquals(
                    List.of("Digest: " + digest, "Status: Downloaded newer image for " + name, name),
                    lines.subList(lines.size() - 3, lines.size()));
            assertEquals(
                    "1: Pulling from tiny\nDigest: " + digest + "\nStatus: Image is up to date for " + name + "\n"
                            + name + "\n",
                    home.succeed("pull", name).replaceAll("(?m)^[0-9a-f]{12}: Already exists\n", ""));
            assertEquals(name + "\n", home.succeed("pull", "-q", name));

            String id = home.succeed("images", "-q", "--no-trunc").strip();
            assertTrue(id.matches("sha256:[0-9a-f]{64}"), id);
            String shortId = id.substring("sha256:".length(), "sha256:".length() + 12);
            String listed = home.succeed("images");
            assertTrue(
                    listed.matches("REPOSITORY {2,}TAG {2,}IMAGE ID {2,}CREATED {2,}SIZE\n" + registry.address()
                            + "/tiny {3}1 {9}" + shortId + " {3}.*ago {3}[0-9.]+k?B\n"),
                    listed);
            assertEquals(
                    digest + " 1\n",
                    home.succeed("image", "ls", "--format", "{{.Digest}} {{.Tag}}", name),
                    "by its name");

            String copy = registry.address() + "/copy:2";
            assertEquals("", home.succeed("tag", shortId, copy));
            String pushed = home.succeed("push", copy);
            assertTrue(pushed.startsWith("The push refers to repository [" + registry.address() + "/copy]\n"), pushed);
            assertTrue(pushed.contains("2: digest: " + digest + " size: "), pushed);
            assertEquals(digest, digest("docker://" + copy), "byte for byte");
            assertEquals(copy + "\n", home.succeed("push", "-q", copy));

            assertEquals("Untagged: " + copy + "\n", home.succeed("rmi", copy));
            String removed = home.succeed("rmi", name);
            assertTrue(removed.startsWith("Untagged: " + name + "\n"), removed);
            assertTrue(removed.contains("Deleted: " + id + "\n"), removed);
            assertEquals("REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n", home.succeed("images"));

            assertEquals(
                    digest,
                    JsonMapper.shared()
                            .readTree(home.succeed("pull", "--progress", "json", registry.address() + "/tiny@" + digest)
                                    .lines()
                                    .filter(line -> line.contains("Digest: "))
                                    .findFirst()
                                    .orElse("{}"))
                            .path("status")
                            .asString("")
                            .replace("Digest: ", ""));
            assertTrue(home.succeed("images").contains("<none>"), "it has no tag");
            assertTrue(home.succeed("image", "prune", "--force").contains("deleted: " + id + "\n"));
        }
    }

    @Test
    void fromAndToFiles() throws Exception {
        ImageHome home = home();
        String source = home.image("one", "one\n", "amd64");
        String id = home.succeed("pull", "-q", source).strip();
        assertEquals("", home.succeed("tag", id, "tiny:1"));

        JsonNode described = JsonMapper.shared().readTree(home.succeed("image", "inspect", "tiny:1"));
        assertEquals(1, described.size());
        assertEquals(id, described.path(0).path("Id").asString());
        assertEquals("tiny:1", described.path(0).path("RepoTags").path(0).asString());
        assertEquals("layers", described.path(0).path("RootFS").path("Type").asString());
        assertEquals(
                "[/hello] map[made:here] amd64\n",
                home.succeed(
                        "image", "inspect", "-f", "{{.Config.Cmd}} {{.Config.Labels}} {{.Architecture}}", "tiny:1"));
        String history = home.succeed("history", "tiny:1");
        assertTrue(
                history.matches("(?s)IMAGE +CREATED +CREATED BY +SIZE +COMMENT\n.*<missing> .*umoci raw add-layer.*"),
                history);

        for (String format : List.of("oci-archive", "docker-archive")) {
            Path file = directory.resolve(format);
            assertEquals("", home.succeed("save", "--format", format, "-o", file.toString(), "tiny:1"));
            String config = home.tool("skopeo", "inspect", "--config", format + ":" + file);
            assertTrue(config.contains("made"), config);
            Program.Result stream = Program.run(List.of(
                    "sh",
                    "-c",
                    "\"$@\" >" + directory.resolve("stream"),
                    "sh",
                    "env",
                    "HOME=" + directory.resolve("home"),
                    Checkout.LAUNCHER.toString(),
                    "save",
                    "--format",
                    format,
                    "tiny:1"));
            assertEquals(new Program.Result(0, "", ""), stream);
            assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(directory.resolve("stream")));
            String _ = home.succeed("rmi", "-f", id);
            assertEquals("Loaded image: tiny:1\n", home.succeed("load", "-q", "-i", file.toString()));
            assertEquals(id + "\n", home.succeed("images", "-q", "--no-trunc"));
            String _ = home.succeed("rmi", "tiny:1");
            Program.Result piped = Program.run(List.of(
                    "sh",
                    "-c",
                    "\"$@\" <" + file,
                    "sh",
                    "env",
                    "HOME=" + directory.resolve("home"),
                    Checkout.LAUNCHER.toString(),
                    "load",
                    "-q"));
            assertEquals(new Program.Result(0, "Loaded image: tiny:1\n", ""), piped);
        }
        String df = home.succeed("system", "df");
        assertTrue(
                df.matches(
                        "TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +1 +0 +[0-9.]+k?B +[0-9.]+k?B \\([0-9]+%\\)\n"),
                df);
        Program.Result cancelled = home.piped("n\n", "image", "prune", "-a");
        assertEquals(FAILED, cancelled.status(), cancelled::toString);
        assertTrue(cancelled.out().endsWith("Are you sure you want to continue? [y/N] "), cancelled::toString);
        Program.Result agreed = home.piped("y\n", "image", "prune", "-a");
        assertEquals(0, agreed.status(), agreed::toString);
        assertTrue(
                agreed.out().contains("untagged: tiny:1\n") && agreed.out().contains("deleted: " + id + "\n"),
                agreed::toString);
        assertTrue(agreed.out().contains("Total reclaimed space: "), agreed::toString);
        assertEquals("", home.succeed("images", "-q"));
    }

    @Test
    void aRegistryThatWantsToKnowWho() throws Exception {
        ImageHome home = home();
        try (DockerRegistry registry = DockerRegistry.withPassword(directory.resolve("registry"))) {
            registry.push(directory, home.image("one", "one\n", "amd64"), "tiny:1");
            String name = registry.address() + "/tiny:1";
            home.javisor("pull", name).assertFailed(FAILED, name.substring(0, name.indexOf('/')));
            Program.Result wrong =
                    home.piped("wrong\n", "login", "-u", DockerRegistry.USER, "--password-stdin", registry.address());
            wrong.assertFailed(FAILED, "unauthorized");
            Program.Result right = home.piped(
                    DockerRegistry.PASSWORD + "\n",
                    "login",
                    "-u",
                    DockerRegistry.USER,
                    "--password-stdin",
                    registry.address());
            assertEquals("Login Succeeded\n", right.out());
            assertEquals(0, right.status(), right::toString);
            assertEquals(name + "\n", home.succeed("pull", "-q", name));
            assertEquals(name + "\n", home.succeed("push", "-q", name));
            assertEquals(
                    "Removing login credentials for " + registry.address() + "\n",
                    home.succeed("logout", registry.address()));
            assertEquals("Not logged in to " + registry.address() + "\n", home.succeed("logout", registry.address()));
            Program.Result refused = home.javisor("push", name);
            assertEquals(FAILED, refused.status(), refused::toString);
        }
    }

    /** One line that says what is wrong, docker's status, and nothing half made. */
    @Test
    void whatCanBeWrong() throws Exception {
        ImageHome home = home();
        try (DockerRegistry registry = DockerRegistry.open(directory.resolve("registry"))) {
            String at = registry.address();
            registry.push(directory, home.image("one", "one\n", "amd64"), "tiny:1");
            registry.push(directory, home.image("arm", "arm\n", "arm64"), "tiny:arm");
            registry.push(directory, home.image("bad", "bad\n", "amd64"), "tiny:bad");

            home.javisor("pull", at + "/none:1").assertFailed(FAILED, "none");
            home.javisor("pull", at + "/tiny:2").assertFailed(FAILED, "tiny:2");
            home.javisor("pull", at + "/tiny:arm").assertFailed(FAILED, "linux/amd64", "arm64");
            home.javisor("pull", "-q", "FOO").assertFailed(FAILED, "invalid reference format", "lowercase");
            String nobody = "127.0.0.1:" + freePort();
            home.javisor("pull", nobody + "/tiny:1").assertFailed(FAILED, nobody);
            spoilLayer(registry, at + "/tiny:bad");
            Program.Result spoilt = home.javisor("pull", at + "/tiny:bad");
            assertEquals(FAILED, spoilt.status(), spoilt::toString);
            assertEquals(1, spoilt.err().lines().count(), spoilt::toString);
            assertTrue(spoilt.err().contains("sha256:"), spoilt::toString);

            home.javisor("push", at + "/tiny:1").assertFailed(FAILED, "An image does not exist locally with the tag");
            home.javisor("rmi", "none").assertFailed(FAILED, "No such image: none:latest");
            home.javisor("tag", "none", "x").assertFailed(FAILED, "No such image");
            home.javisor("history", "none").assertFailed(FAILED, "No such image");
            home.javisor("save", "none").assertFailed(FAILED, "No such image");
            home.javisor("load", "-i", directory.resolve("none").toString()).assertFailed(FAILED, "none");
            Program.Result inspected = home.javisor("image", "inspect", "none");
            assertEquals("[]\n", inspected.out());
            assertEquals(FAILED, inspected.status());
            home.javisor("images", "--format", "{{.X}}").assertFailed(ExitStatus.OWN_ERROR, "there is no field .X");
            home.javisor("pull", "--platform", "a b", "x").assertFailed(ExitStatus.OWN_ERROR, "invalid platform");
            home.javisor("login", "-u", "x").assertFailed(FAILED, "non TTY");
            assertEquals("REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n", home.succeed("images"));

            Path store = directory.resolve("home/.local/share/javisor/images");
            assertEquals(at + "/tiny:1\n", home.succeed("pull", "-q", at + "/tiny:1"));
            assertTrue(Files.exists(store), "it is where the documentation says");
            home.tool("rm", "-r", store.toString());
            assertEquals("", home.succeed("images", "-q"));
            assertEquals(at + "/tiny:1\n", home.succeed("pull", "-q", at + "/tiny:1"));
        }
    }

    /** Which nobody listens on. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The registry sends another layer of the same length. */
    private void spoilLayer(DockerRegistry registry, String name) throws IOException {
        String raw = home().tool("skopeo", "inspect", "--tls-verify=false", "--raw", "docker://" + name);
        String layer = JsonMapper.shared()
                .readTree(raw)
                .path("layers")
                .path(0)
                .path("digest")
                .asString();
        Path file = registry.blob(layer);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }
}
