package io.javisor.oci.testing;

import io.javisor.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Writes an image layout with one image, tagged {@code latest}, of layers that are not compressed (OCI image-spec 1.1, image-layout.md). */
public final class OciLayout {
    private OciLayout() {}

    public static void write(Path directory, List<byte[]> layers) {
        try {
            Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
            String layerList = layers.stream()
                    .map(layer ->
                            descriptor("application/vnd.oci.image.layer.v1.tar", blob(blobs, layer), layer.length))
                    .collect(Collectors.joining(","));
            String diffIds = layers.stream()
                    .map(layer -> "\"" + Digest.sha256(layer) + "\"")
                    .collect(Collectors.joining(","));
            byte[] config = ascii(
                    "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                            + diffIds + "]}}");
            byte[] manifest = ascii("{\"schemaVersion\":2,\"config\":"
                    + descriptor("application/vnd.oci.image.config.v1+json", blob(blobs, config), config.length)
                    + ",\"layers\":[" + layerList + "]}");
            String entry =
                    descriptor("application/vnd.oci.image.manifest.v1+json", blob(blobs, manifest), manifest.length);
            String tagged = entry.substring(0, entry.length() - 1)
                    + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}}";
            Files.write(directory.resolve("index.json"), ascii("{\"schemaVersion\":2,\"manifests\":[" + tagged + "]}"));
            Files.write(directory.resolve("oci-layout"), ascii("{\"imageLayoutVersion\":\"1.0.0\"}"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String descriptor(String mediaType, Digest digest, int size) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(mediaType, digest, size);
    }

    private static Digest blob(Path blobs, byte[] content) {
        Digest digest = Digest.sha256(content);
        try {
            Files.write(blobs.resolve(digest.hex()), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digest;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
