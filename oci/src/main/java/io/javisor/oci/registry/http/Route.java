package io.javisor.oci.registry.http;

import java.util.Optional;

/**
 * How a server is reached.
 *
 * @param server whom to ask
 * @param proxy who asks it, if somebody does
 */
record Route(Origin server, Optional<Proxies.Proxy> proxy) {
    /** Whether a proxy is told the whole URL of each request; for TLS it makes a tunnel instead. */
    boolean isPlainProxy() {
        return proxy.isPresent() && !server.tls();
    }

    Optional<String> proxyAuthorization() {
        return proxy.flatMap(Proxies.Proxy::authorization);
    }
}
