package io.javisor.oci.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.model.Manifest;
import io.javisor.oci.tar.TarEntry;
import io.javisor.oci.tar.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docker saves, in its old form and in its new one. */
class DockerArchiveTest {
    private final SampleImage image = SampleImage.plain("one", "two");

    @TempDir
    private Path directory = Path.of("");

    private Path archive(byte[] content) throws IOException {
        return Files.write(directory.resolve("archive.tar"), content);
    }

    private Map<String, byte[]> files(String manifest) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(image.id().hex() + ".json", image.config());
        files.put("aa/VERSION", new byte[] {'1', '.', '0'});
        files.put("aa/layer.tar", image.layer(0));
        files.put("bb/layer.tar", image.layer(1));
        files.put("manifest.json", manifest.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return files;
    }

    private String entry(String tags, String... layers) {
        return "{'Config':'" + image.id().hex() + ".json','RepoTags':" + tags + ",'Layers':['"
                + String.join("','", layers) + "']}";
    }

    private String refusal(String choice) {
        String text = "docker-archive:" + directory.resolve("archive.tar") + choice;
        OciException e = assertThrows(OciException.class, () -> {
            try (ImageSource source = Archives.source(text).orElseThrow()) {
                SourceReader.read(source);
            }
        });
        String message = String.valueOf(e.getMessage());
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        return message;
    }

    @Test
    void makesTheManifestOfPlainLayers() throws IOException {
        Path file = archive(SampleImage.tar(files("[" + entry("['x:1']", "aa/layer.tar", "bb/layer.tar") + "]")));
        try (ImageSource source = Archives.source("docker-archive:" + file).orElseThrow()) {
            ManifestDocument made = SourceReader.read(source);
            assertEquals(image.manifest(), made);
            assertEquals(made, source.manifest(made.descriptor()));
        }
    }

    @Test
    void makesTheManifestOfCompressedLayers() throws IOException {
        Map<String, byte[]> files = files("[" + entry("null", "aa/layer.tar", "bb/layer.tar") + "]");
        files.put("bb/layer.tar", SampleImage.gzip(image.layer(1)));
        try (ImageArchive archive = ImageArchive.open(archive(SampleImage.tar(files)))) {
            ArchivedImage only = archive.images().getFirst();
            assertEquals(List.of(), only.names());
            Manifest manifest = Manifest.parse(SourceReader.read(only.source()));
            assertEquals(MediaTypes.OCI_LAYER, manifest.layers().getFirst().mediaType());
            assertEquals(MediaTypes.OCI_LAYER_GZIP, manifest.layers().getLast().mediaType());
            assertEquals(
                    Digest.sha256(files.get("bb/layer.tar")),
                    manifest.layers().getLast().digest());
            assertEquals(image.id(), manifest.config().digest());
        }
    }

    @Test
    void prefersTheLayoutOfANewArchive() throws IOException {
        SampleImage compressed = SampleImage.gzip("one", "two");
        Map<String, byte[]> files = compressed.layout("");
        String blobs = "blobs/sha256/";
        files.put(
                "manifest.json",
                ("[{'Config':'" + blobs + compressed.id().hex() + "','RepoTags':['x:1'],'Layers':['" + blobs
                                + Digest.sha256(compressed.layer(0)).hex() + "','" + blobs
                                + Digest.sha256(compressed.layer(1)).hex() + "']}]")
                        .replace('\'', '"')
                        .getBytes(StandardCharsets.UTF_8));
        Path file = archive(SampleImage.tar(files));
        try (ImageSource source = Archives.file(file)) {
            assertEquals(compressed.manifest(), source.top());
        }
        try (ImageSource source =
                Archives.source("docker-archive:" + file + ":x:1").orElseThrow()) {
            assertEquals(compressed.manifest(), SourceReader.read(source), "the same by docker's list");
        }
    }

    @Test
    void choosesByNameOrPlace() throws IOException {
        String one = entry("['x:1','localhost:5000/y:2']", "aa/layer.tar", "bb/layer.tar");
        String other = one.replace("x:1", "z:1").replace("localhost:5000/y:2", "not a name");
        Path file = archive(SampleImage.tar(files("[" + one + "," + other + "]")));
        for (String choice : List.of(":x:1", ":docker.io/library/x:1", ":localhost:5000/y:2", ":@0", ":z:1", ":@1")) {
            try (ImageSource source =
                    Archives.source("docker-archive:" + file + choice).orElseThrow()) {
                assertEquals(image.manifest(), source.top(), choice);
            }
        }
        assertTrue(refusal("")
                .endsWith("it holds 2 images; append :NAME of one: x:1, localhost:5000/y:2, z:1, not a name"));
        assertTrue(refusal(":x:2").contains("no image in it is called \"x:2\""));
        assertTrue(refusal(":@2").contains("no image in it is called \"@2\""));
        try (ImageArchive archive = ImageArchive.open(file)) {
            assertEquals(
                    List.of(Reference.parse("x:1"), Reference.parse("localhost:5000/y:2")),
                    archive.images().getFirst().names());
            assertEquals(
                    List.of(Reference.parse("z:1")), archive.images().getLast().names());
        }
    }

    @Test
    void followsLinksWithinTheArchive() throws IOException {
        archive(withLinks("../aa/layer.tar", "../../../bb/../bb/layer.tar"));
        Path file = directory.resolve("archive.tar");
        try (ImageSource source = Archives.file(file)) {
            assertEquals(image.manifest(), SourceReader.read(source));
        }
        archive(withLinks("/aa/layer.tar", "./second"));
        assertTrue(refusal("").contains("names \"hard\", which is not there"));
        archive(withLinks("../l2/layer.tar", "../l1/layer.tar"));
        assertTrue(refusal("").contains("too many levels of symbolic links"));
        archive(withLinks("/etc/passwd", "layer.tar"));
        assertTrue(refusal("").contains("names \"l1/layer.tar\", which is not there"));
    }

    /** An archive in which both layers are symbolic links. */
    private byte[] withLinks(String first, String second) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(bytes);
        tar.directory("l1");
        link(tar, TarEntry.Type.SYMLINK, "l1/layer.tar", first);
        link(tar, TarEntry.Type.SYMLINK, "l2/layer.tar", second);
        Map<String, byte[]> files = files("[" + entry("['x:1']", "l1/layer.tar", "hard") + "]");
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            tar.file(file.getKey(), file.getValue().length);
            tar.write(file.getValue(), 0, file.getValue().length);
        }
        link(tar, TarEntry.Type.HARD_LINK, "hard", "l2/layer.tar");
        tar.finish();
        return bytes.toByteArray();
    }

    private static void link(TarWriter tar, TarEntry.Type type, String path, String target) throws IOException {
        tar.entry(new TarEntry(path, type, 0777, 0, 0, 0, 0, Map.of(), 0, target, 0, 0));
    }

    @Test
    void refusesWhatDoesNotFit() throws IOException {
        archive(SampleImage.tar(files("[" + entry("['x:1']", "aa/layer.tar") + "]")));
        assertTrue(refusal("").contains("invalid manifest, layers length mismatch: expected 2, got 1"));
        archive(SampleImage.tar(files("[" + entry("['x:1']", "aa/layer.tar", "../../../etc/passwd") + "]")));
        assertTrue(refusal("").contains("names \"../../../etc/passwd\", which is not there"));
        archive(SampleImage.tar(files("[" + entry("[]", "aa/layer.tar", "bb/layer.tar") + "]")));
        assertTrue(refusal(":x:1").endsWith("no image in it is called \"x:1\"; none has a name"));
        Map<String, byte[]> files = files("");
        files.remove("manifest.json");
        Path file = archive(SampleImage.tar(files));
        assertTrue(refusal("").contains("it has no file manifest.json"));
        try (ImageArchive archive = ImageArchive.open(file)) {
            assertThrows(OciException.class, archive::images);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "[7]",
                "[{}]",
                "[{'Config':null}]",
                "[{'Config':'x','Layers':{}}]",
                "[{'Config':'x','Layers':[null]}]",
                "[{'Config':'x\\u0000','Layers':[]}]",
                "[{'Config':'x','RepoTags':'y','Layers':[]}]",
                "[{'Config':'\\u001b[2J','RepoTags':null,'Layers':null}]",
                "[{'Config':'aa/layer.tar','Layers':[]}]",
                "[{'Config':'aa','Layers':[]}]"
            })
    void refusesHostileLists(String manifest) throws IOException {
        archive(SampleImage.tar(files(manifest)));
        refusal("");
    }

    @Test
    void readsAPipe() throws IOException {
        Path file = archive(SampleImage.tar(files("[" + entry("['x:1']", "aa/layer.tar", "bb/layer.tar") + "]")));
        try (var in = Files.newInputStream(file);
                ImageArchive archive = ImageArchive.read("-", in)) {
            assertEquals("-", archive.name());
            ImageSource source = archive.images().getFirst().source();
            assertEquals("- (x:1)", source.name());
            assertEquals(image.manifest(), SourceReader.read(source));
        }
    }
}
