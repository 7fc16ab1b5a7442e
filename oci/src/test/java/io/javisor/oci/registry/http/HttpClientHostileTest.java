package io.javisor.oci.registry.http;

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
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Servers that say too much, too slowly or to no end, and what they must not learn. */
class HttpClientHostileTest extends HttpClientFixture {
    /** Bytes come as fast as they are taken, so that nothing is ever waited for. */
    @Test
    void anInterruptEndsWhatIsNeverWaitedFor() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    asked.head(200, "", 1L << 40);
                    byte[] much = new byte[1 << 20];
                    while (true) {
                        asked.raw(much, 0, much.length);
                    }
                });
                Response response = client.send(Request.of("GET", server.url("/")), false)) {
            assertTrue(response.read(new byte[1], 0, 1) == 1);
            Thread.sleep(200);
            Thread.currentThread().interrupt();
            byte[] buffer = new byte[1 << 16];
            TransportException e = assertThrows(TransportException.class, () -> {
                for (int i = 0; i < 4; i++) {
                    int _ = response.read(buffer, 0, buffer.length);
                }
            });
            assertEquals(Kind.INTERRUPTED, e.kind());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    /** Some servers send a body after a HEAD, and then wait for the next request. */
    @Test
    void whatFollowsAnAnswerUnaskedSpoilsNoOther() throws Exception {
        for (String more : List.of("{}", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")) {
            try (ScriptedServer server = ScriptedServer.start(asked -> {
                if (asked.method().equals("HEAD")) {
                    asked.raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + more);
                } else {
                    asked.answer(200, "", "right");
                }
            })) {
                try (Response head = client.send(Request.of("HEAD", server.url("/")), true)) {
                    assertEquals(200, head.status());
                }
                assertEquals("200 right", get(client, server.url("/")));
            }
        }
    }

    /** What is left of a body isn't worth a wait. */
    @Test
    void theRestOfABodyIsNotWaitedFor() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.start(asked -> {
            asked.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n");
            try {
                while (!end.await(100, TimeUnit.MILLISECONDS)) {
                    asked.raw("1\r\n.\r\n");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        })) {
            long start = System.nanoTime();
            try (Response response = client.send(Request.of("GET", server.url("/")), false)) {
                assertEquals(4, response.read(new byte[4], 0, 4));
            }
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            end.countDown();
            assertTrue(seconds < 10, seconds + " s");
        }
    }

    /** Each byte in time, and no end. */
    @Test
    void aHeaderThatComesByteByByteIsNotWaitedForWithoutEnd() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Timing hasty = timing(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofMillis(500));
        try (HttpClient impatient = new HttpClient(hasty, Trust.ofJdk(), Proxies.NONE);
                ScriptedServer server = ScriptedServer.start(asked -> {
                    asked.raw("HTTP/1.1 200 OK\r\nX: ");
                    try {
                        for (int i = 0; i < 40 && !end.await(100, TimeUnit.MILLISECONDS); i++) {
                            asked.raw("x");
                        }
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    asked.raw("\r\nContent-Length: 0\r\n\r\n");
                })) {
            TransportException e = assertThrows(TransportException.class, () -> {
                try (Response response = impatient.send(Request.of("GET", server.url("/")), false)) {
                    assertEquals(200, response.status());
                }
            });
            assertEquals("i/o timeout", e.getMessage());
            end.countDown();
        }
    }

    /** RFC 9110 §15.2: any number of interim answers may come at any time, asked for or not. */
    @Test
    void anInterimAnswerIsNoRefusalOfWhatIsStillSent() throws Exception {
        int length = 20_000_000;
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread taker = new Thread(() -> {
                try (var socket = listener.accept()) {
                    InputStream in = socket.getInputStream();
                    int last = 0;
                    while (last != 0x0D0A0D0A) {
                        last = last << 8 | in.read();
                    }
                    socket.getOutputStream()
                            .write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    in.skipNBytes(length);
                    socket.getOutputStream()
                            .write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    int _ = in.read();
                } catch (IOException e) {
                    // The client says what went wrong.
                }
            });
            taker.start();
            Url url = new Url(new Origin(false, "127.0.0.1", listener.getLocalPort()), "/");
            try (Response response = client.send(Request.of("PUT", url).with("a/b", body(new byte[length])), false)) {
                assertEquals(201, response.status());
            }
            client.close();
            taker.join();
        }
    }

    @Test
    void aSecretInABodyIsNotSentElsewhere() throws Exception {
        Request.Body secret = new Request.Body() {
            @Override
            public long sizeBytes() {
                return 6;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream("secret".getBytes(StandardCharsets.US_ASCII));
            }

            @Override
            public boolean isSecret() {
                return true;
            }
        };
        try (ScriptedServer other = ScriptedServer.start(asked -> asked.answer(200, "", ""));
                ScriptedServer first = ScriptedServer.start(asked -> asked.answer(
                        307, "Location: " + (asked.target().equals("/own") ? other.url("/") : "/own") + "\r\n", ""))) {
            TransportException e = assertThrows(TransportException.class, () -> {
                try (Response response =
                        client.send(Request.of("POST", first.url("/")).with("a/b", secret), true)) {
                    assertEquals(200, response.status());
                }
            });
            assertEquals(
                    "it leads to http://" + other.host() + ", which is refused, as a secret would go there",
                    e.getMessage());
            assertEquals(List.of("POST /", "POST /own"), first.requests());
            assertEquals(List.of(), other.requests());
        }
    }
}
