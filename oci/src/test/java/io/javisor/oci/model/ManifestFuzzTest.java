package io.javisor.oci.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import io.javisor.testkit.HeapMeter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Any bytes as a manifest or an index, without a word on their kind. What is taken is within its bounds, is only one of the two, and is the same after it
 * was written anew; the entry that is selected is for the platform, or says nothing of one; all else is one {@link OciException} of one line.
 */
class ManifestFuzzTest {
    private static final long HEAP_MAX = 256L << 20;
    private static final Digest DIGEST = Digest.sha256(new byte[0]);

    private static boolean loaded;

    static Stream<byte[]> seeds() {
        String descriptor = "{'mediaType':'%s','digest':'" + DIGEST + "','size':7%s}";
        String manifest = "{'schemaVersion':2,'mediaType':'" + MediaTypes.DOCKER_MANIFEST + "','config':"
                + descriptor.formatted(MediaTypes.DOCKER_CONFIG, "") + ",'layers':["
                + descriptor.formatted(MediaTypes.DOCKER_LAYER_GZIP, ",'urls':null,'data':'AA=='") + ","
                + descriptor.formatted(MediaTypes.OCI_LAYER_ZSTD, ",'annotations':{'a':'b'}") + "]}";
        String index = "{'schemaVersion':2,'manifests':["
                + descriptor.formatted(
                        MediaTypes.OCI_MANIFEST,
                        ",'platform':{'os':'linux','architecture':'amd64','variant':'v2','os.features':[]}")
                + ","
                + descriptor.formatted(
                        MediaTypes.OCI_MANIFEST,
                        ",'platform':{'os':'unknown','architecture':'unknown'},"
                                + "'annotations':{'vnd.docker.reference.type':'attestation-manifest'}")
                + "," + descriptor.formatted(MediaTypes.OCI_INDEX, "") + "]}";
        return Stream.of(manifest, manifest.replace("'mediaType'", "'x'"), index, "{'fsLayers':[],'schemaVersion':1}")
                .map(json -> json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) {
        if (!loaded) {
            // Classes are instrumented as they are loaded, which costs more than anything that is measured.
            loaded = true;
            seeds().forEach(ManifestFuzzTest::take);
            take(new byte[] {'['});
        }
        HeapMeter heap = HeapMeter.start();
        take(input);
        heap.requireAtMost(HEAP_MAX);
    }

    private static void take(byte[] input) {
        try {
            ManifestDocument document = Manifests.document("x", "", input);
            assertEquals(Digest.sha256(input), document.digest());
            if (MediaTypes.isIndex(document.mediaType())) {
                check(Index.parse(document));
            } else {
                check(document, Manifest.parse(document));
            }
        } catch (OciException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.length() < 2000, message);
            assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        }
    }

    private static void check(ManifestDocument document, Manifest manifest) {
        assertTrue(manifest.layers().size() <= Manifest.LAYERS_MAX);
        assertTrue(manifest.config().sizeBytes() <= Json.SIZE_MAX);
        assertTrue(manifest.layerBytes() >= 0);
        ObjectNode again = Json.newObject();
        again.set("config", Json.descriptor(manifest.config()));
        ArrayNode layers = again.putArray("layers");
        manifest.layers().forEach(layer -> layers.add(Json.descriptor(layer)));
        byte[] bytes = Json.text(again);
        Manifest copy = Manifest.parse(new ManifestDocument(document.mediaType(), Digest.sha256(bytes), bytes));
        assertEquals(bare(manifest.layers()), bare(copy.layers()));
        assertEquals(bare(List.of(manifest.config())), bare(List.of(copy.config())));
    }

    /** Without platforms, which are not written. */
    private static List<Descriptor> bare(List<Descriptor> descriptors) {
        return descriptors.stream()
                .map(each -> new Descriptor(each.mediaType(), each.digest(), each.sizeBytes()))
                .toList();
    }

    private static void check(Index index) {
        assertTrue(index.entries().size() <= Index.ENTRIES_MAX);
        Platform wanted = Platform.LINUX_AMD64;
        Descriptor selected = index.select(wanted, "x");
        assertTrue(index.manifests().contains(selected));
        boolean fits = selected.platform().map(wanted::takes).orElse(true);
        assertTrue(fits, selected.toString());
        assertEquals(
                index.manifests().size(),
                index.entries().stream().filter(entry -> !entry.isAttestation()).count());
        for (Index.Entry entry : index.entries()) {
            entry.descriptor().platform().filter(wanted::takes).ifPresent(other -> {
                if (!entry.isAttestation()) {
                    assertTrue(selected.platform().isPresent(), "silent where one fits");
                    assertTrue(wanted.distance(selected.platform().get()) <= wanted.distance(other));
                }
            });
        }
    }
}
