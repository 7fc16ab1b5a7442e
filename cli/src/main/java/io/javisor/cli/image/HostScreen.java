package io.javisor.cli.image;

import io.javisor.core.host.RawTerminal;
import io.javisor.core.host.TerminalSize;
import java.util.Map;

/** The host's standard output. */
final class HostScreen implements Screen {
    private static final int STDOUT = 1;
    private static final TerminalSize USUAL = new TerminalSize(80, 24);

    private final Map<String, String> environment;

    HostScreen(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public boolean isTerminal() {
        return RawTerminal.isTerminal(STDOUT);
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

    private static TerminalSize size() {
        return TerminalSize.of(STDOUT).orElse(USUAL);
    }
}
