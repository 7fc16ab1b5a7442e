package io.javisor.cli.image;

import io.javisor.core.host.RawTerminal;
import io.javisor.core.host.TerminalSize;
import java.util.Map;

/** The host's standard output, or its standard error. */
final class HostScreen implements Screen {
    static final int STDOUT = 1;
    static final int STDERR = 2;
    private static final TerminalSize USUAL = new TerminalSize(80, 24);

    private final Map<String, String> environment;
    private final int fd;

    HostScreen(Map<String, String> environment, int fd) {
        this.environment = environment;
        this.fd = fd;
    }

    @Override
    public boolean isTerminal() {
        return RawTerminal.isTerminal(fd);
    }

    @Override
    public boolean takesEscapes() {
        String kind = environment.getOrDefault("TERM", "");
        return isTerminal() && !kind.isEmpty() && !kind.equals("dumb");
    }

    @Override
    public int columns() {
        return size().columns();
    }

    @Override
    public int rows() {
        return size().rows();
    }

    private TerminalSize size() {
        return TerminalSize.of(fd).orElse(USUAL);
    }
}
