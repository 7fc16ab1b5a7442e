package io.javisor.cli.image;

import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** An OCI layout with one image of one layer with one file, made without a tool. */
final class TinyLayout {
    private static final int BLOCK_SIZE = 512;

    private TinyLayout() {}

    /** Writes it. Returns the image's ID. */
    static String write(Path directory, String tag, String content) {
        return writeFor("amd64", directory, tag, content);
    }

    static String writeFor(String architecture, Path directory, String tag, String content) {
        byte[] layer = tar("hello", content.getBytes(StandardCharsets.UTF_8));
        byte[] config = """
            {"created": "2026-11-28T10:00:00Z", "architecture": "%s", "os": "linux", "config": {"Cmd": ["/hello"]},
             "rootfs": {"type": "layers", "diff_ids": ["%s"]},
             "history": [{"created": "2026-11-28T10:00:00Z", "created_by": "COPY hello /"}]}
            """.formatted(architecture, Digest.sha256(layer)).getBytes(StandardCharsets.UTF_8);
        byte[] manifest = """
            {"schemaVersion": 2, "mediaType": "%s", "config": %s, "layers": [%s]}
            """.formatted(
                        MediaTypes.OCI_MANIFEST,
                        descriptor(MediaTypes.OCI_CONFIG, config, ""),
                        descriptor(MediaTypes.OCI_LAYER, layer, ""))
                .getBytes(StandardCharsets.UTF_8);
        String name = ", \"annotations\": {\"org.opencontainers.image.ref.name\": \"" + tag + "\"}";
        try {
            for (byte[] blob : new byte[][] {layer, config, manifest}) {
                Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
                Files.write(blobs.resolve(Digest.sha256(blob).hex()), blob);
            }
            Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}");
            Files.writeString(
                    directory.resolve("index.json"),
                    "{\"schemaVersion\": 2, \"manifests\": [" + descriptor(MediaTypes.OCI_MANIFEST, manifest, name)
                            + "]}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Digest.sha256(config).toString();
    }

    private static String descriptor(String mediaType, byte[] content, String more) {
        return "{\"mediaType\": \"%s\", \"digest\": \"%s\", \"size\": %d%s}"
                .formatted(mediaType, Digest.sha256(content), content.length, more);
    }

    /** POSIX.1-1988, "ustar": a file of mode 0644 and the end. */
    private static byte[] tar(String name, byte[] content) {
        byte[] tar = new byte[BLOCK_SIZE * (4 + content.length / BLOCK_SIZE)];
        put(tar, 0, name);
        put(tar, 100, "0000644\0" + "0000000\0" + "0000000\0" + "%011o\0".formatted(content.length) + "00000000000\0");
        put(tar, 148, "        0");
        put(tar, 257, "ustar\00000");
        int sum = 0;
        for (byte each : Arrays.copyOf(tar, BLOCK_SIZE)) {
            sum += each;
        }
        put(tar, 148, "%06o\0 ".formatted(sum));
        System.arraycopy(content, 0, tar, BLOCK_SIZE, content.length);
        return tar;
    }

    private static void put(byte[] tar, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, tar, offset, bytes.length);
    }
}
