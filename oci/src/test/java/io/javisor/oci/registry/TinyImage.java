package io.javisor.oci.registry;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** An image whose layers have no files: enough for registries, and for tools that copy. */
final class TinyImage {
    private final byte[] config;
    private final List<byte[]> layers = new ArrayList<>();
    private final ManifestDocument manifest;
    private final String architecture;

    /** Of a layer for each size; tar archives end with zeros, as many as you like, here with noise behind them. */
    TinyImage(String architecture, int... layerSizes) throws IOException {
        this.architecture = architecture;
        StringBuilder diffIds = new StringBuilder();
        StringBuilder descriptors = new StringBuilder();
        for (int i = 0; i < layerSizes.length; i++) {
            byte[] noise = Setup.noise(layerSizes[i], i + architecture.hashCode());
            ByteArrayOutputStream tar = new ByteArrayOutputStream();
            tar.write(new byte[1024]);
            tar.write(noise);
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(tar.toByteArray());
            }
            byte[] layer = packed.toByteArray();
            layers.add(layer);
            String comma = i == 0 ? "" : ",";
            diffIds.append(comma)
                    .append('"')
                    .append(Digest.sha256(tar.toByteArray()))
                    .append('"');
            descriptors.append(comma).append(json(Setup.descriptor(layer)));
        }
        config = ("{\"architecture\":\"" + architecture
                        + "\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\"," + "\"diff_ids\":["
                        + diffIds + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] text = ("{\"schemaVersion\":2,\"config\":" + json(configDescriptor()) + ",\"layers\":[" + descriptors
                        + "]}")
                .getBytes(StandardCharsets.UTF_8);
        manifest = new ManifestDocument(MediaTypes.OCI_MANIFEST, Digest.sha256(text), text);
    }

    private Descriptor configDescriptor() {
        return new Descriptor(MediaTypes.OCI_CONFIG, Digest.sha256(config), config.length);
    }

    private static String json(Descriptor descriptor) {
        return "{\"mediaType\":\"" + descriptor.mediaType() + "\",\"digest\":\"" + descriptor.digest() + "\",\"size\":"
                + descriptor.sizeBytes() + "}";
    }

    /** Configuration and layers. */
    List<byte[]> blobs() {
        List<byte[]> all = new ArrayList<>(layers);
        all.add(config);
        return all;
    }

    ManifestDocument manifest() {
        return manifest;
    }

    /** An index of images. */
    static ManifestDocument index(TinyImage... images) {
        StringBuilder entries = new StringBuilder();
        for (TinyImage each : images) {
            String entry = json(each.manifest.descriptor());
            entries.append(entries.isEmpty() ? "" : ",")
                    .append(entry, 0, entry.length() - 1)
                    .append(",\"platform\":{\"os\":\"linux\",\"architecture\":\"")
                    .append(each.architecture)
                    .append("\"}}");
        }
        byte[] text = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":[" + entries
                        + "]}")
                .getBytes(StandardCharsets.UTF_8);
        return new ManifestDocument(MediaTypes.OCI_INDEX, Digest.sha256(text), text);
    }

    /** An OCI layout (image-spec 1.1, image-layout.md) of images, with {@code top} tagged {@code t}. */
    static void writeLayout(Path directory, ManifestDocument top, TinyImage... images) throws IOException {
        Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
        for (TinyImage each : images) {
            for (byte[] blob : each.blobs()) {
                Path _ = Files.write(blobs.resolve(Digest.sha256(blob).hex()), blob);
            }
            Path _ = Files.write(blobs.resolve(each.manifest.digest().hex()), each.manifest.bytes());
        }
        Path _ = Files.write(blobs.resolve(top.digest().hex()), top.bytes());
        Path _ = Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        String entry = json(top.descriptor());
        Path _ = Files.writeString(
                directory.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[" + entry.substring(0, entry.length() - 1)
                        + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"t\"}}]}");
    }
}
