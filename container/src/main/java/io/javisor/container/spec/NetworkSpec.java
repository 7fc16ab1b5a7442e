package io.javisor.container.spec;

import io.javisor.machine.config.PublishedPort;
import io.javisor.oci.model.ExposedPort;
import java.util.List;

/**
 * How a container is connected.
 *
 * @param kind how
 * @param published ports of the host that lead to it; none with {@link Kind#NONE}
 * @param exposed ports that its image and user say it listens on
 */
public record NetworkSpec(Kind kind, List<PublishedPort> published, List<ExposedPort> exposed) {
    /** By what. */
    public enum Kind {
        /** A loopback interface alone. */
        NONE,
        /** The host's network by passt(1); where there is none, {@link #NONE} with a warning, unless ports are published. */
        USER
    }

    public NetworkSpec {
        published = List.copyOf(published);
        exposed = List.copyOf(exposed);
    }
}
