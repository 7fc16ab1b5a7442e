package io.javisor.oci.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.OciException;
import io.javisor.oci.registry.http.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryConfigTest {
    @TempDir
    private Path directory = Path.of("");

    private Path file() {
        return directory.resolve("javisor/registries.json");
    }

    private RegistryConfig load(String text) throws IOException {
        Path _ = Files.createDirectories(file().getParent());
        Path _ = Files.writeString(file(), text.replace('\'', '"'));
        return RegistryConfig.load(Map.of("XDG_CONFIG_HOME", directory.toString()));
    }

    private static String server(RegistryConfig config, String registry) {
        Origin origin = config.server(registry);
        return origin.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io, https://registry-1.docker.io",
        "registry.example, https://registry.example",
        "registry.example:5000, https://registry.example:5000",
        "10.0.0.1:5000, https://10.0.0.1:5000",
        "localhost, http://localhost",
        "localhost:5000, http://localhost:5000",
        "127.0.0.3:5000, http://127.0.0.3:5000",
        "[::1]:5000, http://[::1]:5000",
        "[fe80::1]:5000, https://[fe80::1]:5000",
    })
    void withoutAFileOnlyThisComputerIsAskedInTheClear(String registry, String server) {
        assertEquals(server, server(RegistryConfig.load(Map.of()), registry));
    }

    @Test
    void aHostHasItsWay() throws IOException {
        RegistryConfig config = load("{'reg.example:5000': {'http': true}, 'localhost:5000': {'http': false},"
                + " '127.0.0.1:5001': {'ca': '/x.pem'}, 'docker.io': {'mirrors': ['mirror.example', '[::1]:5000']}}");
        assertEquals("http://reg.example:5000", server(config, "reg.example:5000"));
        assertEquals("https://reg.example", server(config, "reg.example"));
        assertEquals("https://localhost:5000", server(config, "localhost:5000"));
        assertEquals("https://127.0.0.1:5001", server(config, "127.0.0.1:5001"));
        assertEquals(List.of("mirror.example", "[::1]:5000", "docker.io"), config.mirrorsAndSelf("docker.io"));
        assertEquals(List.of("reg.example"), config.mirrorsAndSelf("reg.example"));
    }

    @Test
    void anotherServerIsAskedInTheClearOnlyHereOrWhereItIsSaid() throws IOException {
        RegistryConfig config = load("{'auth.example:5001': {'http': true}, 'tls.example': {'http': false}}");
        assertTrue(config.mayBeClear(Origin.parse(false, "auth.example:5001")));
        assertTrue(config.mayBeClear(Origin.parse(false, "127.0.0.9:77")));
        assertTrue(config.mayBeClear(Origin.parse(false, "localhost")));
        for (String other : List.of("auth.example", "tls.example", "any.host", "10.0.0.1:5001")) {
            assertFalse(config.mayBeClear(Origin.parse(false, other)), other);
        }
    }

    @Test
    void theFileIsWhereTheSpecificationSays() throws IOException {
        RegistryConfig _ = load("{'a.example': {'http': true}}");
        Path _ = Files.createDirectory(directory.resolve(".config"));
        Path _ = Files.move(directory.resolve("javisor"), directory.resolve(".config/javisor"));
        String home = directory.toString();
        assertEquals("http://a.example", server(RegistryConfig.load(Map.of("HOME", home)), "a.example"));
        assertEquals(
                "http://a.example",
                server(RegistryConfig.load(Map.of("HOME", home, "XDG_CONFIG_HOME", "relative")), "a.example"));
        assertEquals(
                "https://a.example",
                server(RegistryConfig.load(Map.of("HOME", home, "XDG_CONFIG_HOME", home)), "a.example"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | is not a JSON object",
                "{ | is not a JSON object (line 1, column 2)",
                "{'a': {}, 'a': {}} | is not a JSON object (line 1, column 14)",
                "{'https://a': {}} | : 'https://a': it is written HOST[:PORT], without https:// and path: its port"
                        + " must be 1 to 65535",
                "{'a b': {}} | : 'a b': it is written HOST[:PORT], without https:// and path: there is no valid host"
                        + " in it",
                "{'a': 1} | : 'a' must be an object",
                "{'a': {'http': 'yes'}} | : 'a': 'http' must be true or false",
                "{'a': {'http': null}} | : 'a': 'http' must be true or false",
                "{'a': {'insecure': true}} | : 'a': unknown key 'insecure'; there are http, mirrors, ca",
                "{'a': {'mirrors': 'b'}} | : 'a': 'mirrors' must be a list of hosts, 16 at the most",
                "{'a': {'mirrors': [1]}} | : 'a': 'mirrors': it is written HOST[:PORT], without https:// and path:"
                        + " there is no valid host in it",
                "{'a': {'ca': 'x.pem'}} | : 'a': 'ca' must be the absolute path of a file in PEM",
                "{'a': {'ca': '/x', 'http': true}} | : 'a': 'ca' has no use with 'http': true",
            })
    void whatIsWrongIsNamed(String text, String message) {
        OciException e = assertThrows(OciException.class, () -> load(text));
        String expected = message.startsWith(":") ? file() + message : file() + " " + message;
        assertEquals(expected.replace('\'', '"'), e.getMessage());
    }

    @Test
    void aProxyThatCannotBeUsedIsNamed() {
        OciException e = assertThrows(
                OciException.class, () -> RegistryConfig.load(Map.of("HTTPS_PROXY", "socks5://127.0.0.1:1080")));
        assertEquals(
                "HTTPS_PROXY: only proxies that are asked over http:// are supported; unset it, or name one",
                e.getMessage());
    }
}
