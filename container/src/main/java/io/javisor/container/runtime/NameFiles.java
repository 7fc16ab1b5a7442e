package io.javisor.container.runtime;

import io.javisor.container.spec.NamesSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a container's files say of names, as docker has them: {@code /etc/hosts} and {@code /etc/resolv.conf}. */
final class NameFiles {
    private static final String LOCAL = """
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::0\tip6-localnet
        ff00::0\tip6-mcastprefix
        ff02::1\tip6-allnodes
        ff02::2\tip6-allrouters
        """;

    /** resolv.conf(5). */
    private static final int MAX_SERVERS = 3;

    private NameFiles() {}

    /** The host name that a container has. */
    static String hostname(NamesSpec names, String id) {
        return names.hostname().isEmpty() ? id : names.hostname();
    }

    /** @param address its own; null without a network, where its name is the loopback interface's */
    static String hosts(NamesSpec names, String hostname, @Nullable String address) {
        StringBuilder text = new StringBuilder(LOCAL);
        for (NamesSpec.HostLine line : names.hosts()) {
            text.append(line.address()).append('\t').append(line.name()).append('\n');
        }
        int domain = hostname.indexOf('.');
        return text.append(address == null ? "127.0.0.1" : address)
                .append('\t')
                .append(hostname)
                .append(domain < 0 ? "" : " " + hostname.substring(0, domain))
                .append('\n')
                .toString();
    }

    /**
     * The file, from what its user said, and for the rest from the host.
     *
     * @param servers of the host, as the container can reach them
     * @param hostFile the host's {@code /etc/resolv.conf}
     */
    static String resolver(NamesSpec names, List<String> servers, String hostFile) {
        StringBuilder text = new StringBuilder();
        List<String> search = names.searchDomains().isEmpty() ? words(hostFile, "search") : names.searchDomains();
        // Docker's word for no domains at all.
        if (!search.isEmpty() && !search.equals(List.of("."))) {
            text.append("search ").append(String.join(" ", search)).append('\n');
        }
        (names.nameServers().isEmpty() ? servers : names.nameServers())
                .stream()
                        .limit(MAX_SERVERS)
                        .forEach(server ->
                                text.append("nameserver ").append(server).append('\n'));
        List<String> options = names.resolverOptions().isEmpty() ? words(hostFile, "options") : names.resolverOptions();
        if (!options.isEmpty()) {
            text.append("options ").append(String.join(" ", options)).append('\n');
        }
        return text.toString();
    }

    /** What follows a keyword, in the last line that has it. */
    private static List<String> words(String file, String keyword) {
        List<String> found = List.of();
        for (String line : file.lines().toList()) {
            List<String> words = new ArrayList<>(List.of(line.strip().split("\\s+")));
            if (words.removeFirst().equals(keyword)) {
                found = List.copyOf(words);
            }
        }
        return found;
    }
}
