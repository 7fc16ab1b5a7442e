package io.javisor.oci.registry;

import static io.javisor.oci.registry.Setup.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.ScriptedServer;
import io.javisor.oci.registry.http.ScriptedServer.Asked;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTargetTest {
    private static final byte[] BLOB = Setup.noise(25 << 20, 1);
    private static final Digest DIGEST = Digest.sha256(BLOB);

    @TempDir
    private Path home = Path.of("");

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final AtomicLong told = new AtomicLong();

    private static ImageTarget target(Setup setup, ScriptedServer server, String... mountFrom) {
        List<Reference> from = new ArrayList<>();
        for (String each : mountFrom) {
            from.add(Reference.parse(each));
        }
        return setup.registries().target(Reference.parse(server.host() + "/a/b:c"), from);
    }

    private void put(ImageTarget target, byte[] bytes) {
        target.put(Setup.content(bytes), told::addAndGet);
        assertEquals(bytes.length, told.get());
    }

    @Test
    void aBlobGoesInOneRequest() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    if (asked.method().equals("POST")) {
                        asked.answer(202, "Location: /elsewhere?_state=x%3D\r\n", "");
                    } else {
                        assertEquals(
                                "application/octet-stream",
                                asked.header("Content-Type").orElse(""));
                        assertArrayEquals(BLOB, asked.body());
                        asked.answer(201, "", "");
                    }
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            put(target, BLOB);
            assertEquals(
                    List.of(
                            "POST /v2/a/b/blobs/uploads/",
                            "PUT /elsewhere?_state=x%3D&digest="
                                    + DIGEST.toString().replace(":", "%3A")),
                    server.requests());
        }
    }

    @Test
    void anEmptyBlobIsOne() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    asked.answer(asked.method().equals("POST") ? 202 : 201, "Location: /x\r\n", "");
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            put(target, new byte[0]);
            assertEquals(2, server.requests().size());
        }
    }

    @Test
    void whatIsThereIsKnown() throws Exception {
        AtomicInteger status = new AtomicInteger(200);
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(status.get(), "", "x"));
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            assertTrue(target.has(Setup.descriptor(BLOB)));
            status.set(404);
            assertFalse(target.has(Setup.descriptor(BLOB)));
            status.set(403);
            assertEquals(
                    "push access denied for " + server.host()
                            + "/a/b, repository does not exist or may require 'javisor login " + server.host()
                            + "': denied",
                    failure(() -> {
                        boolean _ = target.has(Setup.descriptor(BLOB));
                    }));
            assertEquals("HEAD /v2/a/b/blobs/" + DIGEST, server.requests().getFirst());
        }
    }

    @Test
    void aBlobOfAnotherRepositoryIsMounted() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    if (asked.method().equals("HEAD")) {
                        asked.answer(asked.target().startsWith("/v2/x/y/") ? 200 : 404, "", "");
                    } else {
                        asked.answer(201, "", "");
                    }
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(
                        setup,
                        server,
                        "docker.io/x/y",
                        server.host() + "/no",
                        server.host() + "/x/y",
                        server.host() + "/a/b")) {
            target.put(Setup.content(BLOB), told::addAndGet);
            assertEquals(0, told.get(), "none was sent");
            assertEquals(
                    List.of(
                            "HEAD /v2/no/blobs/" + DIGEST,
                            "HEAD /v2/x/y/blobs/" + DIGEST,
                            "POST /v2/a/b/blobs/uploads/?mount="
                                    + DIGEST.toString().replace(":", "%3A") + "&from=x%2Fy"),
                    server.requests());
        }
    }

    @Test
    void aBlobThatIsNotMountedIsSent() throws Exception {
        byte[] blob = Setup.noise(1000, 2);
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    switch (asked.method()) {
                        case "HEAD" -> asked.answer(200, "", "");
                        case "POST" -> asked.answer(202, "Location: /up\r\n", "");
                        default -> {
                            assertArrayEquals(blob, asked.body());
                            asked.answer(201, "", "");
                        }
                    }
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server, server.host() + "/x")) {
            put(target, blob);
            assertEquals(3, server.requests().size());
        }
    }

    /** Keeps what comes, as docker-registry does. */
    private void patch(Asked asked) throws IOException {
        assertEquals(
                kept.size() + "-" + (kept.size() + asked.body().length - 1),
                asked.header("Content-Range").orElse(""));
        kept.write(asked.body());
        asked.answer(202, "Location: /up?at=" + kept.size() + "\r\nRange: 0-" + (kept.size() - 1) + "\r\n", "");
    }

    @Test
    void aRegistryThatTakesNoLongRequestGetsChunks() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    switch (asked.method()) {
                        case "POST" ->
                            asked.answer(202, "Location: /up?at=0\r\nOCI-Chunk-Min-Length: " + (12 << 20) + "\r\n", "");
                        case "PATCH" -> patch(asked);
                        default -> asked.answer(asked.body().length > 0 ? 413 : 201, "", "too large");
                    }
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            put(target, BLOB);
            assertArrayEquals(BLOB, kept.toByteArray());
            assertEquals(
                    List.of("POST", "PUT", "POST", "PATCH", "PATCH", "PATCH", "PUT"),
                    server.requests().stream()
                            .map(each -> each.split(" ", 2)[0])
                            .toList());
        }
    }

    /** The first PUT is read for a while, then the connection ends; the registry has what came. */
    @Test
    void anUploadThatBreaksOffGoesOnWhereItWas() throws Exception {
        int half = 10 << 20;
        AtomicInteger puts = new AtomicInteger();
        try (ServerSocket broken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ScriptedServer server = ScriptedServer.start(asked -> {
                    switch (asked.method()) {
                        case "POST" ->
                            asked.answer(202, "Location: http://127.0.0.1:" + broken.getLocalPort() + "/up\r\n", "");
                        case "PATCH" -> patch(asked);
                        default -> {
                            assertEquals(0, asked.body().length);
                            puts.incrementAndGet();
                            asked.answer(201, "", "");
                        }
                    }
                })) {
            Thread breaker = new Thread(() -> {
                try {
                    try (Socket first = broken.accept()) {
                        byte[] head = new byte[1];
                        int lines = 0;
                        while (lines < 4 && first.getInputStream().read(head) == 1) {
                            lines = head[0] == '\n' || head[0] == '\r' ? lines + 1 : 0;
                        }
                        kept.write(first.getInputStream().readNBytes(half));
                    }
                    try (Socket second = broken.accept()) {
                        int _ = second.getInputStream().read(new byte[4096]);
                        second.getOutputStream()
                                .write(("HTTP/1.1 204 No Content\r\nLocation: http://" + server.host()
                                                + "/up?at=" + half + "\r\nRange: 0-" + (half - 1)
                                                + "\r\nConnection: close\r\n\r\n")
                                        .getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    // The client says what went wrong.
                }
            });
            breaker.start();
            try (Setup setup = Setup.of(home);
                    ImageTarget target = target(setup, server)) {
                put(target, BLOB);
            }
            breaker.join();
            assertArrayEquals(BLOB, kept.toByteArray());
            assertEquals(1, puts.get());
        }
    }

    @Test
    void anUploadThatIsForgottenBeginsAnew() throws Exception {
        AtomicInteger posts = new AtomicInteger();
        byte[] blob = Setup.noise(1000, 3);
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    if (asked.method().equals("POST")) {
                        asked.answer(202, "Location: /up" + posts.incrementAndGet() + "\r\n", "");
                    } else {
                        asked.answer(asked.target().startsWith("/up3") ? 201 : 404, "", "");
                    }
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            put(target, blob);
            assertEquals(3, posts.get());
        }
    }

    @Test
    void anUploadThatIsAlwaysRefusedEnds() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    if (asked.method().equals("POST")) {
                        asked.answer(202, "Location: /up\r\n", "");
                    } else {
                        asked.answer(500, "", "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"disk full\"}]}");
                    }
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            assertEquals(
                    "Put \"http://" + server.host() + "/up\": disk full",
                    failure(() -> target.put(Setup.content(new byte[10]), _ -> {})));
            assertEquals(10, server.requests().size());
        }
    }

    @Test
    void aRegistryThatKeepsNothingOfAChunkIsLeft() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    switch (asked.method()) {
                        case "POST" -> asked.answer(202, "Location: /up\r\n", "");
                        case "PATCH" -> asked.answer(202, "Location: /up\r\nRange: 0-5\r\n", "");
                        default -> asked.answer(501, "", "");
                    }
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            String message = failure(() -> target.put(Setup.content(new byte[100]), _ -> {}));
            assertTrue(message.contains("the registry has 6 bytes of sha256:"), message);
        }
    }

    @Test
    void anUploadWithoutAPlaceIsSaid() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(202, "", ""));
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            assertEquals(
                    "Post \"http://" + server.host()
                            + "/v2/a/b/blobs/uploads/\": the registry does not say where to upload to",
                    failure(() -> target.put(Setup.content(new byte[10]), _ -> {})));
        }
    }

    /** A registry may store blobs elsewhere; its credentials are its own. */
    @Test
    void credentialsDoNotFollowAnUploadElsewhere() throws Exception {
        byte[] blob = Setup.noise(1000, 4);
        try (ScriptedServer storage = ScriptedServer.start(asked -> {
                    assertEquals(Optional.empty(), asked.header("Authorization"));
                    assertArrayEquals(blob, asked.body());
                    asked.answer(201, "", "");
                });
                ScriptedServer server = ScriptedServer.start(asked -> {
                    if (asked.header("Authorization").isEmpty()) {
                        asked.answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
                    } else {
                        asked.answer(202, "Location: http://" + storage.host() + "/up?sig=secret\r\n", "");
                    }
                })) {
            Setup.login(home, server.host(), "user", "secret");
            try (Setup setup = Setup.of(home);
                    ImageTarget target = target(setup, server)) {
                put(target, blob);
                assertEquals(1, storage.requests().size());
            }
        }
    }

    @Test
    void aManifestGoesByTagOrDigest() throws Exception {
        byte[] json = "{\"config\":{},\"layers\":[]}".getBytes(StandardCharsets.UTF_8);
        ManifestDocument manifest = new ManifestDocument(MediaTypes.DOCKER_MANIFEST, Digest.sha256(json), json);
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    assertEquals(
                            MediaTypes.DOCKER_MANIFEST,
                            asked.header("Content-Type").orElse(""));
                    assertArrayEquals(json, asked.body());
                    asked.answer(201, "Docker-Content-Digest: " + manifest.digest() + "\r\n", "");
                });
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            target.put(manifest);
            try (ImageTarget other =
                    setup.registries().target(Reference.parse(server.host() + "/a@" + manifest.digest()), List.of())) {
                other.put(manifest);
            }
            assertEquals(
                    List.of("PUT /v2/a/b/manifests/c", "PUT /v2/a/manifests/" + manifest.digest()), server.requests());
        }
    }

    @Test
    void aManifestThatIsTakenForAnotherIsSaid() throws Exception {
        ManifestDocument manifest =
                new ManifestDocument(MediaTypes.OCI_MANIFEST, Digest.sha256(new byte[2]), new byte[2]);
        try (ScriptedServer server = ScriptedServer.start(
                        asked -> asked.answer(201, "Docker-Content-Digest: " + DIGEST + "\r\n", ""));
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            assertEquals(
                    server.host() + "/a/b:c: the registry took the manifest for another one; it has " + DIGEST
                            + " in place of " + manifest.digest(),
                    failure(() -> target.put(manifest)));
        }
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(
                        400, "", "{\"errors\":[{\"code\":\"MANIFEST_INVALID\",\"message\":\"manifest invalid\"}]}"));
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            assertEquals(
                    "Put \"http://" + server.host() + "/v2/a/b/manifests/c\": manifest invalid: manifest invalid",
                    failure(() -> target.put(manifest)));
        }
    }

    /** What the content itself can't give is its own failure. */
    @Test
    void aContentThatCannotBeReadIsSaid() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.answer(202, "Location: /up\r\n", ""));
                Setup setup = Setup.of(home);
                ImageTarget target = target(setup, server)) {
            BlobContent whole = Setup.content(new byte[1000]);
            BlobContent gone = new BlobContent() {
                @Override
                public Descriptor descriptor() {
                    return whole.descriptor();
                }

                @Override
                public InputStream open(long offset) {
                    return whole.open(990);
                }
            };
            assertEquals(
                    "Put \"http://" + server.host() + "/up\": what is to be sent ends after 10 of 1000 bytes",
                    failure(() -> target.put(gone, _ -> {})));
        }
    }
}
