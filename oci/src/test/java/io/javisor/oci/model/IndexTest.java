package io.javisor.oci.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Digest;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexTest {
    /** The digest of entry {@code number}. */
    private static Digest digest(int number) {
        return Digest.sha256(new byte[] {(byte) number});
    }

    private static String entry(int number, String rest) {
        return "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"digest\":\"" + digest(number) + "\",\"size\":1"
                + rest + "}";
    }

    private static String platform(String text) {
        if (text.isEmpty()) {
            return "";
        }
        String[] parts = text.split("/", -1);
        return ",\"platform\":{\"os\":\"" + parts[0] + "\",\"architecture\":\"" + parts[1] + "\""
                + (parts.length > 2 ? ",\"variant\":\"" + parts[2] + "\"" : "") + ",\"os.features\":[]}";
    }

    private static Index index(String... entries) {
        return parse("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", entries) + "]}");
    }

    private static Index parse(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return Index.parse(new ManifestDocument(MediaTypes.OCI_INDEX, Digest.sha256(bytes), bytes));
    }

    /** Platforms there are, with blanks between; the wanted one; which is chosen. */
    @ParameterizedTest
    @CsvSource({
        "linux/amd64 linux/arm64, linux/amd64, 0",
        "linux/arm64 linux/amd64, linux/amd64, 1",
        "linux/amd64 linux/amd64, linux/amd64, 0",
        "unknown/unknown linux/amd64, linux/amd64, 1",
        "linux/amd64/v3 linux/amd64/v2, linux/amd64, 1",
        "linux/amd64/v3 linux/amd64, linux/amd64, 1",
        "linux/amd64 linux/amd64/v2 linux/amd64/v4, linux/amd64/v3, 1",
        "linux/arm/v6 linux/arm/v7 linux/arm64/v8, linux/arm, 1",
        "linux/arm/v6 linux/arm64/v8, linux/arm64, 1",
        "windows/amd64 linux/amd64, linux/amd64, 1"
    })
    void selects(String there, String wanted, int chosen) {
        String[] platforms = there.split(" ", -1);
        Index index = index(IntStream.range(0, platforms.length)
                .mapToObj(i -> entry(i, platform(platforms[i])))
                .toArray(String[]::new));
        assertEquals(digest(chosen), index.select(Platform.parse(wanted), "x").digest());
    }

    @Test
    void saysWhichThereAre() {
        Index index = index(
                entry(0, platform("linux/amd64")),
                entry(1, platform("linux/arm/v7")),
                entry(2, platform("unknown/unknown")),
                entry(3, platform("linux/amd64")));
        assertEquals(
                "debian:12: no matching manifest for linux/s390x in the manifest list entries;"
                        + " there is linux/amd64, linux/arm/v7",
                message(index, "linux/s390x"));
        assertEquals(
                "debian:12: no matching manifest for linux/amd64 in the manifest list entries",
                message(index(), "linux/amd64"));
        Index many = index(IntStream.range(0, 100)
                .mapToObj(i -> entry(i, platform("linux/a" + i)))
                .toArray(String[]::new));
        assertTrue(message(many, "linux/amd64").endsWith(", linux/a19 and more"));
    }

    private static String message(Index index, String wanted) {
        return String.valueOf(assertThrows(OciException.class, () -> index.select(Platform.parse(wanted), "debian:12"))
                .getMessage());
    }

    @Test
    void passesOverAttestations() {
        String annotations = ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}";
        Index index = index(entry(0, platform("linux/amd64") + annotations), entry(1, platform("linux/amd64")));
        assertEquals(digest(1), index.select(Platform.LINUX_AMD64, "x").digest());
        assertEquals(1, index.manifests().size());
        assertEquals(2, index.entries().size());
    }

    @Test
    void takesTheOnlyOneThatSaysNothing() {
        Index index = index(entry(0, platform("linux/arm64")), entry(1, ",\"platform\":{}"));
        assertEquals(digest(1), index.select(Platform.LINUX_AMD64, "x").digest());
        assertEquals(digest(0), index.select(Platform.parse("arm64"), "x").digest());
        Index two = index(entry(0, ""), entry(1, ""));
        assertThrows(OciException.class, () -> two.select(Platform.LINUX_AMD64, "x"));
    }

    @Test
    void keepsNestedIndexes() {
        String nested = entry(0, "").replace(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_INDEX);
        assertEquals(
                MediaTypes.OCI_INDEX,
                index(nested).select(Platform.LINUX_AMD64, "x").mediaType());
    }

    @Test
    void readsPlatformsThatAreHalfThere() {
        Index index = index(entry(0, ",\"platform\":{\"architecture\":\"amd64\",\"os\":\"\"}"));
        assertEquals(
                Optional.of(new Platform("unknown", "amd64", "")),
                index.manifests().getFirst().platform());
        assertThrows(OciException.class, () -> index(entry(0, platform("linux/\\u001b"))));
        assertThrows(OciException.class, () -> index(entry(0, platform("linux/" + "x".repeat(65)))));
    }

    @Test
    void refusesHostileForms() {
        for (String json : new String[] {
            "{\"manifests\":{}}",
            "{\"manifests\":[7]}",
            "{\"manifests\":[null]}",
            "{\"manifests\":[{}]}",
            "{\"manifests\":[],\"layers\":[]}",
            "{\"manifests\":[],\"config\":{}}",
            "{\"manifests\":[" + entry(0, ",\"annotations\":[]") + "]}",
            "{\"manifests\":[" + entry(0, ",\"annotations\":{\"a\":7}") + "]}",
            "{\"manifests\":[" + Stream.generate(() -> entry(0, "")).limit(1001).collect(Collectors.joining(",")) + "]}"
        }) {
            assertThrows(OciException.class, () -> parse(json), json);
        }
        assertEquals(0, parse("{\"manifests\":null}").entries().size());
    }
}
