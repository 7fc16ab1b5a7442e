package io.javisor.oci.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is saved is read again, and is the same. */
class ArchiveWriterTest {
    private static final Reference ONE = Reference.parse("x:1");
    private static final Reference TWO = Reference.parse("localhost:5000/y/z:2");

    private final SampleImage image = SampleImage.gzip("one", "two");
    private final SampleImage other = SampleImage.gzip("one", "three");

    @TempDir
    private Path directory = Path.of("");

    private static byte[] saved(ArchiveFormat format, SampleImage... images) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ArchiveWriter writer = ArchiveWriter.toStream("-", bytes, format)) {
            for (SampleImage each : images) {
                try (ImageTarget target = writer.image(List.of(ONE, TWO))) {
                    each.sendTo(target);
                }
            }
            writer.finish();
        }
        return bytes.toByteArray();
    }

    private List<String> listed() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> directory.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @EnumSource
    void savesWhatIsReadAgain(ArchiveFormat format) {
        byte[] bytes = saved(format, image);
        assertArrayEquals(bytes, saved(format, image), "deterministic");
        try (ImageArchive archive = ImageArchive.read("-", new ByteArrayInputStream(bytes))) {
            ArchivedImage only = archive.images().getFirst();
            assertEquals(1, archive.images().size());
            assertEquals(List.of(ONE, TWO), only.names());
            assertEquals(image.manifest(), SourceReader.read(only.source()));
        }
    }

    @Test
    void savesSeveral() throws IOException {
        Path file = directory.resolve("saved.tar");
        try (ArchiveWriter writer = ArchiveWriter.toFile(file, ArchiveFormat.DOCKER_AND_OCI)) {
            try (ImageTarget target = writer.image(List.of(ONE))) {
                image.sendTo(target);
            }
            try (ImageTarget target = writer.image(List.of(TWO))) {
                Descriptor shared = other.blobs().get(1).descriptor();
                assertTrue(target.has(shared), "a layer of both");
                other.sendTo(target);
            }
            try (ImageTarget target = writer.image(List.of(Reference.parse("x:again")))) {
                image.sendTo(target);
            }
            try (ImageTarget target = writer.image(List.of())) {
                assertEquals(file.toString(), target.name());
            }
            assertFalse(Files.exists(file), "before it is whole");
            writer.finish();
        }
        assertEquals(List.of("saved.tar"), listed());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        for (String kind : List.of("oci-archive:", "docker-archive:")) {
            try (ImageSource source =
                    Archives.source(kind + file + ":localhost:5000/y/z:2").orElseThrow()) {
                assertEquals(other.manifest(), SourceReader.read(source));
            }
        }
        try (ImageArchive archive = ImageArchive.open(file)) {
            assertEquals(
                    List.of(ONE, Reference.parse("x:again")),
                    archive.images().getFirst().names());
            assertEquals(2, archive.images().size());
        }
    }

    @Test
    void namesImagesAsDockerDoes() throws IOException {
        Path file = Files.write(directory.resolve("x.tar"), saved(ArchiveFormat.DOCKER_AND_OCI, image));
        try (var channel = FileChannel.open(file)) {
            TarContents contents = TarContents.open("x", channel);
            String blobs = "\"blobs/sha256/";
            assertEquals(
                    "[{\"Config\":" + blobs + image.id().hex()
                            + "\",\"RepoTags\":[\"x:1\",\"localhost:5000/y/z:2\"],\"Layers\":[" + blobs
                            + Digest.sha256(image.layer(0)).hex() + "\"," + blobs
                            + Digest.sha256(image.layer(1)).hex() + "\"]}]",
                    text(contents, "manifest.json"));
            assertEquals("{\"imageLayoutVersion\":\"1.0.0\"}", text(contents, "oci-layout"));
            String index = text(contents, "index.json");
            assertTrue(
                    index.contains("\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/x:1\","
                            + "\"org.opencontainers.image.ref.name\":\"docker.io/library/x:1\"}"),
                    index);
        }
    }

    private static String text(Contents contents, String path) {
        return new String(contents.find(path).orElseThrow().bytes(10_000), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci:%s/out:tag", "oci-archive:%s/out:tag", "docker-archive:%s/out:tag", "oci:%s/out"})
    void isATargetByItsPrefix(String form) {
        String text = form.formatted(directory);
        try (ImageTarget target = Archives.target(text).orElseThrow()) {
            image.sendTo(target);
        }
        try (ImageSource source = Archives.source(text).orElseThrow()) {
            assertEquals(image.manifest(), SourceReader.read(source));
        }
        assertTrue(Archives.isOne(text));
        assertTrue(Archives.target("out:tag").isEmpty());
        assertTrue(Archives.source("out:tag").isEmpty());
    }

    @Test
    void addsToADirectory() throws IOException {
        String place = "oci:" + directory + "/out";
        for (String tag : List.of(":1", ":2", "")) {
            try (ImageTarget target = Archives.target(place + tag).orElseThrow()) {
                (tag.equals(":2") ? other : image).sendTo(target);
            }
        }
        Path index = directory.resolve("out/index.json");
        Files.writeString(index, Files.readString(index).replace("\"manifests\"", "\"x\":7,\"manifests\""));
        try (ImageTarget target = Archives.target(place + ":1").orElseThrow()) {
            other.sendTo(target);
        }
        try (ImageTarget target = Archives.target(place).orElseThrow()) {
            image.sendTo(target);
        }
        assertTrue(Files.readString(index).contains("\"x\":7"), "what is not known stays");
        assertEquals(4, Files.readString(index).split("\"digest\"").length);
        try (ImageSource source = Archives.source(place + ":1").orElseThrow()) {
            assertEquals(other.manifest(), SourceReader.read(source));
        }
        assertTrue(listed().stream().noneMatch(file -> file.endsWith(".tmp")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci:%s/out:tag", "oci-archive:%s/out:tag", "docker-archive:%s/out:tag"})
    void leavesNothingWithoutAManifest(String form) throws IOException {
        try (ImageTarget target = Archives.target(form.formatted(directory)).orElseThrow()) {
            target.put(image.blobs().getFirst(), _ -> {});
        }
        assertTrue(listed().stream().allMatch(file -> file.startsWith("out/blobs/")), listed().toString());
    }

    @Test
    void keepsTheOldFileUntilTheNewOneIsWhole() throws IOException {
        Path file = Files.writeString(directory.resolve("old"), "old");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        try (ArchiveWriter writer = ArchiveWriter.toFile(link, ArchiveFormat.OCI)) {
            try (ImageTarget target = writer.image(List.of())) {
                image.sendTo(target);
            }
        }
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("link", "old"), listed());
        try (ImageTarget target = Archives.target("oci-archive:" + link).orElseThrow()) {
            image.sendTo(target);
        }
        assertTrue(Files.isSymbolicLink(link));
        try (ImageSource source = Archives.file(file)) {
            assertEquals(image.manifest(), source.top());
        }
    }

    @Test
    void refusesContentsThatAreNotWhatTheyShouldBe() throws IOException {
        byte[] layer = image.layer(0);
        Descriptor longer = new Descriptor("", Digest.sha256(layer), layer.length + 1);
        Descriptor shorter = new Descriptor("", Digest.sha256(layer), layer.length - 1);
        Descriptor different = new Descriptor("", Digest.sha256(new byte[0]), layer.length);
        for (Descriptor descriptor : List.of(longer, shorter, different)) {
            BlobContent blob = SampleImage.blob(descriptor, layer);
            for (String place : List.of("oci:%s/out", "oci-archive:%s/out.tar")) {
                try (ImageTarget target =
                        Archives.target(place.formatted(directory)).orElseThrow()) {
                    assertThrows(OciException.class, () -> target.put(blob, _ -> {}));
                    assertFalse(target.has(descriptor));
                }
            }
        }
        assertEquals(List.of(), listed());
    }

    @Test
    void wantsTheBlobsFirst() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ArchiveWriter writer = ArchiveWriter.toStream("-", bytes, ArchiveFormat.OCI);
                ImageTarget target = writer.image(List.of())) {
            assertThrows(IllegalStateException.class, () -> target.put(image.manifest()));
            assertThrows(OciException.class, writer::finish);
        }
    }

    @Test
    void tellsHowFarItIs() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long[] taken = {0};
        try (ArchiveWriter writer = ArchiveWriter.toStream("-", bytes, ArchiveFormat.OCI);
                ImageTarget target = writer.image(List.of())) {
            image.blobs().forEach(blob -> target.put(blob, count -> taken[0] += count));
        }
        assertEquals(
                image.blobs().stream()
                        .mapToLong(blob -> blob.descriptor().sizeBytes())
                        .sum(),
                taken[0]);
    }

    @Test
    void refusesPlacesThatCantBe() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        String noDirectory = "oci:" + file;
        assertThrows(OciException.class, () -> Archives.target(noDirectory));
        assertThrows(OciException.class, () -> Archives.target("oci-archive:" + directory));
        assertThrows(OciException.class, () -> Archives.target("oci-archive:" + directory + "/not/there"));
        assertThrows(OciException.class, () -> Archives.target("docker-archive:" + directory + "/new:A B"));
        assertEquals(List.of("file"), listed());
    }

    @Test
    void writesToWhatIsNoFile() {
        try (ImageTarget target = Archives.target("oci-archive:/dev/null").orElseThrow()) {
            image.sendTo(target);
        }
        assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    }

    @Test
    void putsNoIndexIntoDockersList() {
        byte[] index = SampleImage.index();
        Descriptor descriptor = SampleImage.descriptor(MediaTypes.OCI_INDEX, index);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ArchiveWriter writer = ArchiveWriter.toStream("-", bytes, ArchiveFormat.DOCKER)) {
            try (ImageTarget target = writer.image(List.of())) {
                target.put(new ManifestDocument(descriptor.mediaType(), descriptor.digest(), index));
            }
            assertThrows(OciException.class, writer::finish);
        }
    }
}
