package io.javisor.oci.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
    private static final Digest DIGEST = Digest.sha256(new byte[0]);
    private static final String CONFIG =
            "{\"mediaType\":\"" + MediaTypes.OCI_CONFIG + "\",\"digest\":\"" + DIGEST + "\",\"size\":7}";
    private static final String LAYER = "{\"mediaType\":\"" + MediaTypes.OCI_LAYER_GZIP + "\",\"digest\":\"" + DIGEST
            + "\",\"size\":9," + "\"urls\":[\"http://x\"],\"annotations\":{\"a\":{}}}";

    private static Manifest parse(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return Manifest.parse(new ManifestDocument(MediaTypes.OCI_MANIFEST, Digest.sha256(bytes), bytes));
    }

    private static String with(String config, String layers) {
        return "{\"schemaVersion\":2,\"config\":" + config + ",\"layers\":" + layers + ",\"unknown\":[null]}";
    }

    @Test
    void readsConfigurationAndLayers() {
        Manifest manifest = parse(with(CONFIG, "[" + LAYER + "," + LAYER + "]"));
        assertEquals(new Descriptor(MediaTypes.OCI_CONFIG, DIGEST, 7), manifest.config());
        Descriptor layer = new Descriptor(MediaTypes.OCI_LAYER_GZIP, DIGEST, 9);
        assertEquals(List.of(layer, layer), manifest.layers());
        assertEquals(18, manifest.layerBytes());
    }

    @Test
    void takesNullForNothing() {
        assertEquals(List.of(), parse(with(CONFIG, "null")).layers());
        assertEquals(
                "",
                parse(with("{\"mediaType\":null,\"digest\":\"" + DIGEST + "\",\"size\":0,\"platform\":null}", "[]"))
                        .config()
                        .mediaType());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "7",
                "{",
                "{}{}",
                "{\"schemaVersion\":2}",
                "{\"config\":[]}",
                "{\"config\":null}",
                "{\"config\":{}}",
                "{\"config\":{},\"config\":{}}",
                "\u00EF\u00BB\u00BF{}"
            })
    void refusesWhatIsNone(String json) {
        assertRefused(json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.5", "1e3", "\"7\"", "null", "4194305", "99999999999999999999999999"})
    void refusesSizes(String size) {
        assertRefused(with("{\"digest\":\"" + DIGEST + "\",\"size\":" + size + "}", "[]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\"sha256:..\"", "\"md5:00\"", "7", "null", "\"../../etc/passwd\""})
    void refusesDigests(String digest) {
        assertRefused(with("{\"digest\":" + digest + ",\"size\":1}", "[]"));
    }

    @Test
    void refusesWhatIsNoImage() {
        String chart = CONFIG.replace(MediaTypes.OCI_CONFIG, "application/vnd.cncf.helm.config.v1+json");
        assertTrue(assertRefused(with(chart, "[]")).contains("this is not a container image"));
        String encrypted = LAYER.replace("tar+gzip", "tar+gzip+encrypted");
        assertTrue(assertRefused(with(CONFIG, "[" + encrypted + "]")).contains("encrypted"));
        assertRefused(with(CONFIG, "[" + LAYER.replace("application", "\\u001b[2J") + "]"));
    }

    @Test
    void refusesManifestAndIndexInOne() {
        assertRefused("{\"config\":" + CONFIG + ",\"layers\":[],\"manifests\":[]}");
        byte[] bytes = with(CONFIG, "[]").getBytes(StandardCharsets.UTF_8);
        ManifestDocument index = new ManifestDocument(MediaTypes.OCI_INDEX, Digest.sha256(bytes), bytes);
        assertThrows(OciException.class, () -> Manifest.parse(index));
        assertThrows(OciException.class, () -> Index.parse(index));
    }

    @Test
    void boundsCountDepthAndNumberOfValues() {
        String layers = (LAYER + ",").repeat(Manifest.LAYERS_MAX);
        assertEquals(
                Manifest.LAYERS_MAX,
                parse(with(CONFIG, "[" + layers.substring(0, layers.length() - 1) + "]"))
                        .layers()
                        .size());
        assertRefused(with(CONFIG, "[" + layers + LAYER + "]"));
        assertRefused("{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
        assertRefused("{\"x\":[" + "0,".repeat(500_000) + "0]}");
        assertRefused("{\"" + "x".repeat(100_000) + "\":0}");
    }

    private static String assertRefused(String json) {
        String message = String.valueOf(
                assertThrows(OciException.class, () -> parse(json)).getMessage());
        assertTrue(message.startsWith("sha256:"), message);
        assertTrue(message.length() < 500 && message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        return message;
    }
}
