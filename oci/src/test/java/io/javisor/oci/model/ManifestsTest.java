package io.javisor.oci.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What kind of document it is, and whether it is the one that was meant. */
class ManifestsTest {
    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "{'config':{}#'layers':[]}, '', " + MediaTypes.OCI_MANIFEST,
                "{'config':{'mediaType':'" + MediaTypes.DOCKER_CONFIG + "'}#'layers':[]}, '', "
                        + MediaTypes.DOCKER_MANIFEST,
                "{'manifests':[]}, text/plain, " + MediaTypes.OCI_INDEX,
                "{'manifests':[]#'schemaVersion':2}, application/json; charset=utf-8, " + MediaTypes.OCI_INDEX,
                "{'mediaType':'" + MediaTypes.DOCKER_LIST + "'}, application/json, " + MediaTypes.DOCKER_LIST,
                "{'mediaType':'" + MediaTypes.DOCKER_LIST + "'}, " + MediaTypes.DOCKER_LIST + "; charset=utf-8, "
                        + MediaTypes.DOCKER_LIST,
                "{}, " + MediaTypes.DOCKER_MANIFEST + ", " + MediaTypes.DOCKER_MANIFEST,
            })
    void knowsKinds(String json, String said, String mediaType) {
        byte[] document = bytes(json.replace('#', ','));
        assertEquals(
                mediaType,
                Manifests.document("x", said.replace("'", ""), document).mediaType());
    }

    @ParameterizedTest
    @CsvSource({
        "{}, ''",
        "[], ''",
        "{'layers':[]}, ''",
        "{'mediaType':'application/vnd.docker.plugin.v1+json'}, ''",
        "{'mediaType':7}, ''"
    })
    void refusesOthers(String json, String said) {
        assertThrows(OciException.class, () -> Manifests.document("x", said, bytes(json)));
    }

    @Test
    void refusesSayingsThatDiffer() {
        byte[] list = bytes("{'mediaType':'" + MediaTypes.DOCKER_LIST + "','manifests':[]}");
        assertThrows(OciException.class, () -> Manifests.document("x", MediaTypes.OCI_INDEX, list));
        assertThrows(OciException.class, () -> Manifests.document("x", MediaTypes.OCI_MANIFEST, list));
    }

    @Test
    void refusesSchemaOne() {
        for (String json : new String[] {"{'schemaVersion':1}", "{'fsLayers':[],'history':[]}"}) {
            String message = String.valueOf(
                    assertThrows(OciException.class, () -> Manifests.document("x", "application/json", bytes(json)))
                            .getMessage());
            assertTrue(message.startsWith("x: Docker Image manifest version 2, schema 1 is not supported"), message);
        }
    }

    @Test
    void checksSizeAndDigest() {
        byte[] index = bytes("{'manifests':[]}");
        Digest digest = Digest.of("sha512", Digest.newHash("sha512").digest(index));
        Descriptor right = new Descriptor("", digest, index.length);
        assertEquals(digest, Manifests.document("x", right, index).digest());
        Descriptor longer = new Descriptor("", digest, index.length + 1);
        assertThrows(OciException.class, () -> Manifests.document("x", longer, index));
        Descriptor other = new Descriptor("", Digest.sha256(new byte[0]), index.length);
        assertThrows(OciException.class, () -> Manifests.document("x", other, index));
    }
}
