package io.javisor.oci.archive;

import static io.javisor.oci.archive.SampleImage.refName;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OCI layouts, in directories and in archives. */
class LayoutTest {
    private final SampleImage image = SampleImage.gzip("one", "two");
    private final SampleImage other = SampleImage.plain("three");

    @TempDir
    private Path directory = Path.of("");

    private Path layout(Map<String, byte[]> files) {
        Path root = directory.resolve("layout");
        files.forEach((path, content) -> write(root.resolve(path), content));
        return root;
    }

    private Path archive(byte[] content) {
        return write(directory.resolve("archive.tar"), content);
    }

    private static Path write(Path file, byte[] content) {
        try {
            Files.createDirectories(file.resolveSibling("."));
            return Files.write(file, content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ImageSource source(String text) {
        return Archives.source(text).orElseThrow();
    }

    private static String refusal(String text) {
        OciException e = assertThrows(OciException.class, () -> {
            try (ImageSource source = source(text)) {
                SourceReader.read(source);
            }
        });
        String message = String.valueOf(e.getMessage());
        assertTrue(message.length() < 600 && message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        return message;
    }

    private Map<String, byte[]> two(String more, String moreOfOther) {
        Map<String, byte[]> files = image.layout("");
        other.putBlobs(files);
        files.put("index.json", SampleImage.index(image.entry(more), other.entry(moreOfOther)));
        return files;
    }

    @Test
    void readsADirectory() {
        Path root = layout(image.layout(""));
        try (ImageSource source = source("oci:" + root)) {
            assertEquals("oci:" + root, source.name());
            assertEquals(image.manifest(), SourceReader.read(source));
        }
        try (ImageSource source = Archives.file(root)) {
            assertEquals(image.manifest(), SourceReader.read(source));
        }
    }

    @Test
    void readsAnArchive() {
        byte[] tar = SampleImage.tar(image.layout(""));
        byte[] first = SampleImage.gzip(Arrays.copyOf(tar, 1000));
        byte[] second = SampleImage.gzip(Arrays.copyOfRange(tar, 1000, tar.length));
        byte[] members = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, members, first.length, second.length);
        for (byte[] content : List.of(tar, SampleImage.gzip(tar), members)) {
            try (ImageSource source = source("oci-archive:" + archive(content))) {
                assertEquals(image.manifest(), SourceReader.read(source));
            }
        }
        try (ImageArchive archive = ImageArchive.read("stdin", new ByteArrayInputStream(tar))) {
            assertEquals(
                    image.manifest(),
                    SourceReader.read(archive.images().getFirst().source()));
        }
    }

    @Test
    void readsNamesWithADotBeforeThem() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        image.layout("").forEach((path, content) -> files.put("./" + path, content));
        try (ImageSource source = Archives.file(archive(SampleImage.tar(files)))) {
            assertEquals(image.manifest(), SourceReader.read(source));
        }
    }

    @Test
    void leavesNoTemporaryFile() throws IOException {
        Path spool = Spool.directory(System.getenv());
        try (ImageSource source = Archives.file(archive(SampleImage.gzip(SampleImage.tar(image.layout("")))));
                var files = Files.newDirectoryStream(spool, "javisor-*.tmp")) {
            assertEquals(image.manifest(), source.top());
            assertTrue(!files.iterator().hasNext(), "a file in " + spool);
        }
    }

    @Test
    void choosesByTag() {
        Path root = layout(two(refName("1.0"), refName("docker.io/library/x:2")));
        try (ImageSource source = source("oci:" + root + ":1.0")) {
            assertEquals("oci:" + root + ":1.0", source.name());
            assertEquals(image.manifest(), source.top());
        }
        for (String name : List.of("docker.io/library/x:2", "x:2")) {
            try (ImageSource source = source("oci:" + root + ":" + name)) {
                assertEquals(other.manifest(), source.top());
            }
        }
        assertEquals(
                "oci:" + root + ": it holds 2 images; append :NAME of one: 1.0, docker.io/library/x:2",
                refusal("oci:" + root));
        assertEquals(
                "oci:" + root + ": no image in it is called \"3\"; there is 1.0, docker.io/library/x:2",
                refusal("oci:" + root + ":3"));
    }

    @Test
    void takesTheLongestPathThatIsThere() throws IOException {
        Path root = layout(image.layout(refName("a:b")));
        Path colon = Files.move(root, directory.resolve("with:colon"));
        for (String text : List.of("oci:" + colon, "oci:" + colon + ":a:b")) {
            try (ImageSource source = source(text)) {
                assertEquals(image.manifest(), source.top());
            }
        }
        assertTrue(refusal("oci:" + directory + "/not:there").endsWith("/not: no such file or directory"));
        assertTrue(refusal("oci:").contains("it names no file"));
    }

    @Test
    void listsImagesWithTheirNames() {
        String docker = ",\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/x:1\","
                + "\"org.opencontainers.image.ref.name\":\"1\"}";
        Map<String, byte[]> files = two(docker, refName("just-a-tag"));
        files.put(
                "index.json",
                SampleImage.index(
                        image.entry(docker), image.entry(refName("y.example/z:2")), other.entry(refName("tag"))));
        try (ImageArchive archive = ImageArchive.open(archive(SampleImage.tar(files)))) {
            List<ArchivedImage> images = archive.images();
            assertEquals(
                    List.of(Reference.parse("x:1"), Reference.parse("y.example/z:2")),
                    images.getFirst().names());
            assertEquals(List.of(), images.getLast().names());
            assertEquals(2, images.size());
            assertEquals(other.manifest(), SourceReader.read(images.getLast().source()));
        }
    }

    @Test
    void joinsPlatformsOfOneName() {
        String platform = ",\"platform\":{\"os\":\"linux\",\"architecture\":\"";
        Path root = layout(two(platform + "amd64\"}", platform + "arm64\"}"));
        try (ImageSource source = source("oci:" + root)) {
            assertEquals(MediaTypes.OCI_INDEX, source.top().mediaType());
            assertEquals(image.manifest(), SourceReader.read(source));
        }
        try (ImageArchive archive = ImageArchive.open(root)) {
            assertEquals(1, archive.images().size());
        }
    }

    @Test
    void readsNestedIndexesAndPassesOverAttestations() {
        byte[] nested = SampleImage.index(
                other.entry(",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}"),
                image.entry(",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}"));
        Map<String, byte[]> files = image.layout("");
        Digest digest = Digest.sha256(nested);
        files.put("blobs/sha256/" + digest.hex(), nested);
        files.put(
                "index.json",
                SampleImage.index("{\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"digest\":\"" + digest
                        + "\",\"size\":" + nested.length + "}"));
        try (ImageSource source = Archives.file(layout(files))) {
            assertEquals(digest, source.top().digest());
            assertEquals(image.manifest(), SourceReader.read(source));
        }
    }

    @Test
    void refusesWhatIsMissingOrWrong() {
        Map<String, byte[]> files = image.layout("");
        String text = "oci-archive:" + directory.resolve("archive.tar");
        for (String missing : List.copyOf(files.keySet())) {
            Map<String, byte[]> fewer = new LinkedHashMap<>(files);
            fewer.remove(missing);
            archive(SampleImage.tar(fewer));
            String message = refusal(text);
            assertTrue(
                    message.contains(missing.startsWith("blobs") ? "is not there" : "it has no file " + missing),
                    message);
        }
        Map<String, byte[]> longer = new LinkedHashMap<>(files);
        longer.replaceAll(
                (path, content) -> path.startsWith("blobs") ? Arrays.copyOf(content, content.length + 1) : content);
        archive(SampleImage.tar(longer));
        assertTrue(refusal(text).contains("should have"));
        Map<String, byte[]> changed = new LinkedHashMap<>(files);
        byte[] manifest = image.manifest().bytes().clone();
        manifest[manifest.length - 1] = ' ';
        changed.put("blobs/sha256/" + image.manifest().digest().hex(), manifest);
        archive(SampleImage.tar(changed));
        assertTrue(refusal(text).contains("has another content"));
    }

    @Test
    void refusesHostileIndexes() {
        Map<String, byte[]> files = image.layout("");
        String text = "oci-archive:" + directory.resolve("archive.tar");
        for (String index : List.of(
                "",
                "[]",
                "not JSON \u001b",
                "{\"manifests\":[]}",
                "{\"manifests\":[{\"digest\":\"sha256:../../../../etc/passwd\",\"size\":1}]}",
                "{\"x\":" + "[".repeat(50_000) + "]".repeat(50_000) + ",\"manifests\":[]}",
                " ".repeat(4 << 20) + "{}")) {
            files.put("index.json", index.getBytes(StandardCharsets.UTF_8));
            archive(SampleImage.tar(files));
            refusal(text);
        }
    }

    @Test
    void refusesOtherLayouts() {
        Map<String, byte[]> files = image.layout("");
        String text = "oci-archive:" + directory.resolve("archive.tar");
        files.put("oci-layout", "{\"imageLayoutVersion\":\"2.0.0\"}".getBytes(StandardCharsets.UTF_8));
        archive(SampleImage.tar(files));
        assertTrue(refusal(text).contains("an OCI layout of version \"2.0.0\" is not supported"), "version");
        files.put("oci-layout", "{}".getBytes(StandardCharsets.UTF_8));
        archive(SampleImage.tar(files));
        assertTrue(refusal(text).contains("lacks \"imageLayoutVersion\""));
    }

    @Test
    void refusesDirectoriesForFilesAndFilesForDirectories() throws IOException {
        Path root = layout(image.layout(""));
        assertTrue(refusal("oci-archive:" + root).contains("is a directory"));
        assertTrue(refusal("docker-archive:" + root).contains("is a directory"));
        Path file = archive(SampleImage.tar(image.layout("")));
        assertTrue(refusal("oci:" + file).contains("not a directory"));
        String blob = "blobs/sha256/" + image.id().hex();
        Files.delete(root.resolve(blob));
        Files.createDirectory(root.resolve(blob));
        assertTrue(refusal("oci:" + root).contains("not a regular file"));
    }

    @Test
    void refusesDamagedArchives() {
        byte[] tar = SampleImage.tar(image.layout(""));
        byte[] gzip = SampleImage.gzip(tar);
        Map<String, byte[]> twice = new LinkedHashMap<>(image.layout(""));
        twice.put("./index.json", SampleImage.index());
        for (byte[] content : List.of(
                new byte[0],
                new byte[1024],
                Arrays.copyOf(tar, tar.length - 2000),
                Arrays.copyOf(tar, 700),
                Arrays.copyOf(gzip, gzip.length / 2),
                Arrays.copyOf(gzip, 5),
                "no archive".getBytes(StandardCharsets.UTF_8),
                SampleImage.tar(twice),
                new byte[] {'B', 'Z', 'h', '9', 0, 0, 0})) {
            Path file = archive(content);
            refusal("oci-archive:" + file);
            assertThrows(OciException.class, () -> Archives.file(file).close());
        }
    }

    @Test
    void refusesWhatIsNoArchive() {
        assertTrue(refusal("oci-archive:/dev/null").contains("there is nothing in it"));
        archive(new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0, 0});
        assertTrue(refusal("oci-archive:" + directory.resolve("archive.tar")).endsWith("run unzstd on it first"));
    }

    @Test
    void knowsNoOtherBlobs() {
        try (ImageSource source = Archives.file(layout(image.layout("")))) {
            Descriptor descriptor = new Descriptor(MediaTypes.OCI_LAYER, Digest.sha256(new byte[7]), 7);
            SourceReader.Sink sink = new SourceReader.Sink(new byte[0]);
            assertThrows(OciException.class, () -> source.blob(descriptor, sink));
            assertThrows(OciException.class, () -> source.manifest(descriptor));
        }
    }
}
