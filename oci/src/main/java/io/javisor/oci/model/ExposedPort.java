package io.javisor.oci.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports that an image's process listens on (OCI image-spec 1.1, config.md, "ExposedPorts").
 *
 * @param first 1 to 65,535
 * @param last the same as {@code first}, but for docker's ranges
 * @param protocol {@code tcp}, {@code udp} or {@code sctp}
 */
public record ExposedPort(int first, int last, String protocol) {
    private static final int PORT_MAX = 65_535;
    private static final Pattern FORM = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?");

    /** Reads {@code 80}, {@code 80/tcp} or {@code 8000-8010/udp}; empty if it is none. */
    static Optional<ExposedPort> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        int first = Integer.parseInt(form.group(1));
        int last = form.group(2) == null ? first : Integer.parseInt(form.group(2));
        if (first < 1 || last < first || last > PORT_MAX) {
            return Optional.empty();
        }
        return Optional.of(new ExposedPort(first, last, form.group(3) == null ? "tcp" : form.group(3)));
    }

    /** As docker writes it. */
    @Override
    public String toString() {
        return first + (last == first ? "" : "-" + last) + "/" + protocol;
    }
}
