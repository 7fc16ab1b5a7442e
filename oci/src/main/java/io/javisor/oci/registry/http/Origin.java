package io.javisor.oci.registry.http;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A server: what decides whether credentials may go there (RFC 9110 §4.3.1).
 *
 * @param tls whether it is asked over TLS
 * @param host a name or an address in lower case, without brackets
 * @param port from 1 to 65535
 */
public record Origin(boolean tls, String host, int port) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int PORT_MAX = 65535;
    private static final int HOST_LENGTH_MAX = 255;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    public Origin {
        host = host.toLowerCase(Locale.ROOT);
    }

    /**
     * Reads {@code HOST[:PORT]}, an IPv6 address in brackets; without a port it is that of the scheme.
     *
     * @throws IllegalArgumentException if it is none; the message is for the user
     */
    public static Origin parse(boolean tls, String authority) {
        String host = authority;
        String port = "";
        boolean brackets = authority.startsWith("[");
        int colon = authority.indexOf(':', brackets ? authority.indexOf(']') + 1 : 0);
        if (colon >= 0) {
            host = authority.substring(0, colon);
            port = authority.substring(colon + 1);
        }
        if (brackets) {
            if (!host.endsWith("]")) {
                throw new IllegalArgumentException("an IPv6 address lacks its closing bracket");
            }
            host = host.substring(1, host.length() - 1);
        }
        if (host.length() > HOST_LENGTH_MAX
                || !(brackets ? IPV6 : NAME).matcher(host).matches()) {
            throw new IllegalArgumentException("there is no valid host in it");
        }
        if (colon < 0) {
            return new Origin(tls, host, tls ? HTTPS_PORT : HTTP_PORT);
        }
        if (!PORT.matcher(port).matches() || Integer.parseInt(port) < 1 || Integer.parseInt(port) > PORT_MAX) {
            throw new IllegalArgumentException("its port must be 1 to " + PORT_MAX);
        }
        return new Origin(tls, host, Integer.parseInt(port));
    }

    /** {@code HOST[:PORT]}: the port if it is not the scheme's. */
    public String authority() {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == (tls ? HTTPS_PORT : HTTP_PORT) ? name : name + ":" + port;
    }

    /** {@code HOST:PORT}, whatever the port. */
    String hostAndPort() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** Whether it is this computer by what it is called: {@code localhost}, or an address of 127.0.0.0/8 or ::1. No name is looked up. */
    public boolean isLoopback() {
        if (host.equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }

    /** {@code http://HOST[:PORT]} or {@code https://HOST[:PORT]}. */
    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + authority();
    }
}
