package io.javisor.oci.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.Reference;
import io.javisor.oci.model.ImageConfig;
import io.javisor.oci.model.Json;
import io.javisor.oci.model.Manifest;
import io.javisor.oci.model.Manifests;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An image that umoci makes (Debian: umoci) and skopeo copies into every form (Debian: skopeo): read here, saved here, read there. */
class SkopeoTest {
    private static final String NAME = "localhost:5000/some/box:1.0";

    @TempDir
    private static Path shared = Path.of("");

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void makeImage() throws IOException {
        HostTool.require("skopeo", "skopeo");
        HostTool.require("umoci", "umoci");
        Path tree = Files.createDirectories(shared.resolve("tree/sub"));
        Files.writeString(tree.resolve("text"), "text".repeat(10_000));
        umoci("init", "--layout", "made");
        umoci("new", "--image", "made:box");
        umoci("insert", "--rootless", "--image", "made:box", "tree", "/srv");
        umoci("insert", "--rootless", "--image", "made:box", "tree/sub/text", "/etc/text");
        umoci("insert", "--rootless", "--image", "made:box", "--whiteout", "/srv/sub/text");
        umoci(
                "config",
                "--image=made:box",
                "--config.user=1000:1000",
                "--config.exposedports=80/tcp",
                "--config.env=A=b c",
                "--config.entrypoint=/bin/sh",
                "--config.cmd=-c",
                "--config.cmd=true",
                "--config.volume=/data",
                "--config.workingdir=/srv",
                "--config.stopsignal=SIGQUIT",
                "--config.label=key=value",
                "--author=somebody");
    }

    private static String umoci(String... arguments) {
        return run(shared, "umoci", arguments);
    }

    private String skopeo(String... arguments) {
        return run(directory, "skopeo", arguments);
    }

    private static String run(Path where, String program, String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = program;
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return HostTool.run(where, "", command);
    }

    private static String made() {
        return "oci:" + shared + "/made:box";
    }

    private void copy(String from, String to, String... options) {
        String[] command = new String[options.length + 4];
        command[0] = "--insecure-policy";
        command[1] = "copy";
        System.arraycopy(options, 0, command, 2, options.length);
        command[options.length + 2] = from;
        command[options.length + 3] = to;
        skopeo(command);
    }

    /** What skopeo says that the manifest is, byte for byte. */
    private Digest inspected(String image) {
        return Digest.sha256(
                skopeo("--insecure-policy", "inspect", "--raw", image).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Digest id(ManifestDocument document) {
        return Manifest.parse(document).config().digest();
    }

    private static ManifestDocument read(String text) {
        try (ImageSource source = Archives.source(text).orElseThrow()) {
            return SourceReader.read(source);
        }
    }

    @Test
    void readsWhatUmociMakes() {
        ManifestDocument document = read(made());
        assertEquals(inspected(made()), document.digest());
        Manifest manifest = Manifest.parse(document);
        assertEquals(3, manifest.layers().size());
        try (ImageSource source = Archives.source(made()).orElseThrow()) {
            ImageConfig config = ImageConfig.parse("box", SourceReader.blob(source, manifest.config()));
            assertEquals("somebody", config.author());
            assertEquals("1000:1000", config.process().user());
            assertEquals(List.of("/bin/sh"), config.process().entrypoint());
            assertEquals(List.of("-c", "true"), config.process().cmd());
            assertEquals("80/tcp", config.process().exposedPorts().getFirst().toString());
            assertTrue(config.process().env().contains("A=b c"));
            assertEquals(List.of("/data"), config.process().volumes());
            assertEquals("/srv", config.process().workingDir());
            assertEquals("SIGQUIT", config.process().stopSignal());
            assertEquals("value", config.process().labels().get("key"));
            assertEquals(
                    3,
                    config.history().stream().filter(step -> !step.emptyLayer()).count());
            assertTrue(config.created().isPresent());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci:copy", "oci:copy:tag", "oci-archive:x.tar:" + NAME, "oci-archive:x.tar"})
    void readsCopiesWithTheirManifest(String form) {
        copy(made(), form);
        assertEquals(read(made()), read(form.replaceFirst(":", ":" + directory + "/")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-archive:x.tar:" + NAME, "docker-archive:x.tar"})
    void readsDockerArchives(String form) {
        copy(made(), form);
        assertEquals(id(read(made())), id(read(form.replaceFirst(":", ":" + directory + "/"))));
        try (ImageArchive archive = ImageArchive.open(directory.resolve("x.tar"))) {
            List<Reference> names = form.endsWith("tar") ? List.of() : List.of(Reference.parse(NAME));
            assertEquals(names, archive.images().getFirst().names());
        }
    }

    @Test
    void readsZstdLayers() {
        // Compressed layers would be copied as they are.
        copy(made(), "dir:plain", "--dest-decompress");
        copy("dir:plain", "oci:copy:tag", "--dest-compress-format", "zstd", "--dest-compress");
        ManifestDocument document = read("oci:" + directory + "/copy:tag");
        assertEquals(id(read(made())), id(document));
        for (Descriptor layer : Manifest.parse(document).layers()) {
            assertEquals(MediaTypes.OCI_LAYER_ZSTD, layer.mediaType());
        }
    }

    @Test
    void readsDockersManifests() throws IOException {
        copy(made(), "dir:copy", "--format", "v2s2");
        byte[] bytes = Files.readAllBytes(directory.resolve("copy/manifest.json"));
        ManifestDocument document = Manifests.document("x", "", bytes);
        assertEquals(MediaTypes.DOCKER_MANIFEST, document.mediaType());
        assertEquals(id(read(made())), id(document));
        assertEquals(inspected("dir:copy"), document.digest());
    }

    /** Sends an image on, as it is. */
    private static void send(String from, ImageTarget target) {
        try (ImageSource source = Archives.source(from).orElseThrow()) {
            ManifestDocument document = source.top();
            Manifest manifest = Manifest.parse(document);
            target.put(SampleImage.blob(manifest.config(), SourceReader.blob(source, manifest.config())), _ -> {});
            for (Descriptor layer : manifest.layers()) {
                target.put(SampleImage.blob(layer, SourceReader.blob(source, layer)), _ -> {});
            }
            target.put(document);
        }
    }

    @ParameterizedTest
    @EnumSource
    void savesWhatSkopeoReads(ArchiveFormat format) throws IOException {
        Path file = directory.resolve("saved.tar");
        try (ArchiveWriter writer = ArchiveWriter.toFile(file, format)) {
            try (ImageTarget target = writer.image(List.of(Reference.parse(NAME)))) {
                send(made(), target);
            }
            writer.finish();
        }
        ManifestDocument original = read(made());
        if (format.hasLayout()) {
            assertEquals(original.digest(), inspected("oci-archive:" + file));
            copy("oci-archive:" + file + ":" + NAME, "oci:copy:tag");
            assertEquals(original, read("oci:" + directory + "/copy:tag"));
        }
        if (format.hasDockerManifest()) {
            assertTrue(skopeo("list-tags", "docker-archive:" + file).contains('"' + NAME + '"'));
            // Into an OCI layout it would write the configuration anew.
            copy("docker-archive:" + file + ":" + NAME, "dir:unpacked");
            byte[] manifest = Files.readAllBytes(directory.resolve("unpacked/manifest.json"));
            assertEquals(id(original), id(Manifests.document("x", "", manifest)));
        }
    }

    @Test
    void savesSeveralThatSkopeoReads() {
        Path file = directory.resolve("saved.tar");
        try (ArchiveWriter writer = ArchiveWriter.toFile(file, ArchiveFormat.DOCKER_AND_OCI)) {
            try (ImageTarget target = writer.image(List.of(Reference.parse(NAME), Reference.parse("box")))) {
                send(made(), target);
            }
            try (ImageTarget target = writer.image(List.of(Reference.parse("other:2")))) {
                SampleImage.gzip("other").sendTo(target);
            }
            writer.finish();
        }
        copy("oci-archive:" + file + ":docker.io/library/box:latest", "oci:one:tag");
        assertEquals(read(made()), read("oci:" + directory + "/one:tag"));
        copy("docker-archive:" + file + ":other:2", "oci:two:tag");
        assertEquals(SampleImage.gzip("other").id(), id(read("oci:" + directory + "/two:tag")));
    }

    @Test
    void addsToALayoutOfSkopeos() {
        copy(made(), "oci:copy:first");
        try (ImageTarget target =
                Archives.target("oci:" + directory + "/copy:second").orElseThrow()) {
            SampleImage.gzip("other").sendTo(target);
        }
        assertEquals(inspected(made()), inspected("oci:copy:first"));
        assertEquals(SampleImage.gzip("other").manifest().digest(), inspected("oci:copy:second"));
        assertEquals(
                1,
                Json.object("x", skopeo("inspect", "oci:copy:second").getBytes(StandardCharsets.ISO_8859_1))
                        .strings("Layers")
                        .size());
    }
}
