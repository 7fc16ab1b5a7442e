package io.javisor.oci.registry.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiesTest {
    private static final Map<String, String> BOTH =
            Map.of("HTTP_PROXY", "http://user:p%40ss+word@plain.example:3128/", "https_proxy", "secure.example:8080");

    private static String of(Map<String, String> environment, boolean tls, String server) {
        return Proxies.of(environment)
                .of(Origin.parse(tls, server))
                .map(proxy -> proxy.origin().hostAndPort())
                .orElse("none");
    }

    @Test
    void eachSchemeHasItsOwn() {
        assertEquals("plain.example:3128", of(BOTH, false, "registry.example"));
        assertEquals("secure.example:8080", of(BOTH, true, "registry.example"));
        assertEquals("none", of(Map.of(), true, "registry.example"));
        assertEquals("none", of(Map.of("HTTP_PROXY", "x"), true, "registry.example"));
    }

    @Test
    void thisComputerIsReachedDirectly() {
        assertEquals("none", of(BOTH, false, "localhost:5000"));
        assertEquals("none", of(BOTH, true, "127.0.0.2"));
    }

    @Test
    void aPasswordIsSentAndNotShown() {
        Proxies.Proxy proxy =
                Proxies.of(BOTH).of(Origin.parse(false, "a.example")).orElseThrow();
        // printf 'user:p@ss+word' | base64
        assertEquals("Basic dXNlcjpwQHNzK3dvcmQ=", proxy.authorization().orElseThrow());
        assertFalse(proxy.toString().contains("p@ss"), proxy::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "*; any.example",
                "example; example",
                "other, .example; registry.example",
                "example; registry.example",
                "*.example; registry.example",
                "registry.example:443; registry.example",
                "10.0.0.0/8; 10.1.2.3:5000",
                "192.168.1.7; 192.168.1.7",
                "fd00::/8; [fd12::1]:5000",
                "[fd12::1]:5000; [fd12::1]:5000",
            })
    void noProxyLeavesSomeOut(String noProxy, String server) {
        assertEquals("none", of(Map.of("HTTPS_PROXY", "p", "NO_PROXY", noProxy), true, server));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "example.org; example",
                ".example; example",
                "ample; example",
                "registry.example:5000; registry.example",
                "10.0.0.0/8; 11.1.2.3",
                "10.0.0.0/x; 10.1.2.3",
                "10.0.0.0/99; 10.1.2.3",
                "fd00::/8; [fe12::1]",
            })
    void andNoOthers(String noProxy, String server) {
        assertEquals("p:80", of(Map.of("HTTPS_PROXY", "p", "NO_PROXY", noProxy), true, server));
    }

    @ParameterizedTest
    @CsvSource({"socks5://p:1", "https://p:1", "http://u:secret@", "http://u:s%zzecret@p", "p:99999"})
    void whatCannotBeUsedIsRefused(String value) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Proxies.of(Map.of("https_proxy", value)));
        assertEquals("HTTPS_PROXY", String.valueOf(e.getMessage()).substring(0, 11));
        assertFalse(String.valueOf(e.getMessage()).contains("secret"), e.getMessage());
    }
}
