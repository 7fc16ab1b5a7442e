package io.javisor.oci.registry.http;

import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxies that {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY} name, or the same in lower case, as
 * Go's programs take them: a URL of http or {@code HOST:PORT}; {@code NO_PROXY} has hosts, which stand for those below
 * them too, addresses, networks such as {@code 10.0.0.0/8}, each with a port or without, or is {@code *}. This computer
 * is always reached directly.
 */
public final class Proxies {
    /** No proxy at all. */
    public static final Proxies NONE = new Proxies(Optional.empty(), Optional.empty(), List.of());

    private static final String HTTP = "http://";

    private final Optional<Proxy> http;
    private final Optional<Proxy> https;
    private final List<String> direct;

    private Proxies(Optional<Proxy> http, Optional<Proxy> https, List<String> direct) {
        this.http = http;
        this.https = https;
        this.direct = direct;
    }

    /**
     * A proxy.
     *
     * @param authorization the value of {@code Proxy-Authorization}
     */
    record Proxy(Origin origin, Optional<String> authorization) {
        /** Without the password. */
        @Override
        public String toString() {
            return origin.toString();
        }
    }

    /**
     * Those of an environment.
     *
     * @throws IllegalArgumentException if a variable names none that can be used; the message is for the user
     */
    public static Proxies of(Map<String, String> environment) {
        String direct = value(environment, "NO_PROXY");
        List<String> names = new ArrayList<>();
        for (String each : direct.split("[,\\s]+", -1)) {
            if (!each.isEmpty()) {
                names.add(each.toLowerCase(Locale.ROOT));
            }
        }
        return new Proxies(
                proxy("HTTP_PROXY", value(environment, "HTTP_PROXY")),
                proxy("HTTPS_PROXY", value(environment, "HTTPS_PROXY")),
                List.copyOf(names));
    }

    private static String value(Map<String, String> environment, String name) {
        String upper = environment.getOrDefault(name, "");
        return upper.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : upper;
    }

    private static Optional<Proxy> proxy(String variable, String text) {
        if (text.isBlank()) {
            return Optional.empty();
        }
        String rest = text.strip();
        if (rest.regionMatches(true, 0, HTTP, 0, HTTP.length())) {
            rest = rest.substring(HTTP.length());
        } else if (rest.contains("://")) {
            throw new IllegalArgumentException(
                    variable + ": only proxies that are asked over http:// are supported; unset it, or name one");
        }
        int end = rest.indexOf('/');
        rest = end < 0 ? rest : rest.substring(0, end);
        int at = rest.lastIndexOf('@');
        Optional<String> authorization =
                at < 0 ? Optional.empty() : Optional.of(basic(variable, rest.substring(0, at)));
        try {
            return Optional.of(new Proxy(Origin.parse(false, rest.substring(at + 1)), authorization));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(variable + " is no proxy's URL: " + e.getMessage(), e);
        }
    }

    private static String basic(String variable, String user) {
        try {
            // A plus sign is one here.
            String plain = URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(variable + " is no proxy's URL: its password is wrongly encoded", e);
        }
    }

    Optional<Proxy> of(Origin server) {
        return isDirect(server) ? Optional.empty() : server.tls() ? https : http;
    }

    private boolean isDirect(Origin server) {
        if (server.isLoopback()) {
            return true;
        }
        for (String each : direct) {
            if (each.equals("*") || matches(each, server)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, Origin server) {
        String host = pattern;
        int colon = host.lastIndexOf(':');
        boolean port = colon >= 0 && (host.indexOf(':') == colon || host.startsWith("[")) && !host.endsWith("]");
        if (port) {
            if (!host.substring(colon + 1).equals(Integer.toString(server.port()))) {
                return false;
            }
            host = host.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int slash = host.indexOf('/');
        if (slash >= 0) {
            return inNetwork(host.substring(0, slash), host.substring(slash + 1), server.host());
        }
        if (host.startsWith("*.")) {
            host = host.substring(1);
        }
        return host.startsWith(".")
                ? server.host().endsWith(host)
                : server.host().equals(host) || server.host().endsWith("." + host);
    }

    private static boolean inNetwork(String network, String prefix, String host) {
        try {
            byte[] wanted = InetAddress.ofLiteral(network).getAddress();
            byte[] asked = InetAddress.ofLiteral(host).getAddress();
            int bits = Integer.parseInt(prefix);
            if (wanted.length != asked.length || bits < 0 || bits > wanted.length * Byte.SIZE) {
                return false;
            }
            for (int i = 0; i < bits; i++) {
                int mask = 0x80 >> (i % Byte.SIZE);
                if (((wanted[i / Byte.SIZE] ^ asked[i / Byte.SIZE]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        } catch (IllegalArgumentException notAddresses) {
            return false;
        }
    }
}
