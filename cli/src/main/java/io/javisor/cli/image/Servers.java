package io.javisor.cli.image;

import io.javisor.oci.OciException;
import java.util.regex.Pattern;

/** Registries, as {@code login} and {@code logout} take them. */
final class Servers {
    static final String DEFAULT = "docker.io";

    /** Docker's own name for it, in its files. */
    private static final String DOCKER_INDEX = "index.docker.io";

    private static final Pattern HOST = Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9a-fA-F:]+])(?::[0-9]{1,5})?");

    private Servers() {}

    /**
     * Host and port of a server, which may be written as a URL.
     *
     * @throws OciException in one line, if it is none
     */
    static String host(String server) {
        String host = server.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        if (!HOST.matcher(host).matches()) {
            throw new OciException("invalid registry: " + server + "; it is written HOST[:PORT]");
        }
        return host.equals(DOCKER_INDEX) ? DEFAULT : host;
    }
}
