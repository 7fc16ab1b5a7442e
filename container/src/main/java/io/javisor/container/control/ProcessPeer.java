package io.javisor.container.control;

import io.javisor.agent.AgentException;
import io.javisor.agent.AgentProcess;
import io.javisor.container.terminal.Peer;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container's process in front of a terminal, be it in this JVM or another. Any thread. */
public final class ProcessPeer implements Peer {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessPeer.class);

    /** A request that may be refused. */
    private interface Request {
        void now() throws InterruptedException;
    }

    /** One with two numbers. */
    private interface Change {
        void to(int rows, int columns) throws InterruptedException;
    }

    /** One with a number. */
    private interface Signal {
        void send(int number) throws InterruptedException;
    }

    private final @Nullable SocketChannel input;
    private final boolean terminal;
    private final Change size;
    private final Signal signal;

    private ProcessPeer(@Nullable SocketChannel input, boolean terminal, Change size, Signal signal) {
        this.input = input;
        this.terminal = terminal;
        this.size = size;
        this.signal = signal;
    }

    /** A process of this JVM's agent. Its own end of its input is that of what is typed, but for a terminal's. */
    public static ProcessPeer of(AgentProcess process, boolean terminal) {
        return new ProcessPeer(process.input(), terminal, process::resize, number -> process.signal(number, false));
    }

    /** A process of another JVM's. */
    public static ProcessPeer of(RemoteProcess process) {
        return new ProcessPeer(
                process.input(), process.hasTerminal(), process::resize, number -> process.signal(number, false));
    }

    @Override
    public void type(byte[] bytes, int length) throws IOException {
        if (input != null) {
            Session.writeAll(input, ByteBuffer.wrap(bytes, 0, length));
        }
    }

    @Override
    public void endInput() {
        if (input != null && !terminal) {
            Session.shutDownOutput(input);
        }
    }

    @Override
    public void resize(int rows, int columns) {
        if (terminal) {
            tried(() -> size.to(rows, columns));
        }
    }

    @Override
    public void signal(int number) {
        tried(() -> signal.send(number));
    }

    private static void tried(Request request) {
        try {
            request.now();
        } catch (AgentException | ConfigException e) {
            LOG.debug("a process is not told", e); // it has ended, most likely
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
