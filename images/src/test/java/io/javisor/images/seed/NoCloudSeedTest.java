package io.javisor.images.seed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoCloudSeedTest {
    private static final String USER_DATA = "#cloud-config\npackages: [htop]\n";
    private static final String NETWORK = "version: 2\nethernets: {}\n";

    @Test
    void diskHoldsWhatCloudInitLooksFor() {
        NoCloudSeed seed = seed(USER_DATA, "web-1", NETWORK);
        Map<String, String> files = read(seed);
        assertEquals(
                Map.of(
                        "user-data", USER_DATA,
                        "network-config", NETWORK,
                        "meta-data", "instance-id: \"" + seed.instanceId() + "\"\nlocal-hostname: \"web-1\"\n"),
                files);
        assertEquals("cidata", new Iso9660Reader(seed.image()).label());
        assertFalse(read(seed(USER_DATA, "web-1", null)).containsKey("network-config"));
    }

    @Test
    void sameInputGivesTheSameDiskAndAnyChangeAnotherInstance() {
        NoCloudSeed seed = seed(USER_DATA, "a", NETWORK);
        assertArrayEquals(seed.image(), seed(USER_DATA, "a", NETWORK).image());
        assertTrue(seed.instanceId().matches("iid-[0-9a-f]{16}"), seed.instanceId());
        assertNotEquals(seed.instanceId(), seed(USER_DATA + "\n", "a", NETWORK).instanceId());
        assertNotEquals(seed.instanceId(), seed(USER_DATA, "b", NETWORK).instanceId());
        assertNotEquals(seed.instanceId(), seed(USER_DATA, "a", NETWORK + "\n").instanceId());
        assertNotEquals(seed.instanceId(), seed(USER_DATA, "a", null).instanceId());
        assertNotEquals(
                seed("#!a", "bc", null).instanceId(), seed("#!ab", "c", null).instanceId());
    }

    @Test
    void callersArraysAreCopied() {
        byte[] userData = USER_DATA.getBytes(StandardCharsets.UTF_8);
        NoCloudSeed seed = NoCloudSeed.of(userData, "a", Optional.empty());
        userData[0] = 'X';
        assertEquals(USER_DATA, read(seed).get("user-data"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#cloud-config",
                "\n\n  #Cloud-Config\n",
                "#!/bin/sh\necho",
                "#include\nhttp://example.org/a",
                "#include-once\n",
                "#cloud-boothook\n",
                "#part-handler\n",
                "#cloud-config-archive\n",
                "## template: jinja\n#cloud-config\n",
                "MIME-Version: 1.0\n",
                "Content-Type: multipart/mixed; boundary=\"b\"\nMIME-Version: 1.0\n",
                "From nobody Thu Jan  1 00:00:00 1970\nContent-Type: multipart/mixed\nMime-Version: 1.0\n",
                "\u001f\u008b\u0008",
            })
    void headersOfCloudInit(String text) {
        assertDoesNotThrow(() -> NoCloudSeed.of(text.getBytes(StandardCharsets.ISO_8859_1), "a", Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "packages: [htop]\n",
                "# cloud-config\n",
                "\ufeff#cloud-config\n",
                "   ",
                "\u0000\u0001",
                "#cloud"
            })
    void whatCloudInitWouldIgnoreIsRefusedInOneLine(String text) {
        String message = refusal(text.getBytes(StandardCharsets.UTF_8), "a", null);
        assertTrue(message.startsWith("cloud-init user-data begins with '"), message);
        assertTrue(message.contains("its first line must be #cloud-config"), message);
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 127), message);
    }

    /** cloud-init looks for the version in the first 4096 bytes, and else takes the text for none that it knows. */
    @Test
    void aMimeMessageNeedsItsVersionWhereCloudInitLooksForIt() {
        String type = "Content-Type: multipart/mixed; boundary=\"b\"\n";
        String version = "MIME-Version: 1.0\n";
        for (String text : List.of(type + "\n--b\n", type + "X-Filler: " + "x".repeat(4096) + "\n" + version)) {
            String message = refusal(bytes(text), "a", null);
            assertTrue(message.contains("has no MIME-Version in its first 4096 bytes"), message);
            assertTrue(message.contains("begin it with 'MIME-Version: 1.0'"), message);
        }
        String late = type + "X: " + "x".repeat(4096 - type.length() - version.length() - 4) + "\n" + version;
        assertEquals(late, read(seed(late, "a", null)).get("user-data"));
    }

    @Test
    void refusalShowsTheStartOnly() {
        String message = refusal("x".repeat(100_000).getBytes(StandardCharsets.UTF_8), "a", null);
        assertTrue(message.contains("'" + "x".repeat(40) + "...'"), message);
        assertTrue(message.length() < 250, message);
    }

    @Test
    void emptyAndHugeFiles() {
        assertTrue(refusal(new byte[0], "a", null).contains("user-data is empty"));
        assertTrue(refusal(bytes(USER_DATA), "a", "").contains("network-config is empty"));
        byte[] huge = new byte[NoCloudSeed.FILE_SIZE_MAX + 1];
        System.arraycopy(bytes(USER_DATA), 0, huge, 0, USER_DATA.length());
        assertTrue(refusal(huge, "a", null).contains("is it the right file?"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"network:\n  version: 2\n", "{\"version\": 1, \"config\": []}", "# mine\nversion: 1"})
    void networkConfigHasAVersion(String text) {
        assertEquals(text, read(seed(USER_DATA, "a", text)).get("network-config"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ethernets: {}\n", "conversion: 2\n"})
    void networkConfigWithoutAVersion(String text) {
        assertTrue(refusal(bytes(USER_DATA), "a", text).contains("has no version"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "a b", "a\"b", "a\nb", "ä"})
    void badHostNames(String name) {
        assertTrue(refusal(bytes(USER_DATA), name, null).contains("is not a host name"));
        assertTrue(refusal(bytes(USER_DATA), "a".repeat(65), null).contains("is not a host name"));
    }

    private static NoCloudSeed seed(String userData, String hostName, @Nullable String network) {
        return NoCloudSeed.of(
                bytes(userData), hostName, Optional.ofNullable(network).map(NoCloudSeedTest::bytes));
    }

    private static String refusal(byte[] userData, String hostName, @Nullable String network) {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> NoCloudSeed.of(
                                userData, hostName, Optional.ofNullable(network).map(NoCloudSeedTest::bytes)))
                .getMessage();
        return String.valueOf(message);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> read(NoCloudSeed seed) {
        Iso9660Reader reader = new Iso9660Reader(seed.image());
        return reader.entries().stream()
                .skip(2)
                .collect(Collectors.toMap(
                        Iso9660Reader.Entry::name,
                        entry -> new String(reader.contents(entry), StandardCharsets.UTF_8)));
    }
}
