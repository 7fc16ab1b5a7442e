package io.javisor.oci.registry.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTest {
    @ParameterizedTest
    @CsvSource({
        "false, localhost, localhost, 80, localhost",
        "true, localhost, localhost, 443, localhost",
        "true, Registry.Example:5000, registry.example, 5000, registry.example:5000",
        "true, a.b:443, a.b, 443, a.b",
        "false, [::1]:5000, ::1, 5000, [::1]:5000",
        "false, [2001:DB8::1], 2001:db8::1, 80, [2001:db8::1]",
        "true, my_registry:1, my_registry, 1, my_registry:1",
    })
    void originsHaveHostAndPort(boolean tls, String text, String host, int port, String authority) {
        Origin origin = Origin.parse(tls, text);
        assertEquals(new Origin(tls, host, port), origin);
        assertEquals(authority, origin.authority());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":80",
                "a:",
                "a:0",
                "a:65536",
                "a:-1",
                "a:1:2",
                "[::1",
                "::1",
                "[::1]x",
                "[]",
                "[a]",
                "-a",
                "a b",
                "a/b",
                "a\r\nX: y",
                "a@b"
            })
    void anythingElseIsNoOrigin(String text) {
        assertThrows(IllegalArgumentException.class, () -> Origin.parse(true, text));
    }

    @Test
    void onlyThisComputerIsLoopback() {
        for (String text : new String[] {"localhost", "LOCALHOST:1", "127.0.0.1", "127.255.0.9:5000", "[::1]:5000"}) {
            assertTrue(Origin.parse(false, text).isLoopback(), text);
        }
        for (String text : new String[] {
            "localhost.example", "127.0.0.1.example", "128.0.0.1", "0.0.0.0", "[::2]", "10.0.0.1", "example", "127x"
        }) {
            assertFalse(Origin.parse(false, text).isLoopback(), text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/a/b?c=d, /x?y=z, http://h/x?y=z",
        "http://h/a/b?c=d, x, http://h/a/x",
        "http://h/a/b?c=d, ?y=z, http://h/a/b?y=z",
        "http://h/a/b?c=d, //i:8/x, http://i:8/x",
        "https://h/a/b?c=d, //i:8/x, https://i:8/x",
        "http://h/a, HTTPS://i/x#f, https://i/x",
        "http://h/a, https://i, https://i/",
        "http://h/a, https://i?q=/, https://i/?q=/",
        "http://h/a, /x?u=http://y/, http://h/x?u=http://y/",
    })
    void locationsAreResolved(String base, String location, String expected) throws TransportException {
        Url url = Url.parse(base).resolve(location);
        assertEquals(expected, url.origin() + url.target());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://h/",
                "file:///etc/passwd",
                "gopher://h",
                "http://",
                "http:///x",
                "http://u:p@h/",
                "http://h/a b",
                "http://h/\u00e9",
                "http://h/\r\nX: y",
                "/\r\nX: y",
                "//"
            })
    void anythingElseLeadsNowhere(String location) throws TransportException {
        Url base = Url.parse("http://h/a");
        TransportException e = assertThrows(TransportException.class, () -> base.resolve(location));
        assertEquals(TransportException.Kind.PROTOCOL, e.kind());
        assertEquals(1, String.valueOf(e.getMessage()).lines().count(), e.getMessage());
        assertFalse(String.valueOf(e.getMessage()).contains("u:p"), e.getMessage());
    }

    @Test
    void aQueryIsNotShown() throws TransportException {
        Url url = Url.parse("https://h/a?X-Amz-Signature=secret").with("digest", "sha256%3A0");
        assertEquals("/a?X-Amz-Signature=secret&digest=sha256%3A0", url.target());
        assertEquals("https://h/a", url.toString());
        assertEquals(
                "Get \"https://h/a\"",
                Request.of("GET", url).authorized("Basic c2VjcmV0").toString());
    }
}
