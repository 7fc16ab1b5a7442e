package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long what is asked to end has for it. */
final class ShutdownTimeout {
    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            description =
                    "How long to wait for the end (default: 30; for a container what it was made with, which is 10"
                            + " unless --stop-timeout said otherwise).")
    private @Nullable Integer seconds;

    /**
     * Null for the default.
     *
     * @throws ConfigException if it is negative
     */
    @Nullable
    Duration duration() {
        if (seconds == null) {
            return null;
        }
        if (seconds < 0) {
            throw new ConfigException("--timeout is 0 or more seconds, not " + seconds);
        }
        return Duration.ofSeconds(seconds);
    }
}
