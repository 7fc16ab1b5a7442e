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
record HostNameServers(List<String> configured, List<String> behind) {
    private static final Path CONFIGURED = Path.of("/etc/resolv.conf");
    private static final Path BEHIND = Path.of("/run/systemd/resolve/resolv.conf"); // systemd-resolved.service(8)
    private static final String KEYWORD = "nameserver";

    HostNameServers {
        configured = List.copyOf(configured);
        behind = List.copyOf(behind);
    }

    static HostNameServers ofHost() {
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

    /** Whether all are on the host's loopback interface. False if there is none. */
    boolean areLocal() {
        return !configured.isEmpty() && configured.stream().allMatch(HostNameServers::isLocal);
    }

    static boolean isLocal(String address) {
        return address.startsWith("127.") || address.equals("0.0.0.0") || address.equals("::1") || address.equals("::");
    }
}
