package io.javisor.oci.archive;

import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.model.Json;
import io.javisor.oci.model.Manifests;
import io.javisor.oci.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A small image in memory: a layer for each text, with a file of that content. */
final class SampleImage {
    private final List<byte[]> tars = new ArrayList<>();
    private final List<byte[]> layers = new ArrayList<>();
    private final byte[] config;
    private final ManifestDocument manifest;

    private SampleImage(boolean gzip, String... texts) {
        for (String text : texts) {
            byte[] tar = tar(Map.of("file", text.getBytes(StandardCharsets.UTF_8)));
            tars.add(tar);
            layers.add(gzip ? gzip(tar) : tar);
        }
        config = config(tars);
        ObjectNode json = Json.newObject();
        json.put("schemaVersion", 2);
        json.put("mediaType", MediaTypes.OCI_MANIFEST);
        json.set("config", Json.descriptor(descriptor(MediaTypes.OCI_CONFIG, config)));
        ArrayNode list = json.putArray("layers");
        String type = gzip ? MediaTypes.OCI_LAYER_GZIP : MediaTypes.OCI_LAYER;
        layers.forEach(layer -> list.add(Json.descriptor(descriptor(type, layer))));
        manifest = Manifests.document("sample", "", Json.text(json));
    }

    /** With layers of plain tar. */
    static SampleImage plain(String... texts) {
        return new SampleImage(false, texts);
    }

    /** With layers that are compressed. */
    static SampleImage gzip(String... texts) {
        return new SampleImage(true, texts);
    }

    private static byte[] config(List<byte[]> tars) {
        String diffIds =
                tars.stream().map(tar -> "\"" + Digest.sha256(tar) + "\"").collect(Collectors.joining(","));
        return ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{\"type\":"
                        + "\"layers\",\"diff_ids\":[" + diffIds + "]}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    static Descriptor descriptor(String mediaType, byte[] bytes) {
        return new Descriptor(mediaType, Digest.sha256(bytes), bytes.length);
    }

    ManifestDocument manifest() {
        return manifest;
    }

    byte[] config() {
        return config;
    }

    byte[] layer(int number) {
        return layers.get(number);
    }

    Digest id() {
        return Digest.sha256(config);
    }

    /** Configuration and layers. */
    List<BlobContent> blobs() {
        List<BlobContent> all = new ArrayList<>();
        all.add(blob(MediaTypes.OCI_CONFIG, config));
        layers.forEach(layer -> all.add(blob(MediaTypes.OCI_LAYER, layer)));
        return all;
    }

    private static BlobContent blob(String mediaType, byte[] bytes) {
        return blob(descriptor(mediaType, bytes), bytes);
    }

    /** A content that need not be what it should. */
    static BlobContent blob(Descriptor descriptor, byte[] bytes) {
        return new BlobContent() {
            @Override
            public Descriptor descriptor() {
                return descriptor;
            }

            @Override
            public InputStream open(long offset) {
                return new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
            }
        };
    }

    /** Sends it as a push does. */
    void sendTo(ImageTarget target) {
        blobs().forEach(blob -> {
            if (!target.has(blob.descriptor())) {
                target.put(blob, _ -> {});
            }
        });
        target.put(manifest);
    }

    /** The files of an OCI layout with this image, whose entry has these further members. */
    Map<String, byte[]> layout(String more) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("oci-layout", "{\"imageLayoutVersion\": \"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        files.put("index.json", index(entry(more)));
        putBlobs(files);
        return files;
    }

    /** Adds the blobs of a layout, the manifest among them. */
    void putBlobs(Map<String, byte[]> files) {
        List<byte[]> blobs = new ArrayList<>(layers);
        blobs.add(config);
        blobs.add(manifest.bytes());
        blobs.forEach(blob -> files.put("blobs/sha256/" + Digest.sha256(blob).hex(), blob));
    }

    /** Its entry in an index. */
    String entry(String more) {
        String descriptor = new String(Json.text(Json.descriptor(manifest.descriptor())), StandardCharsets.UTF_8);
        return descriptor.substring(0, descriptor.length() - 1) + more + "}";
    }

    static byte[] index(String... entries) {
        return ("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", entries) + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    static String refName(String text) {
        return ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + text + "\"}";
    }

    static byte[] tar(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            TarWriter tar = new TarWriter(bytes);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                tar.file(file.getKey(), file.getValue().length);
                tar.write(file.getValue(), 0, file.getValue().length);
            }
            tar.finish();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return compressed.toByteArray();
    }
}
