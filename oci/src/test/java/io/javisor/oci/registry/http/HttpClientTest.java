package io.javisor.oci.registry.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.registry.http.TransportException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpClientTest extends HttpClientFixture {
    private static final Timing SHORT = timing(Duration.ofMillis(200), Duration.ofMillis(200), Duration.ofSeconds(20));

    private TransportException failure(HttpClient who, Url url) {
        return assertThrows(TransportException.class, () -> get(who, url));
    }

    @Test
    void asksWhatItIsTold() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            assertEquals("javisor", asked.header("User-Agent").orElse(""));
            assertEquals("a, b", asked.header("Accept").orElse(""));
            asked.answer(
                    200,
                    "X: 1\r\nx: 2\r\n",
                    asked.method() + asked.header("host").orElse(""));
        })) {
            Request request = Request.of("GET", server.url("/v2/?a=b"))
                    .with("Accept", "a")
                    .with("Accept", "b");
            try (Response response = client.send(request, true)) {
                assertEquals(List.of("1", "2"), response.headers("X"));
                assertEquals("200 Some Words", response.statusLine());
                assertEquals("GET" + server.host(), new String(response.bytes(100), StandardCharsets.UTF_8));
            }
            assertEquals(List.of("GET /v2/?a=b"), server.requests());
        }
    }

    @Test
    void aConnectionServesTheNextExchange() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(200, "", "x".repeat(100_000)))) {
            for (int i = 0; i < 3; i++) {
                assertEquals(100_004, get(client, server.url("/")).length());
            }
            try (Response head = client.send(Request.of("HEAD", server.url("/")), true)) {
                assertEquals(100_000, head.contentLength().orElseThrow());
            }
            assertEquals(100_004, get(client, server.url("/")).length());
            assertEquals(1, server.connections());
        }
    }

    @Test
    void aConnectionWhoseAnswerWasLeftServesNone() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(200, "", "x".repeat(1_000_000)))) {
            try (Response response = client.send(Request.of("GET", server.url("/")), true)) {
                assertEquals(10, response.read(new byte[10], 0, 10));
            }
            assertEquals(1_000_004, get(client, server.url("/")).length());
            assertEquals(2, server.connections());
        }
    }

    /** The server closes after each answer without a word. */
    @Test
    void aConnectionThatWasClosedMeanwhileIsReplaced() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            asked.answer(200, "", asked.text());
            asked.hangUp();
        })) {
            for (int i = 0; i < 5; i++) {
                try (Response response = client.send(
                        Request.of("PUT", server.url("/")).with("a/b", body(new byte[] {'o', 'k'})), true)) {
                    assertEquals("ok", new String(response.bytes(10), StandardCharsets.UTF_8));
                }
            }
        }
    }

    @Test
    void bodiesComeInChunksOrToTheEndOfTheConnection() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            if (asked.target().equals("/chunks")) {
                asked.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n");
                asked.raw("6;x=y\r\npedia!\r\n0\r\nTrailer: x\r\n\r\n");
            } else {
                asked.raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nall of it");
                asked.hangUp();
            }
        })) {
            assertEquals("200 wikipedia!", get(client, server.url("/chunks")));
            assertEquals("200 all of it", get(client, server.url("/end")));
            assertEquals(1, server.connections());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n",
                "HTTP/1.1 200 OK\r\nContent-Le",
                ""
            })
    void anAnswerThatStopsIsNone(String answer) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            asked.raw(answer);
            asked.hangUp();
        })) {
            TransportException e = failure(client, server.url("/"));
            assertEquals(Kind.BROKEN, e.kind());
            assertTrue(String.valueOf(e.getMessage()).endsWith("EOF"), e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "what is this?\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            })
    void whatIsNoHttpIsRefused(String answer) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            asked.raw(answer);
            asked.hangUp();
        })) {
            assertEquals(Kind.PROTOCOL, failure(client, server.url("/")).kind());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"})
    void anAnswerWithoutAnEndIsRefused(String start) throws Exception {
        String more = start.contains("100")
                ? start
                : start.endsWith("\n") ? "X-Y: " + "z".repeat(1000) + "\r\n" : "K".repeat(1000);
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            asked.raw(start);
            while (true) {
                asked.raw(more);
            }
        })) {
            assertEquals(Kind.PROTOCOL, failure(client, server.url("/")).kind());
        }
    }

    @Test
    void aBodyWithoutAnEndIsRefused() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            asked.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                asked.raw("4\r\nwiki\r\n".repeat(1000));
            }
        })) {
            TransportException e = failure(client, server.url("/"));
            assertEquals("the answer has more than 1048576 bytes", e.getMessage());
        }
    }

    @Test
    void aServerThatSaysNothingIsWaitedForSoLong() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (HttpClient hasty = new HttpClient(SHORT, Trust.ofJdk(), Proxies.NONE);
                ScriptedServer server = ScriptedServer.start(asked -> {
                    asked.head(200, "", 10);
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                })) {
            TransportException e = failure(hasty, server.url("/"));
            assertEquals(Kind.BROKEN, e.kind());
            assertEquals("i/o timeout", e.getMessage());
            end.countDown();
        }
    }

    @Test
    void whoIsNotThereIsSaid() throws Exception {
        int port;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = unused.getLocalPort();
        }
        TransportException e = failure(client, new Url(new Origin(false, "127.0.0.1", port), "/"));
        assertEquals(Kind.CONNECT, e.kind());
        assertEquals("dial tcp 127.0.0.1:" + port + ": connect: connection refused", e.getMessage());
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(200, "", "x"))) {
            Thread.currentThread().interrupt();
            TransportException e = failure(client, server.url("/"));
            assertTrue(Thread.interrupted());
            assertEquals(Kind.INTERRUPTED, e.kind());
        }
    }

    @Test
    void whatIsSentComesWhole() throws Exception {
        byte[] much = new byte[3_000_001];
        for (int i = 0; i < much.length; i++) {
            much[i] = (byte) (i * 31 + (i >> 16));
        }
        List<Long> told = new ArrayList<>();
        Request.Body body = new Request.Body() {
            @Override
            public long sizeBytes() {
                return much.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(much);
            }

            @Override
            public void sent(long count) {
                told.add(count);
            }
        };
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            assertEquals("a/b", asked.header("Content-Type").orElse(""));
            assertArrayEquals(much, asked.body());
            asked.answer(201, "", "");
        })) {
            for (int i = 0; i < 2; i++) {
                try (Response response =
                        client.send(Request.of("PUT", server.url("/")).with("a/b", body), false)) {
                    assertEquals(201, response.status());
                }
            }
            assertEquals(1, server.connections());
        }
        assertEquals(much.length, told.getLast());
    }

    /** A raw server, as it must not read what is sent. */
    @Test
    void aRefusalOfWhatIsStillSentIsHeard() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread refuser = new Thread(() -> {
                try (var socket = listener.accept()) {
                    int _ = socket.getInputStream().read();
                    socket.getOutputStream()
                            .write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                    while (socket.getInputStream().read(new byte[1 << 16]) >= 0) {
                        // or the client would see a reset
                    }
                } catch (IOException e) {
                    // The client says what went wrong.
                }
            });
            refuser.start();
            Url url = new Url(new Origin(false, "127.0.0.1", listener.getLocalPort()), "/");
            try (Response response =
                    client.send(Request.of("PUT", url).with("a/b", body(new byte[20_000_000])), false)) {
                assertEquals(413, response.status());
            }
            refuser.join();
        }
    }

    @Test
    void redirectsAreFollowedWithoutCredentials() throws Exception {
        AtomicInteger secrets = new AtomicInteger();
        try (ScriptedServer other = ScriptedServer.start(asked -> {
                    asked.header("Authorization").ifPresent(_ -> secrets.incrementAndGet());
                    asked.answer(200, "", "there");
                });
                ScriptedServer first = ScriptedServer.start(asked -> {
                    assertEquals("Bearer x", asked.header("Authorization").orElse(""));
                    int status = Integer.parseInt(asked.target().substring(1, 4));
                    String next =
                            asked.target().endsWith("/own") ? "http://" + other.host() + "/x" : "/" + status + "/own";
                    asked.answer(status, "Location: " + next + "\r\n", "moved");
                })) {
            for (int status : new int[] {301, 302, 303, 307, 308}) {
                Request request = Request.of("GET", first.url("/" + status)).authorized("Bearer x");
                try (Response response = client.send(request, true)) {
                    assertEquals("there", new String(response.bytes(10), StandardCharsets.UTF_8));
                    assertEquals(other.url("/x"), response.url());
                }
            }
            assertEquals(0, secrets.get());
            assertEquals(10, first.requests().size());
        }
    }

    @Test
    void redirectsEndSomewhere() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(302, "Location: /again\r\n", ""))) {
            assertEquals(
                    "stopped after 5 redirects",
                    failure(client, server.url("/")).getMessage());
            assertEquals(6, server.requests().size());
        }
    }

    @Test
    void whatWasNotReadAgainIsNotSentElsewhereByAnOldRedirect() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(302, "Location: /x\r\n", ""));
                Response response =
                        client.send(Request.of("PUT", server.url("/")).with("a/b", body(new byte[3])), true)) {
            assertEquals(302, response.status());
        }
    }

    @Test
    void aProxyIsToldTheWholeUrl() throws Exception {
        try (ScriptedServer proxy = ScriptedServer.start(asked -> {
            assertEquals("Basic dTpw", asked.header("Proxy-Authorization").orElse(""));
            assertEquals("registry.test:5000", asked.header("Host").orElse(""));
            asked.answer(200, "", asked.target());
        })) {
            Proxies proxies = Proxies.of(Map.of("http_proxy", "http://u:p@" + proxy.host()));
            try (HttpClient proxied = new HttpClient(TIMING, Trust.ofJdk(), proxies)) {
                Url url = Url.parse("http://registry.test:5000/v2/");
                assertEquals("200 http://registry.test:5000/v2/", get(proxied, url));
            }
        }
    }

    @Test
    void aProxyThatMakesNoTunnelIsSaid() throws Exception {
        try (ScriptedServer proxy = ScriptedServer.start(asked -> asked.answer(403, "", ""))) {
            Proxies proxies = Proxies.of(Map.of("HTTPS_PROXY", proxy.host()));
            try (HttpClient proxied = new HttpClient(TIMING, Trust.ofJdk(), proxies)) {
                TransportException e = failure(proxied, Url.parse("https://registry.test/v2/"));
                assertEquals(
                        "proxyconnect tcp: the proxy http://" + proxy.host() + " answers \"HTTP/1.1 403 Some Words\"",
                        e.getMessage());
            }
            assertEquals(List.of("CONNECT registry.test:443"), proxy.requests());
        }
    }
}
