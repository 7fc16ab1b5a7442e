package io.javisor.cli.container;

import io.javisor.core.host.RawTerminal;
import io.javisor.core.host.TerminalSize;
import io.javisor.machine.config.ConfigException;
import java.util.Optional;

/** The terminal of this process. */
final class Terminal {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;

    private Terminal() {}

    /** @throws ConfigException in docker's words, if standard input is none */
    static void require() {
        if (!RawTerminal.isTerminal(STDIN)) {
            throw new ConfigException("the input device is not a TTY");
        }
    }

    /** What it shows at this moment. */
    static Optional<TerminalSize> size() {
        return TerminalSize.of(STDOUT).or(() -> TerminalSize.of(STDIN));
    }
}
