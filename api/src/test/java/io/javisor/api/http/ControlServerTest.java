package io.javisor.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.http.ControlException.Reason;
import io.javisor.api.json.Json;
import io.javisor.machine.config.ConfigException;
import io.javisor.testkit.Await;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlServerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String NAME = "control-test";

    @TempDir
    private Path directory = Path.of("");

    private Path path = Path.of("");
    private long socketsBefore;
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger waiting = new AtomicInteger();

    /** The JDK keeps a socket for itself once it has had one. */
    @BeforeAll
    static void useASocket() throws IOException {
        SocketChannel.open(StandardProtocolFamily.UNIX).close();
    }

    @BeforeEach
    void choosePath() {
        path = directory.resolve("control.sock");
        socketsBefore = Probe.sockets();
    }

    /** Whatever a test did to the server, nothing of it is left. */
    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        assertEquals(Set.of(), Probe.threads(NAME));
        assertFalse(Files.exists(path, LinkOption.NOFOLLOW_LINKS));
        Await.until("all sockets closed", () -> Probe.sockets() <= socketsBefore);
    }

    /** Says what it was asked; some paths misbehave. */
    private Response handle(Request request) throws InterruptedException {
        return switch (request.path()) {
            case "/fault" -> throw new Fault(409, "not \"now\"");
            case "/bug" -> throw new IllegalArgumentException("secret detail");
            case "/deep" -> recurse(request, 0);
            case "/nothing" -> Response.noContent();
            case "/wait" -> {
                waiting.incrementAndGet();
                release.await();
                yield Json.response("released");
            }
            default ->
                Json.response(
                        List.of(request.method(), request.path(), request.body().length()));
        };
    }

    private static Response recurse(Request request, int depth) {
        Response inner = depth < Integer.MAX_VALUE ? recurse(request, depth + 1) : Response.noContent();
        return inner.isSuccess() ? inner : Response.json("too deep");
    }

    private ControlServer open() {
        return ControlServer.open(path, NAME, this::handle);
    }

    private ControlServer open(Limits limits) {
        return ControlServer.open(path, NAME, this::handle, limits);
    }

    private Response get(String target) throws InterruptedException {
        return ControlClient.send(path, "GET", target, null, TIMEOUT);
    }

    @Test
    void itAnswersItsOwnerOnly() throws Exception {
        try (ControlServer _ = open()) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertEquals(new Response(200, Response.JSON, "[\"GET\",\"/x y\",0]"), get("/x%20y?q=1"));
            assertEquals(
                    "[\"PUT\",\"/a\",5]",
                    ControlClient.send(path, "PUT", "/a", "12345", TIMEOUT).body());
            assertEquals(Response.noContent(), get("/nothing"));
        }
    }

    @Test
    void untilTheFirstClientThereIsOneThread() throws Exception {
        try (ControlServer _ = open()) {
            assertEquals(Set.of(NAME + "/control"), Probe.threads(NAME));
            assertTrue(get("/").isSuccess());
            assertEquals(
                    Set.of(NAME + "/control", NAME + "/control-io", NAME + "/control-worker"), Probe.threads(NAME));
        }
    }

    @Test
    void whatIsRefusedHasItsMessage() throws Exception {
        try (ControlServer _ = open()) {
            assertEquals(new Response(409, Response.JSON, "{\"fault_message\":\"not \\\"now\\\"\"}"), get("/fault"));
        }
    }

    @Test
    void aBugIsAnsweredWithoutItsTrace() throws Exception {
        try (ControlServer _ = open()) {
            for (String target : List.of("/bug", "/deep")) {
                Response response = get(target);
                assertEquals(500, response.status());
                assertTrue(response.body().contains("internal error"), response.body());
                assertFalse(
                        response.body().contains("secret") || response.body().contains("\\tat "), response.body());
            }
            assertTrue(get("/").isSuccess());
        }
    }

    @Test
    void requestsOfAConnectionAreAnsweredInOrder() throws Exception {
        try (ControlServer _ = open();
                RawClient client = new RawClient(path)) {
            assertTrue(client.send("GET /1 HTTP/1.1\r\n\r\nPUT /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /nothing"
                    + " HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nConnection: close\r\n\r\nGET /never HTTP/1.1\r\n\r\n"));
            String all = client.readToEnd();
            int one = all.indexOf("[\"GET\",\"/1\",0]");
            int two = all.indexOf("[\"PUT\",\"/2\",3]");
            int nothing = all.indexOf("204 No Content");
            int three = all.indexOf("[\"GET\",\"/3\",0]");
            assertTrue(0 < one && one < two && two < nothing && nothing < three, all);
            assertFalse(all.contains("never"), all);
        }
    }

    @Test
    void aBodyMayComeInChunksAndWaitForItsWelcome() throws Exception {
        try (ControlServer _ = open();
                RawClient client = new RawClient(path)) {
            assertTrue(client.send("PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"));
            assertTrue(client.readUntil("\r\n\r\n").startsWith("HTTP/1.1 100 Continue"));
            assertTrue(client.send("3\r\nabc\r\n"));
            assertTrue(client.send("2\r\nde\r\n0\r\n\r\n"));
            assertTrue(client.readUntil("5]").contains("[\"PUT\",\"/c\",5]"));
        }
    }

    @Test
    void aClientOfHttp10IsServed() throws Exception {
        try (ControlServer _ = open();
                RawClient client = new RawClient(path)) {
            assertTrue(client.send("GET http://localhost/old HTTP/1.0\r\n\r\n"));
            String all = client.readToEnd();
            assertTrue(all.endsWith("[\"GET\",\"/old\",0]"), all);
            assertTrue(Probe.head(all).contains("content-type: application/json"), all);
        }
    }

    /** Whatever it expects: RFC 9110, section 10.1.1. */
    @ParameterizedTest
    @ValueSource(strings = {"100-continue", "wonders"})
    void aClientOfHttp10ExpectsNothing(String expected) throws Exception {
        try (ControlServer _ = open();
                RawClient client = new RawClient(path)) {
            assertTrue(client.send("PUT /old HTTP/1.0\r\nContent-Length: 2\r\nExpect: " + expected + "\r\n\r\nab"));
            String all = client.readToEnd();
            assertTrue(all.startsWith("HTTP/1.1 200 ") || all.startsWith("HTTP/1.0 200 "), all);
            assertTrue(all.endsWith("[\"PUT\",\"/old\",2]"), all);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense\\r\\n\\r\\n                                                  | 400 | not HTTP",
                "GET / HTTP/9\\r\\n\\r\\n                                             | 400 | not HTTP",
                "\\0\\1\\2\\r\\n\\r\\n                                                | 400 | not HTTP",
                "GET x HTTP/1.1\\r\\n\\r\\n                                           | 400 | begins with '/'",
                "GET /%zz HTTP/1.1\\r\\n\\r\\n                                        | 400 | hexadecimal",
                "PUT / HTTP/1.1\\r\\nContent-Length: x\\r\\n\\r\\n                    | 400 | not HTTP",
                "PUT / HTTP/1.1\\r\\nContent-Length: -1\\r\\n\\r\\n                   | 400 | not HTTP",
                "PUT / HTTP/1.1\\r\\nContent-Length: 1048577\\r\\n\\r\\n              | 413 | at most 1048576 bytes",
                "PUT / HTTP/1.1\\r\\nContent-Length: 2\\r\\n\\r\\n\\377\\376           | 400 | UTF-8",
                "PUT / HTTP/1.1\\r\\nExpect: wonders\\r\\n\\r\\n                      | 417 | wonders",
                "PUT / HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n   | 400 | not HTTP",
            })
    void whatIsNoRequestIsAnswered(String bytes, int status, String reason) throws Exception {
        try (ControlServer _ = open()) {
            try (RawClient client = new RawClient(path)) {
                assertTrue(client.send(bytes.translateEscapes()));
                client.endOutput();
                String all = client.readToEnd();
                assertTrue(all.startsWith("HTTP/1.1 " + status + " "), all);
                assertTrue(all.contains("fault_message") && all.contains(reason), all);
            }
            assertTrue(get("/").isSuccess());
        }
    }

    @Test
    void longLinesAndHeadersAreRefused() throws Exception {
        try (ControlServer _ = open()) {
            try (RawClient client = new RawClient(path)) {
                boolean _ = client.send("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n");
                assertTrue(client.readToEnd().startsWith("HTTP/1.1 414 "));
            }
            try (RawClient client = new RawClient(path)) {
                boolean _ = client.send("GET / HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
                assertTrue(client.readToEnd().startsWith("HTTP/1.1 431 "));
            }
        }
    }

    @Test
    void aHugeBodyInChunksIsRefusedWhereItIsTooMuch() throws Exception {
        try (ControlServer _ = open();
                RawClient client = new RawClient(path)) {
            boolean going = client.send("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
            byte[] chunk =
                    ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
            for (int i = 0; i < 1000 && going; i++) {
                going = client.send(chunk);
            }
            assertFalse(going, "64 MB were taken");
            assertTrue(client.readToEnd().startsWith("HTTP/1.1 413 "));
        }
    }

    @Test
    void whoSaysNothingOrHalfIsLetGo() throws Exception {
        try (ControlServer _ = open(new Limits(64, 100, Duration.ofMillis(50)))) {
            for (String half : List.of("", "GET / HT", "PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")) {
                try (RawClient client = new RawClient(path)) {
                    assertTrue(client.send(half));
                    assertEquals("", client.readToEnd());
                }
            }
            assertTrue(get("/").isSuccess());
        }
    }

    @Test
    void aRequestMayTakeLongerThanAConnectionMayIdle() throws Exception {
        try (ControlServer _ = open(new Limits(64, 100, Duration.ofMillis(50)));
                RawClient client = new RawClient(path)) {
            assertTrue(client.send("GET /wait HTTP/1.1\r\n\r\n"));
            Await.until("the request", () -> waiting.get() == 1);
            Thread.sleep(200);
            release.countDown();
            assertTrue(client.readUntil("released\"").contains("200 OK"));
        }
    }

    @Test
    void connectionsAreLimitedInNumber() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try (ControlServer _ = open(new Limits(3, 100, TIMEOUT))) {
            for (int i = 0; i < 3; i++) {
                RawClient client = new RawClient(path);
                clients.add(client);
                assertTrue(client.send("GET / HTTP/1.1\r\n\r\n"));
                assertTrue(client.readUntil("0]").contains("200 OK"));
            }
            try (RawClient tooMany = new RawClient(path)) {
                assertEquals("", tooMany.readToEnd());
            }
            ControlException refusal = assertThrows(ControlException.class, () -> get("/"));
            assertEquals(Reason.CONNECTION_LOST, refusal.reason());
            clients.removeLast().close();
            Await.until("room for another", () -> {
                try {
                    return get("/").isSuccess();
                } catch (ControlException e) {
                    return false;
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void theEndLetsTheLastAnswerOut() throws Exception {
        ControlServer server = open();
        try (RawClient client = new RawClient(path);
                RawClient idle = new RawClient(path)) {
            assertTrue(client.send("GET /wait HTTP/1.1\r\n\r\n"));
            Await.until("the request", () -> waiting.get() == 1);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
            Await.until("the path's removal", () -> Files.notExists(path));
            release.countDown();
            assertTrue(client.readToEnd().endsWith("\"released\""));
            assertEquals("", idle.readToEnd());
            closed.get(30, TimeUnit.SECONDS);
        } finally {
            server.close();
        }
    }

    @Test
    void aClientThatIsToldWhyThereIsNoAnswer() throws Exception {
        ControlException nothing = assertThrows(ControlException.class, () -> get("/"));
        assertEquals(Reason.NOBODY_LISTENS, nothing.reason());
        assertTrue(String.valueOf(nothing.getMessage()).contains("there is no control socket " + path));

        try (ServerSocketChannel abandoned = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            abandoned.bind(UnixDomainSocketAddress.of(path));
        }
        ControlException nobody = assertThrows(ControlException.class, () -> get("/"));
        assertEquals(Reason.NOBODY_LISTENS, nobody.reason());
        assertTrue(String.valueOf(nobody.getMessage()).contains("nobody listens"));

        try (ControlServer _ = open()) { // in the place of what was left behind
            ControlException late = assertThrows(
                    ControlException.class,
                    () -> ControlClient.send(path, "GET", "/wait", null, Duration.ofMillis(100)));
            assertEquals(Reason.NO_ANSWER, late.reason());
            assertTrue(String.valueOf(late.getMessage()).contains("does not answer within 0.1 s"));
            release.countDown();
        }
        Path tooLong = directory.resolve("x".repeat(108));
        ControlException bad =
                assertThrows(ControlException.class, () -> ControlClient.send(tooLong, "GET", "/", null, TIMEOUT));
        assertEquals(Reason.BAD_PATH, bad.reason());
    }

    @Test
    void aServerThatAcceptsNobodyIsNotWaitedForForEver() throws Exception {
        List<RawClient> queue = new ArrayList<>();
        try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            deaf.bind(UnixDomainSocketAddress.of(path), 1);
            for (int i = 0; i < 2; i++) {
                queue.add(new RawClient(path));
            }
            ControlException late = assertThrows(
                    ControlException.class, () -> ControlClient.send(path, "GET", "/", null, Duration.ofMillis(100)));
            assertEquals(Reason.NO_ANSWER, late.reason());
        } finally {
            for (RawClient client : queue) {
                client.close();
            }
            Files.delete(path);
        }
    }

    @Test
    void aPathThatIsNotOursIsRefused() throws IOException {
        Files.writeString(path, "precious");
        ConfigException refusal = assertThrows(ConfigException.class, this::open);
        assertTrue(refusal.toString().contains("control socket " + path + " exists and is not a socket"));
        assertEquals("precious", Files.readString(path));
        Files.delete(path);
        try (ControlServer _ = open()) {
            assertTrue(
                    assertThrows(ConfigException.class, this::open).toString().contains("is in use"));
        }
        Path tooLong = directory.resolve("x".repeat(107 - directory.toString().length()));
        assertTrue(assertThrows(ConfigException.class, () -> ControlServer.open(tooLong, NAME, this::handle))
                .toString()
                .contains("has a path of 108 bytes"));
    }

    @Test
    void manyClientsAtOnceAreAllAnswered() throws Exception {
        try (ControlServer _ = open()) {
            List<CompletableFuture<Response>> answers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                String target = "/" + i;
                answers.add(CompletableFuture.supplyAsync(() -> {
                    try {
                        return get(target);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
            for (int i = 0; i < 32; i++) {
                assertEquals(
                        Json.text(List.of("GET", "/" + i, 0)),
                        answers.get(i).get(30, TimeUnit.SECONDS).body());
            }
        }
    }
}
