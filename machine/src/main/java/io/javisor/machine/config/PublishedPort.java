package io.javisor.machine.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A port of the host whose connections or datagrams go to a port of the guest.
 *
 * @param address of the host, IPv4 or IPv6; null for all
 * @param hostPort 1 to 65535
 * @param guestPort 1 to 65535
 */
public record PublishedPort(@Nullable String address, int hostPort, int guestPort, Protocol protocol) {
    /** What {@link #parse} takes. */
    public static final String SYNTAX = "[ADDRESS:]HOSTPORT:GUESTPORT[/tcp|udp]";

    private static final String ANY_ADDRESS = "0.0.0.0";

    /** Of the transport. */
    public enum Protocol {
        TCP,
        UDP
    }

    private static final Pattern PATTERN = Pattern.compile(
            "(?:(?<v4>[0-9.]+):|\\[(?<v6>[0-9a-fA-F:.]+)]:)?(?<host>\\d{1,5}):(?<guest>\\d{1,5})(?:/(?<protocol>tcp|udp))?");

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is not {@link #SYNTAX}
     */
    public static PublishedPort parse(String text) {
        Matcher matcher = PATTERN.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("publish='" + text + "' is not " + SYNTAX + ", such as 8080:80");
        }
        String address = matcher.group("v4") == null ? matcher.group("v6") : matcher.group("v4");
        String protocol = matcher.group("protocol");
        return new PublishedPort(
                address,
                port(text, matcher.group("host")),
                port(text, matcher.group("guest")),
                protocol == null ? Protocol.TCP : Protocol.valueOf(protocol.toUpperCase(Locale.ROOT)));
    }

    private static int port(String text, String digits) {
        int port = Integer.parseInt(digits);
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("publish='" + text + "': ports are 1 to 65535, not " + port);
        }
        return port;
    }

    /** Where the host listens, as {@code 127.0.0.1:8080}; at 0.0.0.0, which is all its addresses, if none is named. */
    public String bound() {
        return prefix(address == null ? ANY_ADDRESS : address) + hostPort;
    }

    /** {@link #bound} and the guest's port, as {@code 0.0.0.0:8080:80}. */
    public String mapping() {
        return bound() + suffix();
    }

    @Override
    public String toString() {
        return (address == null ? "" : prefix(address)) + hostPort + suffix();
    }

    private static String prefix(String address) {
        return address.contains(":") ? "[" + address + "]:" : address + ":";
    }

    private String suffix() {
        return ":" + guestPort + (protocol == Protocol.UDP ? "/udp" : "");
    }
}
