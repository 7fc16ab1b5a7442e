package io.javisor.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Descriptors, and the documents that they name. */
class DescriptorTest {
    private static final Digest EMPTY = Digest.sha256(new byte[0]);

    @Test
    void hasNoNegativeSize() {
        assertThrows(OciException.class, () -> new Descriptor(MediaTypes.OCI_LAYER, EMPTY, -1));
        assertEquals(0, new Descriptor(MediaTypes.OCI_LAYER, EMPTY, 0).sizeBytes());
    }

    @Test
    void namesADocument() {
        byte[] bytes = {'{', '}'};
        ManifestDocument document = new ManifestDocument(MediaTypes.OCI_MANIFEST, Digest.sha256(bytes), bytes);
        assertEquals(new Descriptor(MediaTypes.OCI_MANIFEST, Digest.sha256(bytes), 2), document.descriptor());
        assertEquals(document, new ManifestDocument(MediaTypes.OCI_MANIFEST, Digest.sha256(bytes), bytes.clone()));
        assertNotEquals(document, new ManifestDocument(MediaTypes.DOCKER_MANIFEST, Digest.sha256(bytes), bytes));
        assertThrows(
                OciException.class,
                () -> new ManifestDocument(MediaTypes.OCI_MANIFEST, EMPTY, new byte[ManifestDocument.SIZE_MAX + 1]));
    }

    @Test
    void knowsMediaTypes() {
        for (String type : MediaTypes.MANIFESTS) {
            assertTrue(MediaTypes.isIndex(type) ^ MediaTypes.isManifest(type), type);
        }
        assertFalse(MediaTypes.isManifest(MediaTypes.OCI_CONFIG));
    }
}
