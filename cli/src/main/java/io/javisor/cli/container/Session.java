package io.javisor.cli.container;

import io.javisor.agent.AgentException;
import io.javisor.container.control.RemoteConsole;
import io.javisor.container.control.RemoteConsole.End;
import io.javisor.container.control.RemoteProcess;
import io.javisor.container.terminal.DetachKeys;
import io.javisor.container.terminal.TerminalSession;
import io.javisor.core.host.Errno;
import io.javisor.core.host.TerminalSize;
import io.javisor.machine.config.ConfigException;
import java.io.PrintWriter;

/** This process's standard streams and a process of a container in another one, until that ends or its person leaves. */
final class Session {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private Session() {}

    /**
     * Runs to the process's end.
     *
     * @param input whether this process's standard input is its
     * @param keys to leave by, on a terminal
     * @param handsSignalsOn whether signals of this process become its own
     * @return its exit status; 0 for a person who left
     * @throws AgentException if it does not start, with docker's status, or its end can't be known
     */
    static int run(RemoteProcess process, boolean input, DetachKeys keys, boolean handsSignalsOn, PrintWriter err)
            throws InterruptedException {
        TerminalSession.Options options =
                new TerminalSession.Options(STDIN, process.hasTerminal(), input, keys, handsSignalsOn);
        return switch (RemoteConsole.run(process, options, STDOUT, STDERR)) {
            case End.Exited ended -> ended.exit().status();
            case End.Detached _ -> {
                err.println("javisor: detached; the process goes on");
                err.flush();
                yield 0;
            }
            case End.OutputGone gone -> lost(gone.errno());
        };
    }

    private static int lost(int errno) {
        if (errno == Errno.EPIPE) {
            return Statuses.SIGNAL + Statuses.SIGPIPE;
        }
        throw new ConfigException(
                "standard output can't be written: " + Errno.describe(errno) + "; make room, or send it elsewhere");
    }

    /**
     * Keys as {@code --detach-keys} has them.
     *
     * @throws ConfigException in one line
     */
    static DetachKeys keys(String text) {
        try {
            return DetachKeys.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--detach-keys: " + e.getMessage(), e);
        }
    }

    /** The rows and columns of this process's terminal, 0 for unknown. */
    static TerminalSize room() {
        return Terminal.size().orElse(new TerminalSize(0, 0));
    }
}
