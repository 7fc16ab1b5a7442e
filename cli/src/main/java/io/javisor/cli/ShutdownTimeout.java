package io.javisor.cli;

import io.javisor.machine.config.ConfigException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a guest whose power button was pressed has to shut itself down. */
final class ShutdownTimeout {
    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            description = "How long a guest has to shut itself down (default: ${DEFAULT-VALUE}).",
            defaultValue = "30")
    private int seconds;

    /** @throws ConfigException if it is negative */
    Duration duration() {
        if (seconds < 0) {
            throw new ConfigException("--timeout is 0 or more seconds, not " + seconds);
        }
        return Duration.ofSeconds(seconds);
    }
}
