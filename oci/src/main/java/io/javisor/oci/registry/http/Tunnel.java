package io.javisor.oci.registry.http;

import io.javisor.core.text.Printable;
import io.javisor.oci.registry.http.TransportException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Has a proxy connect to a server (RFC 9110 §9.3.6, CONNECT): what follows on the wire is between client and server. */
final class Tunnel {
    private static final int ANSWER_BYTES_MAX = 16 << 10;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})(?: (.*))?");

    private Tunnel() {}

    static void open(Wire wire, Route route) throws TransportException {
        boolean opened = false;
        try {
            String server = route.server().hostAndPort();
            StringBuilder request = new StringBuilder("CONNECT " + server + " HTTP/1.1\r\nHost: " + server + "\r\n");
            route.proxyAuthorization()
                    .ifPresent(value -> request.append("Proxy-Authorization: ")
                            .append(value)
                            .append("\r\n"));
            wire.write(ByteBuffer.wrap(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1)));
            String line = answer(wire).lines().findFirst().orElse("");
            Matcher status = STATUS.matcher(line);
            if (!status.matches() || !status.group(1).startsWith("2")) {
                throw new TransportException(
                        Kind.CONNECT,
                        "proxyconnect tcp: the proxy "
                                + route.proxy().map(Proxies.Proxy::toString).orElse("") + " answers \""
                                + Printable.asciiLine(line) + "\"");
            }
            opened = true;
        } finally {
            if (!opened) {
                wire.close();
            }
        }
    }

    /** Byte by byte: what follows the header is the server's. */
    private static String answer(Wire wire) throws TransportException {
        StringBuilder text = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (text.length() < ANSWER_BYTES_MAX) {
            if (wire.read(one.clear()) < 0) {
                throw new TransportException(Kind.BROKEN, "proxyconnect tcp: EOF");
            }
            text.append((char) (one.get(0) & 0xFF));
            if (text.length() >= 4 && text.substring(text.length() - 4).equals("\r\n\r\n")) {
                return text.toString();
            }
        }
        throw new TransportException(Kind.PROTOCOL, "proxyconnect tcp: the proxy's answer has no end");
    }
}
