package io.javisor.container.spec;

import java.util.List;

/**
 * What a container is told of itself and of others.
 *
 * @param hostname "" for the first 12 digits of its ID
 * @param hosts further lines of {@code /etc/hosts}
 * @param nameServers addresses; none for the host's
 * @param searchDomains of {@code /etc/resolv.conf}; none for the host's
 * @param resolverOptions likewise
 */
public record NamesSpec(
        String hostname,
        List<HostLine> hosts,
        List<String> nameServers,
        List<String> searchDomains,
        List<String> resolverOptions) {
    public NamesSpec {
        hosts = List.copyOf(hosts);
        nameServers = List.copyOf(nameServers);
        searchDomains = List.copyOf(searchDomains);
        resolverOptions = List.copyOf(resolverOptions);
    }

    /** A name and its address, IPv4 or IPv6. */
    public record HostLine(String name, String address) {}
}
