package io.javisor.machine.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whom the host asks for names (resolv.conf(5)).
 *
 * @param configured their addresses, in order
 * @param behind whom systemd-resolved asks in its turn, if it runs
 */
public record HostNameServers(List<String> configured, List<String> behind) {
    private static final Path CONFIGURED = Path.of("/etc/resolv.conf");
    private static final Path BEHIND = Path.of("/run/systemd/resolve/resolv.conf"); // systemd-resolved.service(8)
    private static final String KEYWORD = "nameserver";

    public HostNameServers {
        configured = List.copyOf(configured);
        behind = List.copyOf(behind);
    }

    /** Those of this host, as they are configured now; none where that can't be read. */
    public static HostNameServers ofHost() {
        return new HostNameServers(read(CONFIGURED), read(BEHIND));
    }

    private static List<String> read(Path file) {
        try {
            return parse(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return List.of(); // as one that is empty
        }
    }

    static List<String> parse(String text) {
        return text.lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 1 && words[0].equals(KEYWORD))
                .map(words -> words[1])
                .toList();
    }

    /**
     * Whom a guest is to ask that has the host's network by passt(1), and is told of them by its host: those that it can reach from there, or passt itself, which asks the host's
     * in its turn. None if the host has none that either can ask.
     */
    public List<String> ofGuest() {
        List<String> reachable =
                configured.stream().filter(HostNameServers::isReachable).toList();
        if (!reachable.isEmpty() || configured.isEmpty()) {
            return reachable;
        }
        List<String> next = behind.stream().filter(HostNameServers::isReachable).toList();
        if (!next.isEmpty()) {
            return next;
        }
        // Passt forwards to one that it can ask by IPv4 (PasstIsolation).
        boolean forwarded = areLocal() && configured.stream().anyMatch(server -> !server.contains(":"));
        return forwarded ? List.of(PasstIsolation.FORWARDER) : List.of();
    }

    private static boolean isReachable(String address) {
        return !isLocal(address) && !address.contains("%");
    }

    /** Whether all are on the host's loopback interface. False if there is none. */
    boolean areLocal() {
        return !configured.isEmpty() && configured.stream().allMatch(HostNameServers::isLocal);
    }

    static boolean isLocal(String address) {
        return address.startsWith("127.") || address.equals("0.0.0.0") || address.equals("::1") || address.equals("::");
    }
}
