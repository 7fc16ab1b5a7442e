package io.javisor.oci.registry;

import static io.javisor.oci.registry.Setup.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.Platform;
import io.javisor.oci.Reference;
import io.javisor.oci.model.Index;
import io.javisor.oci.model.Manifest;
import io.javisor.testkit.junit.HostTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against distribution's registry (Debian: docker-registry), and with skopeo (Debian: skopeo) at the other end. */
class DockerRegistryTest {
    /** htpasswd -nbBC 4 user secret */
    private static final String HTPASSWD = "user:$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

    @TempDir
    private Path directory = Path.of("");

    @TempDir
    private Path home = Path.of("");

    @BeforeEach
    void requireTools() {
        DockerRegistry.require();
    }

    private String skopeo(String... arguments) {
        String[] command = Stream.concat(Stream.of("skopeo", "--insecure-policy"), Stream.of(arguments))
                .toArray(String[]::new);
        return HostTool.run(directory, "", command);
    }

    private static void push(Setup setup, TinyImage image, String name, Reference... mountFrom) {
        try (ImageTarget target = setup.registries().target(Reference.parse(name), List.of(mountFrom))) {
            for (byte[] blob : image.blobs()) {
                assertFalse(target.has(Setup.descriptor(blob)));
                long[] told = new long[1];
                target.put(Setup.content(blob), count -> told[0] += count);
                assertEquals(blob.length, told[0]);
                assertTrue(target.has(Setup.descriptor(blob)));
            }
            target.put(image.manifest());
        }
    }

    private static byte[] blob(ImageSource source, Descriptor descriptor) {
        Setup.Sink sink = new Setup.Sink(descriptor.sizeBytes());
        source.blob(descriptor, sink);
        assertEquals(descriptor.digest(), Digest.sha256(sink.bytes()));
        return sink.bytes();
    }

    /** All blobs of a manifest, three at a time. */
    private static void pullBlobs(ImageSource source, ManifestDocument document) throws Exception {
        Manifest manifest = Manifest.parse(document);
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Callable<byte[]>> tasks = Stream.concat(Stream.of(manifest.config()), manifest.layers().stream())
                    .map(each -> (Callable<byte[]>) () -> blob(source, each))
                    .toList();
            for (Future<byte[]> each : threads.invokeAll(tasks)) {
                assertTrue(each.get().length > 0);
            }
        }
    }

    @Test
    void skopeoTakesWhatWasPushed() throws Exception {
        TinyImage image = new TinyImage("amd64", 3_000_000, 10);
        try (DockerRegistry registry = DockerRegistry.start(directory, "");
                Setup setup = Setup.of(home)) {
            String name = registry.host() + "/some/image:tag";
            push(setup, image, name);
            assertEquals(
                    new String(image.manifest().bytes(), StandardCharsets.UTF_8),
                    skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + name));
            String _ = skopeo("copy", "--src-tls-verify=false", "docker://" + name, "dir:" + directory.resolve("copy"));
            for (byte[] blob : image.blobs()) {
                assertArrayEquals(
                        blob,
                        Files.readAllBytes(directory
                                .resolve("copy")
                                .resolve(Digest.sha256(blob).hex())));
            }
            Reference reference = Reference.parse(name);
            assertEquals(
                    Optional.of(image.manifest().digest()), setup.registries().head(reference));
            try (ImageSource source = setup.registries().source(reference)) {
                assertEquals(image.manifest(), source.top());
                pullBlobs(source, source.top());
            }
            try (ImageTarget other =
                    setup.registries().target(Reference.parse(registry.host() + "/other"), List.of(reference))) {
                for (byte[] blob : image.blobs()) {
                    other.put(Setup.content(blob), _ -> {});
                }
                other.put(image.manifest());
            }
            try (ImageSource source = setup.registries().source(Reference.parse(registry.host() + "/other"))) {
                pullBlobs(source, source.top());
            }
            assertEquals(
                    "manifest for " + registry.host() + "/some/image:none not found: manifest unknown",
                    failure(() -> setup.registries()
                            .source(Reference.parse(registry.host() + "/some/image:none"))
                            .top()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "v2s2"})
    void whatSkopeoPushedIsTaken(String format) throws Exception {
        TinyImage image = new TinyImage("amd64", 200_000, 10);
        TinyImage.writeLayout(directory.resolve("layout"), image.manifest(), image);
        try (DockerRegistry registry = DockerRegistry.start(directory, "");
                Setup setup = Setup.of(home)) {
            String name = registry.host() + "/a:t";
            String _ = skopeo(
                    "copy",
                    "--format",
                    format,
                    "--dest-tls-verify=false",
                    "oci:" + directory.resolve("layout") + ":t",
                    "docker://" + name);
            try (ImageSource source = setup.registries().source(Reference.parse(name))) {
                ManifestDocument top = source.top();
                assertEquals(
                        format.equals("oci") ? MediaTypes.OCI_MANIFEST : MediaTypes.DOCKER_MANIFEST, top.mediaType());
                assertEquals(
                        skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + name),
                        new String(top.bytes(), StandardCharsets.UTF_8));
                assertEquals(Optional.of(top.digest()), source.topDigest());
                pullBlobs(source, top);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "v2s2"})
    void anIndexIsTaken(String format) throws Exception {
        TinyImage one = new TinyImage("amd64", 10);
        TinyImage two = new TinyImage("arm64", 20);
        TinyImage.writeLayout(directory.resolve("layout"), TinyImage.index(one, two), one, two);
        try (DockerRegistry registry = DockerRegistry.start(directory, "");
                Setup setup = Setup.of(home)) {
            String name = registry.host() + "/a:t";
            String _ = skopeo(
                    "copy",
                    "--all",
                    "--format",
                    format,
                    "--dest-tls-verify=false",
                    "oci:" + directory.resolve("layout") + ":t",
                    "docker://" + name);
            try (ImageSource source = setup.registries().source(Reference.parse(name))) {
                ManifestDocument top = source.top();
                assertEquals(format.equals("oci") ? MediaTypes.OCI_INDEX : MediaTypes.DOCKER_LIST, top.mediaType());
                Descriptor chosen = Index.parse(top).select(Platform.LINUX_AMD64, name);
                ManifestDocument manifest = source.manifest(chosen);
                assertEquals(chosen.digest(), manifest.digest());
                pullBlobs(source, manifest);
            }
        }
    }

    @Test
    void aPasswordOpensARegistry() throws Exception {
        Path users = Files.writeString(directory.resolve("htpasswd"), HTPASSWD + "\n");
        TinyImage image = new TinyImage("amd64", 10);
        try (DockerRegistry registry =
                DockerRegistry.start(directory, "auth: {htpasswd: {realm: r, path: " + users + "}}\n")) {
            String host = registry.host();
            try (Setup stranger = Setup.of(home)) {
                Reference reference = Reference.parse(host + "/a");
                assertEquals(
                        "pull access denied for " + host
                                + "/a, repository does not exist or may require 'javisor login " + host
                                + "': unauthorized: authentication required",
                        failure(() -> stranger.registries().source(reference).top()));
                assertEquals(
                        "push access denied for " + host
                                + "/a, repository does not exist or may require 'javisor login " + host
                                + "': unauthorized: authentication required",
                        failure(() -> stranger.registries()
                                .target(reference, List.of())
                                .put(Setup.content(new byte[9]), _ -> {})));
                stranger.registries().checkLogin(host, new Credentials.Login("user", "secret"));
                assertEquals(
                        "login attempt to http://" + host
                                + "/v2/ failed with status: 401 Unauthorized: unauthorized: authentication required",
                        failure(() -> stranger.registries().checkLogin(host, new Credentials.Login("user", "wrong"))));
            }
            Setup.login(home, host, "user", "secret");
            try (Setup setup = Setup.of(home)) {
                push(setup, image, host + "/a");
                pull(setup, host + "/a");
            }
            String _ = skopeo("inspect", "--creds", "user:secret", "--tls-verify=false", "docker://" + host + "/a");
        }
    }

    private static void pull(Setup setup, String name) throws Exception {
        try (ImageSource source = setup.registries().source(Reference.parse(name))) {
            pullBlobs(source, source.top());
        }
    }

    @Test
    void aTokenOpensARegistry() throws Exception {
        TinyImage image = new TinyImage("amd64", 10, 20, 30);
        try (TokenServer tokens = TokenServer.start(directory);
                DockerRegistry registry = DockerRegistry.start(directory, tokens.auth(directory))) {
            String host = registry.host();
            Setup.login(home, host, "user", "secret");
            try (Setup setup = Setup.of(home)) {
                setup.registries().checkLogin(host, new Credentials.Login("user", "secret"));
                assertTrue(failure(() -> setup.registries().checkLogin(host, new Credentials.Login("user", "wrong")))
                        .contains("unauthorized: incorrect username or password; try 'javisor login"));
                int before = tokens.requests().size();
                push(setup, image, host + "/public/a");
                assertEquals(before + 1, tokens.requests().size(), "one token for all of a push");
                push(setup, image, host + "/private/a", Reference.parse(host + "/no"));
                pull(setup, host + "/private/a");
            }
            Path nobody = Files.createDirectory(home.resolve("nobody"));
            try (Setup stranger = Setup.of(nobody)) {
                int before = tokens.requests().size();
                pull(stranger, host + "/public/a");
                assertEquals(before + 1, tokens.requests().size(), "one token for all of a pull");
                assertEquals(
                        "pull access denied for " + host
                                + "/private/a, repository does not exist or may require 'javisor login " + host
                                + "': unauthorized: authentication required",
                        failure(() -> stranger.registries()
                                .source(Reference.parse(host + "/private/a"))
                                .top()));
                assertTrue(failure(() -> stranger.registries()
                                .target(Reference.parse(host + "/public/a"), List.of())
                                .put(Setup.content(new byte[9]), _ -> {}))
                        .startsWith("push access denied for " + host + "/public/a"));
            }
        }
    }

    @Test
    void cutsAreMadeGood() throws Exception {
        TinyImage image = new TinyImage("amd64", 8_000_000);
        try (DockerRegistry registry = DockerRegistry.start(directory, "");
                Setup setup = Setup.of(home)) {
            try (CuttingRelay relay = new CuttingRelay(registry.port(), 3_000_000, 2)) {
                push(setup, image, relay.host() + "/a");
                assertEquals(2, relay.cutsMade());
            }
            try (CuttingRelay relay = new CuttingRelay(registry.port(), 1_200_000, 6)) {
                pull(setup, relay.host() + "/a");
                assertEquals(6, relay.cutsMade());
            }
            assertEquals(
                    new String(image.manifest().bytes(), StandardCharsets.UTF_8),
                    skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + registry.host() + "/a"));
        }
    }
}
