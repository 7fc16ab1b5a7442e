package io.javisor.machine.host;

import io.javisor.machine.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options that keep a guest from the host's loopback interface and yet give it a name server, for the passt(1) that is there.
 *
 * @param options for the command line
 * @param warning what the guest will lack, in one line; null for nothing
 */
record PasstIsolation(List<String> options, @Nullable String warning) {
    /** Where a guest asks for names if the host's server is on its loopback interface; nobody else has the address (RFC 3927). */
    static final String FORWARDER = "169.254.1.1";

    private static final int MAX_SERVERS = 3; // resolv.conf(5): MAXNS

    PasstIsolation {
        options = List.copyOf(options);
    }

    /**
     * Finds them.
     *
     * @param help what {@code passt --help} says
     * @throws ConfigException if it has no option for that
     */
    static PasstIsolation of(String help, HostNameServers servers) {
        List<String> options = new ArrayList<>();
        if (help.contains("--no-map-gw")) {
            options.add("--no-map-gw");
        } else if (help.contains("--map-host-loopback")) {
            options.addAll(List.of("--map-host-loopback", "none"));
        } else {
            throw new ConfigException("network: this passt can't keep a guest from the host's loopback interface;"
                    + " install a newer one, or allow it with --net user,host-loopback=on");
        }
        if (!servers.areLocal()) {
            return new PasstIsolation(options, null); // passt leaves out those that a guest can't reach
        }
        String local = servers.configured().stream()
                .filter(server -> !server.contains(":"))
                .findFirst()
                .orElse(null);
        if (local != null && help.contains("--dns-host")) { // since 2024
            options.addAll(List.of("--dns-host", local, "--dns-forward", FORWARDER, "--dns", FORWARDER));
            return new PasstIsolation(options, null);
        }
        List<String> behind = servers.behind().stream()
                .filter(server -> !HostNameServers.isLocal(server) && !server.contains("%"))
                .limit(MAX_SERVERS)
                .toList();
        for (String server : behind) {
            options.addAll(List.of("--dns", server));
        }
        if (!behind.isEmpty()) {
            return new PasstIsolation(options, null);
        }
        if (local == null) {
            return new PasstIsolation(
                    options,
                    "the guest gets no name server: the host's, " + servers.configured() + ", is the host's own");
        }
        // Without --dns it reads whom to forward to, and with it does not: so the guest is not told.
        options.addAll(List.of("--dns-forward", FORWARDER));
        return new PasstIsolation(
                options,
                "this passt can't tell the guest of a name server, for the host's is " + local + "; what asks "
                        + FORWARDER + " in the guest is answered by it");
    }
}
