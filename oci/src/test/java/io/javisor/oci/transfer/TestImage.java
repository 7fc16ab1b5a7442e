package io.javisor.oci.transfer;

import io.airlift.compress.v3.zstd.ZstdNativeCompressor;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** An image made in memory: its documents and blobs. */
record TestImage(ManifestDocument manifest, Descriptor config, List<Descriptor> layers, Map<Digest, byte[]> blobs) {
    enum Format {
        OCI,
        DOCKER
    }

    enum Packing {
        PLAIN,
        GZIP,
        ZSTD
    }

    private static final int TAR_BLOCK = 512;

    static TestImage of(byte[]... tars) {
        return of(Format.OCI, Packing.GZIP, "amd64", tars);
    }

    static TestImage of(Format format, Packing packing, String architecture, byte[]... tars) {
        Map<Digest, byte[]> blobs = new LinkedHashMap<>();
        List<Descriptor> layers = new ArrayList<>();
        List<Digest> diffIds = new ArrayList<>();
        for (byte[] tar : tars) {
            diffIds.add(Digest.sha256(tar));
            layers.add(add(blobs, layerType(format, packing), pack(packing, tar)));
        }
        return of(format, architecture, layers, diffIds, blobs);
    }

    /** One whose configuration says of its layers what it is told. */
    static TestImage of(
            Format format,
            String architecture,
            List<Descriptor> layers,
            List<Digest> diffIds,
            Map<Digest, byte[]> blobs) {
        boolean oci = format == Format.OCI;
        String configJson = "{\"architecture\":\"" + architecture + "\",\"os\":\"linux\",\"config\":{},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + diffIds.stream().map(each -> "\"" + each + "\"").collect(Collectors.joining(",")) + "]}}";
        Descriptor config = add(blobs, oci ? MediaTypes.OCI_CONFIG : MediaTypes.DOCKER_CONFIG, bytes(configJson));
        String type = oci ? MediaTypes.OCI_MANIFEST : MediaTypes.DOCKER_MANIFEST;
        String json = "{\"schemaVersion\":2,\"mediaType\":\"" + type + "\",\"config\":" + json(config) + ",\"layers\":["
                + layers.stream().map(TestImage::json).collect(Collectors.joining(",")) + "]}";
        return new TestImage(document(type, json), config, layers, blobs);
    }

    static Descriptor add(Map<Digest, byte[]> blobs, String type, byte[] content) {
        Digest digest = Digest.sha256(content);
        blobs.put(digest, content);
        return new Descriptor(type, digest, content.length);
    }

    static ManifestDocument index(Map<String, ManifestDocument> byArchitecture) {
        String json = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":["
                + byArchitecture.entrySet().stream()
                        .map(entry -> json(entry.getValue().descriptor())
                                        .transform(text -> text.substring(0, text.length() - 1))
                                + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + entry.getKey() + "\"}}")
                        .collect(Collectors.joining(","))
                + "]}";
        return document(MediaTypes.OCI_INDEX, json);
    }

    private static ManifestDocument document(String type, String json) {
        byte[] bytes = bytes(json);
        return new ManifestDocument(type, Digest.sha256(bytes), bytes);
    }

    private static String json(Descriptor descriptor) {
        return "{\"mediaType\":\"" + descriptor.mediaType() + "\",\"digest\":\"" + descriptor.digest() + "\",\"size\":"
                + descriptor.sizeBytes() + "}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String layerType(Format format, Packing packing) {
        boolean oci = format == Format.OCI;
        return switch (packing) {
            case PLAIN -> oci ? MediaTypes.OCI_LAYER : MediaTypes.DOCKER_LAYER;
            case GZIP -> oci ? MediaTypes.OCI_LAYER_GZIP : MediaTypes.DOCKER_LAYER_GZIP;
            case ZSTD -> oci ? MediaTypes.OCI_LAYER_ZSTD : MediaTypes.DOCKER_LAYER_ZSTD;
        };
    }

    static byte[] pack(Packing packing, byte[] tar) {
        return switch (packing) {
            case PLAIN -> tar;
            case GZIP -> gzip(tar);
            case ZSTD -> zstd(tar);
        };
    }

    private static byte[] gzip(byte[] tar) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] zstd(byte[] tar) {
        ZstdNativeCompressor compressor = new ZstdNativeCompressor();
        byte[] packed = new byte[compressor.maxCompressedLength(tar.length)];
        int length = compressor.compress(tar, 0, tar.length, packed, 0, packed.length);
        return Arrays.copyOf(packed, length);
    }

    /** A tar with one file that does not compress. */
    static byte[] tar(String name, int sizeBytes) {
        byte[] content = new byte[sizeBytes];
        new Random(name.hashCode()).nextBytes(content);
        return tar(name, content);
    }

    /** A tar (POSIX.1-2017, pax, "ustar Interchange Format") with one file. */
    static byte[] tar(String name, byte[] content) {
        byte[] header = new byte[TAR_BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, String.format("%011o", content.length));
        put(header, 136, "00000000000");
        put(header, 148, "        ");
        header[156] = '0';
        put(header, 257, "ustar");
        put(header, 263, "00");
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xFF;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        tar.writeBytes(header);
        tar.writeBytes(content);
        tar.writeBytes(new byte[Math.floorMod(-content.length, TAR_BLOCK)]);
        tar.writeBytes(new byte[2 * TAR_BLOCK]);
        return tar.toByteArray();
    }

    private static void put(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }
}
