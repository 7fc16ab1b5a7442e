package io.javisor.cli.image;

import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.Reference;
import io.javisor.oci.model.ImageConfig;
import io.javisor.oci.store.StoredImage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Images as a store gives them, without one. */
final class TestImage {
    static final Digest LAYER = Digest.sha256(new byte[] {1});
    static final Digest MANIFEST = Digest.sha256(bytes("{}"));
    static final String CONFIG = """
        {"created": "2026-11-28T10:00:00Z", "architecture": "amd64", "os": "linux", "author": "",
         "config": {"Cmd": ["sh", "-c", "a b"], "Env": ["A=b"], "Labels": {"made": "here"}, "ExposedPorts": {"80/tcp": {}},
                    "WorkingDir": "/srv"},
         "rootfs": {"type": "layers", "diff_ids": ["%s", "%s"]},
         "history": [
            {"created": "1980-01-01T00:00:00Z", "created_by": "/bin/sh -c #(nop) ADD file:0123456789 in / and more of it", "comment": "base"},
            {"created": "2026-11-28T09:00:00Z", "created_by": "ENV A=b", "empty_layer": true},
            {"created": "2026-11-28T10:00:00Z", "created_by": "RUN\\ta\\u001b[2Jb", "comment": "last"}]}
        """.formatted(LAYER, LAYER);

    private TestImage() {}

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** One whose names have tags or digests. */
    static StoredImage of(String config, long sizeBytes, String... names) {
        List<Reference> references = Stream.of(names).map(Reference::parse).toList();
        return new StoredImage(
                Digest.sha256(bytes(config)),
                new ManifestDocument(MediaTypes.OCI_MANIFEST, MANIFEST, bytes("{}")),
                Optional.empty(),
                ImageConfig.parse("test", bytes(config)),
                bytes(config),
                references.stream().filter(name -> name.digest().isEmpty()).toList(),
                references.stream().filter(name -> name.digest().isPresent()).toList(),
                sizeBytes,
                sizeBytes / 3,
                Instant.parse("2026-11-30T12:00:00Z"));
    }
}
