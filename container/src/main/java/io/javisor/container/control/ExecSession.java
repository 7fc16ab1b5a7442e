package io.javisor.container.control;

import io.javisor.agent.AgentProcess;
import io.javisor.container.spec.ProcessSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A further process and its client. What the client does not take of its output is read and dropped: the process goes on. */
final class ExecSession extends Session {
    private static final Duration FOREVER = Duration.ofDays(36_500); // a client may read as slowly as it likes
    private static final long QUIET_MILLIS = 1_000; // as OutputHub

    private final ContainerControl container;
    private final ProcessSpec spec;
    private final int rows;
    private final int columns;
    private volatile @Nullable AgentProcess process;

    ExecSession(ContainerControl container, ProcessSpec spec, int rows, int columns, Set<StreamKind> wanted) {
        super(wanted);
        this.container = container;
        this.spec = spec;
        this.rows = rows;
        this.columns = columns;
    }

    /** Null until it runs. */
    @Nullable
    AgentProcess process() {
        return process;
    }

    @Override
    void serve() throws InterruptedException {
        AgentProcess started = container.exec(spec, rows, columns);
        process = started;
        tell(EventLine.started(started.pid()));
        List<Pump> outputs = spec.terminal() ? onTerminal(started) : onStreams(started);
        try {
            CompletableFuture<?> exit = started.exit();
            exit.get();
        } catch (ExecutionException _) {
            tellEnd(started);
            return; // the agent has gone, and with it all that could come
        }
        boolean _ = Pump.awaitQuiet(outputs, QUIET_MILLIS, FOREVER);
        started.acknowledge();
        for (Pump each : outputs) {
            try {
                each.ended().get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        tellEnd(started);
    }

    private List<Pump> onTerminal(AgentProcess started) {
        SocketChannel client = connection(StreamKind.STDIN);
        if (client != null) {
            // The end of the client's bytes is none of the terminal's: it would hang up.
            Pump _ = Pump.start("exec-stdin", client, input(started, false));
        }
        return List.of(Pump.start("exec-terminal", started.output(), sink(StreamKind.STDIN, false)));
    }

    private List<Pump> onStreams(AgentProcess started) {
        SocketChannel client = connection(StreamKind.STDIN);
        if (client == null) {
            shutDownOutput(started.input());
        } else {
            Pump _ = Pump.start("exec-stdin", client, input(started, true));
        }
        List<Pump> outputs = new ArrayList<>();
        outputs.add(Pump.start("exec-stdout", started.output(), sink(StreamKind.STDOUT, true)));
        outputs.add(Pump.start("exec-stderr", started.errors(), sink(StreamKind.STDERR, true)));
        return outputs;
    }

    /** What a process gets; its end, if that of the client's bytes is its own. */
    static OutputSink input(AgentProcess process, boolean endsIt) {
        return new OutputSink() {
            @Override
            public void write(byte[] bytes, int length) throws IOException {
                writeAll(process.input(), ByteBuffer.wrap(bytes, 0, length));
            }

            @Override
            public void end() {
                if (endsIt) {
                    shutDownOutput(process.input());
                }
            }
        };
    }

    @Override
    void clientGone() {
        // It goes on; what it writes is dropped.
    }
}
