package io.javisor.oci.registry;

import static io.javisor.oci.registry.Setup.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.ScriptedServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What registries do, and what comes of it. Each server is one registry, on loopback. */
class RegistrySourceTest extends SourceFixture {
    private static final String MANIFEST = "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}";
    private static final Digest DIGEST = Digest.sha256(MANIFEST.getBytes(StandardCharsets.UTF_8));
    private static final String TYPE = "Content-Type: " + MediaTypes.OCI_MANIFEST + "\r\n";

    private final AtomicInteger whole = new AtomicInteger();

    private String topFailure(ScriptedServer.Script script) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(script);
                Setup setup = Setup.of(home);
                ImageSource source = source(setup, server, "a/b:c")) {
            return failure(source::top).replace(server.host(), "HOST");
        }
    }

    @Test
    void aManifestIsAskedForByAllItsTypes() throws Exception {
        List<String> accepted = new ArrayList<>();
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    accepted.add(asked.header("Accept").orElse(""));
                    asked.answer(200, TYPE + "Docker-Content-Digest: " + DIGEST + "\r\n", MANIFEST);
                });
                Setup setup = Setup.of(home);
                ImageSource source = source(setup, server, "a/b:c")) {
            ManifestDocument top = source.top();
            assertEquals(MediaTypes.OCI_MANIFEST, top.mediaType());
            assertEquals(DIGEST, top.digest());
            assertEquals(MANIFEST, new String(top.bytes(), StandardCharsets.UTF_8));
            assertEquals(Optional.of(DIGEST), source.topDigest());
            assertEquals(List.of("GET /v2/a/b/manifests/c", "HEAD /v2/a/b/manifests/c"), server.requests());
            assertEquals(
                    List.of(String.join(", ", MediaTypes.MANIFESTS)),
                    accepted.stream().distinct().toList());
        }
    }

    @Test
    void aDigestSaysWhatComes() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(200, "", MANIFEST));
                Setup setup = Setup.of(home)) {
            try (ImageSource source = source(setup, server, "a:tag@" + DIGEST)) {
                assertEquals(DIGEST, source.top().digest());
                assertEquals(Optional.of(DIGEST), source.topDigest());
                assertEquals(List.of("GET /v2/a/manifests/" + DIGEST), server.requests());
            }
            String other = "sha256:" + "0".repeat(64);
            try (ImageSource source = source(setup, server, "a@" + other)) {
                assertEquals(
                        server.host() + "/a@" + other + ": manifest verification failed for digest " + other
                                + ": what the registry gives has " + DIGEST,
                        failure(source::top));
            }
            try (ImageSource source = source(setup, server, "a")) {
                Descriptor shorter = new Descriptor(MediaTypes.OCI_MANIFEST, DIGEST, 5);
                assertEquals(
                        server.host() + "/a:latest: " + DIGEST + ": the index has it as 5 bytes, the registry as "
                                + MANIFEST.length(),
                        failure(() -> source.manifest(shorter)));
            }
        }
    }

    @Test
    void theRegistrysOwnDigestIsChecked() throws Exception {
        String other = "sha256:" + "1".repeat(64);
        assertEquals(
                "HOST/a/b:c: manifest verification failed for digest " + other + ": what the registry gives has "
                        + DIGEST,
                topFailure(asked -> asked.answer(200, TYPE + "Docker-Content-Digest: " + other + "\r\n", MANIFEST)));
        assertEquals(
                "HOST/a/b:c: Docker-Content-Digest: invalid digest: it has no algorithm; it is written sha256:0123...",
                topFailure(asked -> asked.answer(200, TYPE + "Docker-Content-Digest: x\r\n", MANIFEST)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "404 | {'errors':[{'code':'MANIFEST_UNKNOWN','message':'manifest unknown'}]} | manifest for HOST/a/b:c"
                        + " not found: manifest unknown",
                "404 | 404 page not found | manifest for HOST/a/b:c not found: 404 page not found",
                "404 | {'errors':[{'code':'NAME_UNKNOWN','message':'repository name not known to registry'}]} |"
                        + " manifest for HOST/a/b:c not found: name unknown: repository name not known to registry",
                "401 | {'errors':[{'code':'UNAUTHORIZED','message':'authentication required'}]} | pull access denied"
                        + " for HOST/a/b, repository does not exist or may require 'javisor login HOST': unauthorized:"
                        + " authentication required",
                "403 | `` | pull access denied for HOST/a/b, repository does not exist or may require 'javisor login"
                        + " HOST': denied",
                "400 | Some words. | Get \"http://HOST/v2/a/b/manifests/c\": Some words.",
                "500 | `` | Get \"http://HOST/v2/a/b/manifests/c\": received unexpected HTTP status: 500 Some Words",
                "204 | `` | Get \"http://HOST/v2/a/b/manifests/c\": received unexpected HTTP status: 204 Some Words",
            })
    void refusalsAreSaidInDockersWords(int status, String body, String message) throws Exception {
        assertEquals(message, topFailure(asked -> asked.answer(status, "", body.replace('\'', '"'))));
    }

    @Test
    void whatIsNoManifestIsRefused() throws Exception {
        String html = topFailure(asked -> asked.answer(200, "Content-Type: text/html\r\n", "<html>log in</html>"));
        assertTrue(html.startsWith("HOST/a/b:c: "), html);
        String message = topFailure(asked -> asked.answer(200, TYPE, "x".repeat(ManifestDocument.SIZE_MAX + 1)));
        assertEquals("Get \"http://HOST/v2/a/b/manifests/c\": the answer has more than 4194304 bytes", message);
    }

    @Test
    void aBusyRegistryIsAskedAgain() throws Exception {
        AtomicInteger count = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    switch (count.incrementAndGet()) {
                        case 1 -> asked.answer(429, "Retry-After: 7\r\n", "{}");
                        case 2 -> asked.answer(503, "", "");
                        case 3 -> asked.answer(502, "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "");
                        default -> asked.answer(200, TYPE, MANIFEST);
                    }
                });
                Setup setup = Setup.of(home);
                ImageSource source = source(setup, server, "a")) {
            assertEquals(DIGEST, source.top().digest());
            assertEquals(List.of(Duration.ofSeconds(7), Duration.ofMillis(200), Duration.ZERO), setup.waits);
        }
    }

    @Test
    void aRegistryThatStaysBusyIsLeft() throws Exception {
        String body =
                "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"You have reached your pull rate limit.\"}]}";
        AtomicInteger count = new AtomicInteger();
        assertEquals(
                "toomanyrequests: You have reached your pull rate limit.; it says to try again after 21600 s",
                topFailure(asked -> {
                    assertEquals(1, count.incrementAndGet());
                    asked.answer(429, "Retry-After: 21600\r\n", body);
                }));
        count.set(0);
        assertEquals("toomanyrequests: Too Many Requests", topFailure(asked -> {
            count.incrementAndGet();
            asked.answer(429, "", "");
        }));
        assertEquals(5, count.get());
    }

    @Test
    void aManifestThatBreaksOffIsAskedForAgain() throws Exception {
        AtomicInteger count = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    if (count.incrementAndGet() < 3) {
                        asked.head(200, TYPE, MANIFEST.length());
                        asked.raw(MANIFEST.substring(0, 9));
                        asked.hangUp();
                    } else {
                        asked.answer(200, TYPE, MANIFEST);
                    }
                });
                Setup setup = Setup.of(home);
                ImageSource source = source(setup, server, "a")) {
            assertEquals(DIGEST, source.top().digest());
        }
    }

    @Test
    void aBlobComesWhole() throws Exception {
        byte[] blob = Setup.noise(1_000_003, 1);
        assertArrayEquals(
                blob,
                pull(blob, asked -> {
                            assertEquals("/v2/a/blobs/" + Digest.sha256(blob), asked.target());
                            assertEquals(Optional.empty(), asked.header("Range"));
                            asked.answer(200, "", blob);
                        })
                        .bytes());
        assertEquals(0, pull(new byte[0], _ -> {}).bytes().length);
    }

    @Test
    void aBlobThatBreaksOffGoesOnWhereItWas() throws Exception {
        byte[] blob = Setup.noise(12 << 20, 2);
        AtomicInteger count = new AtomicInteger();
        Setup.Sink sink = pull(blob, asked -> {
            count.incrementAndGet();
            ranged(asked, blob, 1 << 20);
        });
        assertArrayEquals(blob, sink.bytes());
        assertEquals(0, sink.restarts());
        assertEquals(12, count.get());
    }

    @Test
    void aRegistryThatKnowsNoRangesBeginsAnew() throws Exception {
        byte[] blob = Setup.noise(300_000, 3);
        AtomicInteger count = new AtomicInteger();
        Setup.Sink sink = pull(blob, asked -> {
            asked.head(200, "", blob.length);
            boolean last = count.incrementAndGet() == 3;
            asked.raw(blob, 0, last ? blob.length : 200_000);
            asked.hangUp();
        });
        assertArrayEquals(blob, sink.bytes());
        assertEquals(2, sink.restarts());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes 5-299999/300000", "bytes */300000", "bytes 100000-299999", "", "lines 1-2/3"})
    void aRangeThatWasNotAskedForIsNotTaken(String range) throws Exception {
        byte[] blob = Setup.noise(300_000, 4);
        Setup.Sink sink = pull(blob, asked -> {
            if (asked.header("Range").isPresent()) {
                asked.head(206, "Content-Range: " + range + "\r\n", 5);
                asked.raw("wrong");
            } else {
                ranged(asked, blob, whole.getAndIncrement() == 0 ? 100_000 : blob.length);
            }
        });
        assertArrayEquals(blob, sink.bytes());
        assertEquals(1, sink.restarts());
    }

    @Test
    void aRangeThatIsNotThereBeginsAnew() throws Exception {
        byte[] blob = Setup.noise(300_000, 5);
        Setup.Sink sink = pull(blob, asked -> {
            if (asked.header("Range").isPresent()) {
                asked.answer(416, "", "");
            } else {
                ranged(asked, blob, whole.getAndIncrement() == 0 ? 100_000 : blob.length);
            }
        });
        assertArrayEquals(blob, sink.bytes());
        assertEquals(1, sink.restarts());
    }

    @Test
    void aBlobThatBreaksOffTooOftenIsLeft() throws Exception {
        byte[] blob = Setup.noise(300_000, 6);
        AtomicInteger count = new AtomicInteger();
        assertEquals(
                "Get \"http://HOST/v2/a/blobs/" + Digest.sha256(blob) + "\": unexpected EOF",
                pullFailure(blob, asked -> {
                    count.incrementAndGet();
                    ranged(asked, blob, 1000);
                }));
        assertEquals(5, count.get());
    }

    @Test
    void aBlobOfAnotherLengthIsRefused() throws Exception {
        byte[] blob = Setup.noise(1000, 7);
        String message =
                "HOST/a:latest: " + Digest.sha256(blob) + ": the manifest has it as 1000 bytes, the registry as ";
        assertEquals(message + "999", pullFailure(blob, asked -> asked.answer(200, "", new byte[999])));
        assertEquals(message + "1001", pullFailure(blob, asked -> asked.answer(200, "", new byte[1001])));
        assertEquals(message + "1001", pullFailure(blob, asked -> {
            if (asked.header("Range").isPresent()) {
                asked.answer(206, "Content-Range: bytes 500-999/1000\r\n", new byte[501]);
            } else {
                ranged(asked, blob, 500);
            }
        }));
        assertEquals(message + "2000", pullFailure(blob, asked -> {
            if (asked.header("Range").isPresent()) {
                asked.answer(206, "Content-Range: bytes 500-999/2000\r\n", new byte[500]);
            } else {
                ranged(asked, blob, 500);
            }
        }));
        assertEquals("too many bytes", pullFailure(blob, asked -> {
            asked.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + "x".repeat(1001)
                    + "\r\n0\r\n\r\n");
        }));
    }

    @Test
    void aBlobThatIsNotThereIsNamed() throws Exception {
        byte[] blob = Setup.noise(10, 8);
        String body = "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob unknown to registry\"}]}";
        assertEquals(
                "HOST/a:latest: " + Digest.sha256(blob) + ": blob unknown: blob unknown to registry",
                pullFailure(blob, asked -> asked.answer(404, "", body)));
        assertEquals(
                "Get \"http://HOST/v2/a/blobs/" + Digest.sha256(blob)
                        + "\": received unexpected HTTP status: 204 Some Words",
                pullFailure(blob, asked -> asked.answer(204, "", "")));
    }

    @Test
    void aBlobElsewhereIsFetchedWithoutCredentials() throws Exception {
        byte[] blob = Setup.noise(300_000, 9);
        try (ScriptedServer storage = ScriptedServer.start(asked -> {
                    assertEquals(Optional.empty(), asked.header("Authorization"));
                    ranged(asked, blob, 200_000);
                });
                ScriptedServer server = ScriptedServer.start(asked -> {
                    if (asked.header("Authorization").isEmpty()) {
                        asked.answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
                    } else {
                        // printf user:secret | base64
                        assertEquals(
                                "Basic dXNlcjpzZWNyZXQ=",
                                asked.header("Authorization").get());
                        asked.answer(307, "Location: http://" + storage.host() + "/b?sig=x\r\n", "");
                    }
                })) {
            Setup.login(home, server.host(), "user", "secret");
            try (Setup setup = Setup.of(home);
                    ImageSource source = source(setup, server, "a")) {
                Setup.Sink sink = new Setup.Sink(blob.length);
                source.blob(Setup.descriptor(blob), sink);
                assertArrayEquals(blob, sink.bytes());
                assertEquals(2, storage.requests().size());
                assertEquals(3, server.requests().size());
            }
        }
    }

    @Test
    void mirrorsAreAskedFirstAndTheRegistryLast() throws Exception {
        byte[] blob = Setup.noise(300_000, 10);
        byte[] wrong = Setup.noise(300_000, 13);
        int nobody;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = unused.getLocalPort();
        }
        try (ScriptedServer mirror = ScriptedServer.start(asked -> {
                    if (asked.target().contains("/manifests/")) {
                        asked.answer(404, "", "");
                    } else if (asked.header("Range").isEmpty()) {
                        ranged(asked, wrong, 100_000);
                    } else {
                        asked.answer(403, "", "");
                    }
                });
                ScriptedServer server = ScriptedServer.start(asked -> {
                    if (asked.target().contains("/manifests/")) {
                        asked.answer(200, TYPE, MANIFEST);
                    } else {
                        ranged(asked, blob, blob.length);
                    }
                });
                Setup setup = Setup.of(
                        home,
                        "{'" + server.host() + "': {'mirrors': ['127.0.0.1:" + nobody + "', '" + mirror.host()
                                + "']}}");
                ImageSource source = source(setup, server, "a")) {
            assertEquals(DIGEST, source.top().digest());
            Setup.Sink sink = new Setup.Sink(blob.length);
            source.blob(Setup.descriptor(blob), sink);
            assertArrayEquals(blob, sink.bytes(), "nothing of the mirror's that broke");
            assertEquals(1, sink.restarts());
            assertEquals(
                    List.of("GET /v2/a/manifests/latest", "GET /v2/a/blobs/" + Digest.sha256(blob)), server.requests());
        }
    }

    @Test
    void aSinkThatTakesNoMoreEndsIt() throws Exception {
        byte[] blob = Setup.noise(1000, 11);
        AtomicInteger count = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    count.incrementAndGet();
                    asked.answer(200, "", blob);
                });
                Setup setup = Setup.of(home, "{'" + server.host() + "': {'mirrors': ['" + server.host() + "']}}");
                ImageSource source = source(setup, server, "a")) {
            assertEquals("too many bytes", failure(() -> source.blob(Setup.descriptor(blob), new Setup.Sink(500))));
            assertEquals(1, count.get());
        }
    }

    @Test
    void whoIsNotThereIsNamed() throws Exception {
        int nobody;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = unused.getLocalPort();
        }
        try (Setup setup = Setup.of(home)) {
            Reference reference = Reference.parse("localhost:" + nobody + "/a");
            String message = failure(() -> setup.registries().source(reference).top());
            assertEquals(
                    "Get \"http://localhost:" + nobody + "/v2/a/manifests/latest\": dial tcp 127.0.0.1:" + nobody
                            + ": connect: connection refused",
                    message);
        }
    }

    @Test
    void aHeadThatIsNotKnownTellsNothing() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(405, "", ""));
                Setup setup = Setup.of(home)) {
            assertEquals(Optional.empty(), setup.registries().head(Reference.parse(server.host() + "/a")));
        }
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(404, "", "unheard"));
                Setup setup = Setup.of(home)) {
            assertEquals(
                    "manifest for " + server.host() + "/a:latest not found: manifest unknown",
                    failure(() -> setup.registries().head(Reference.parse(server.host() + "/a"))));
        }
    }
}
