package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.oci.OciException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServersTest {
    @ParameterizedTest
    @CsvSource({
        "docker.io, docker.io",
        "https://index.docker.io/v1/, docker.io",
        "localhost:5000, localhost:5000",
        "https://registry.example/v2/, registry.example",
        "http://[::1]:5000, [::1]:5000"
    })
    void areHostsOrUrls(String server, String expected) {
        assertEquals(expected, Servers.host(server));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "https://", "host:port", "ftp://x"})
    void whatIsNoneIsSaid(String server) {
        assertEquals(
                "invalid registry: " + server + "; it is written HOST[:PORT]",
                assertThrows(OciException.class, () -> Servers.host(server)).getMessage());
    }
}
