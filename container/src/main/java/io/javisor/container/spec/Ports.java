package io.javisor.container.spec;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.PublishedPort;
import io.javisor.machine.config.PublishedPort.Protocol;
import io.javisor.oci.model.ExposedPort;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What docker's {@code -p} and {@code --expose} say. */
final class Ports {
    private static final int PORT_MAX = 65_535;
    private static final Pattern FORM = Pattern.compile(
            "(?:(?:(?<v4>[0-9.]*)|\\[(?<v6>[0-9a-fA-F:.]+)])(?<colon>:))??(?:(?<host>[0-9-]*):)?(?<guest>[0-9-]+)(?:/(?<protocol>.*))?");
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

    private final FreePorts free;

    /** Finds ports of the host that nobody has. */
    @FunctionalInterface
    interface FreePorts {
        /**
         * One more.
         *
         * @param address of the host; null for all of its
         */
        int next(@Nullable String address, Protocol protocol);
    }

    private record Range(int first, int last) {
        int size() {
            return last - first + 1;
        }
    }

    Ports(FreePorts free) {
        this.free = free;
    }

    /** What one {@code -p} publishes. */
    List<PublishedPort> published(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw wrong(text, "it is not [[ADDRESS:]PORT:]PORT[/tcp|udp]");
        }
        Range guest = range(text, "containerPort", matcher.group("guest"));
        @Nullable String hostText = matcher.group("host");
        @Nullable Range host = hostText == null || hostText.isEmpty() ? null : range(text, "hostPort", hostText);
        if (host != null && host.size() != guest.size() && guest.size() > 1) {
            throw wrong(
                    text,
                    "invalid ranges specified for container and host Ports: " + matcher.group("guest") + " and "
                            + hostText);
        }
        Protocol protocol = protocol(text, matcher.group("protocol"));
        @Nullable String address = address(text, matcher.group("v4"), matcher.group("v6"));
        List<PublishedPort> ports = new ArrayList<>();
        for (int i = 0; i < guest.size(); i++) {
            int port = host == null ? free.next(address, protocol) : host.first() + i;
            ports.add(new PublishedPort(address, port, guest.first() + i, protocol));
        }
        return ports;
    }

    /** A free port of the host for each of those that are exposed. */
    List<PublishedPort> all(List<ExposedPort> exposed, List<PublishedPort> already) {
        List<PublishedPort> ports = new ArrayList<>(already);
        for (ExposedPort range : exposed) {
            if (range.protocol().equals("sctp")) {
                continue; // which passt doesn't know
            }
            Protocol protocol = range.protocol().equals("udp") ? Protocol.UDP : Protocol.TCP;
            for (int port = range.first(); port <= range.last(); port++) {
                int guest = port;
                if (ports.stream().noneMatch(each -> each.guestPort() == guest && each.protocol() == protocol)) {
                    ports.add(new PublishedPort(null, free.next(null, protocol), port, protocol));
                }
            }
        }
        return ports;
    }

    /** What one {@code --expose} says. */
    static ExposedPort exposed(String text) {
        Matcher form = Pattern.compile("([0-9-]+)(?:/(tcp|udp|sctp))?").matcher(text);
        Matcher range = RANGE.matcher(form.matches() ? form.group(1) : "");
        if (!range.matches()) {
            throw new ConfigException("invalid range format for --expose: " + ContainerOptions.quoted(text));
        }
        int first = Integer.parseInt(range.group(1));
        int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
        if (first < 1 || last < first || last > PORT_MAX) {
            throw new ConfigException("invalid range format for --expose: " + ContainerOptions.quoted(text));
        }
        return new ExposedPort(first, last, form.group(2) == null ? "tcp" : form.group(2));
    }

    private static Range range(String text, String what, String digits) {
        Matcher range = RANGE.matcher(digits);
        if (range.matches()) {
            int first = Integer.parseInt(range.group(1));
            int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
            if (first >= 1 && last >= first && last <= PORT_MAX) {
                return new Range(first, last);
            }
        }
        throw wrong(text, "invalid " + what + ": " + digits);
    }

    private static Protocol protocol(String text, @Nullable String name) {
        return switch (name) {
            case null -> Protocol.TCP;
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            case "sctp" -> throw wrong(text, "SCTP can't be published; TCP and UDP can");
            default -> throw wrong(text, "invalid proto: " + name);
        };
    }

    private static @Nullable String address(String text, @Nullable String v4, @Nullable String v6) {
        String address = v4 == null ? v6 : v4;
        if (address == null || address.isEmpty() || address.equals("0.0.0.0")) {
            return null;
        }
        if (!Addresses.isOne(address)) {
            throw wrong(text, "invalid IP address: " + address);
        }
        return address;
    }

    private static ConfigException wrong(String text, String why) {
        return ContainerOptions.invalid(ContainerOption.PUBLISH, text, why);
    }
}
