package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import io.javisor.testkit.junit.HostTool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Services of Debian's packages as containers. Their image takes minutes to make: with {@code -Pfull}. */
@EnabledIfSystemProperty(named = "javisor.table.full", matches = "true")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ServicesIT {
    private static final String IMAGE = "services";

    @TempDir
    private static Path directory = Path.of("");

    private static ImageHome home() {
        return new ImageHome(directory);
    }

    @BeforeAll
    static void makeTheImage() throws Exception {
        HostTool.require("mmdebstrap", "mmdebstrap");
        HostTool.require("umoci", "umoci");
        Path archive = directory.resolve("services.tar");
        Program.Result made = Program.run(
                "bash",
                Checkout.DIRECTORY.resolve("cli/src/test/podman/services").toString(),
                archive.toString());
        assertEquals(0, made.status(), made::toString);
        String loaded = home().succeed("load", "-q", "-i", archive.toString());
        home().succeed("tag", loaded.replaceFirst("Loaded image ID: ", "").strip(), IMAGE);
    }

    @AfterAll
    static void remove() throws Exception {
        Program.Result _ = home().javisor("rm", "--force", "web", "store");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aToolPrintsAndEnds() throws Exception {
        assertEquals(
                "42\n", home().succeed("run", "--rm", "--network", "none", IMAGE, "sqlite3", ":memory:", "select 6*7"));
    }

    @Test
    void aWebServersPortIsPublished() throws Exception {
        int port = freePort();
        home().succeed("run", "-d", "--name", "web", "-p", port + ":80", IMAGE, "nginx", "-g", "daemon off;");
        Await.until(() -> "an answer", () -> {
            try (Client web = new Client(port)) {
                return "HTTP/1.1 200 OK".equals(web.ask("HEAD / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n"));
            } catch (IOException e) {
                return false;
            }
        });
        assertEquals("web\n", home().succeed("stop", "web"));
    }

    /** What it has acknowledged is on its disk, and the machine's disk is a file of the host: no process needs to live for that. */
    @Test
    void aStoreLosesNothingWhenItsProcessIsKilled() throws Exception {
        int port = freePort();
        home().succeed(
                        "run",
                        "-d",
                        "--restart",
                        "always",
                        "--name",
                        "store",
                        "-p",
                        port + ":6379",
                        IMAGE,
                        "redis-server",
                        "--protected-mode",
                        "no",
                        "--appendonly",
                        "yes",
                        "--appendfsync",
                        "always");
        long acknowledged = 0;
        for (int round = 0; round < 3; round++) {
            awaitStore(port);
            try (Client store = new Client(port)) {
                for (int i = 0; i < 50; i++) {
                    acknowledged = Long.parseLong(store.ask("INCR counter").substring(1));
                }
                assertTrue(process().destroyForcibly());
            }
            awaitStore(port);
            try (Client store = new Client(port)) {
                assertTrue(store.ask("GET counter").startsWith("$"));
                assertEquals(acknowledged, Long.parseLong(store.line()));
            }
        }
        home().succeed("rm", "--force", "store");
    }

    private static ProcessHandle process() throws Exception {
        int pid = new JsonMapper()
                .readTree(home().succeed("inspect", "store"))
                .get(0)
                .get("State")
                .get("Pid")
                .intValue();
        return ProcessHandle.of(pid).orElseThrow();
    }

    private static void awaitStore(int port) {
        Await.until(() -> "an answer", () -> {
            try (Client store = new Client(port)) {
                return "+PONG".equals(store.ask("PING"));
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** Lines to a port of the host's and back. */
    private static final class Client implements AutoCloseable {
        private static final int TIMEOUT_MILLIS = 3000;

        private final Socket socket = new Socket();
        private final BufferedReader reader;

        Client(int port) throws IOException {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        }

        /** The first line of the answer. */
        String ask(String line) throws IOException {
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
            return line();
        }

        String line() throws IOException {
            String line = reader.readLine();
            if (line == null) {
                throw new IOException("it has ended");
            }
            return line;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
