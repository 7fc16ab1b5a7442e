package io.javisor.container.control;

import io.javisor.agent.AgentProcess;
import io.javisor.agent.Door;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A container's first process and a client, which may leave it. */
final class AttachSession extends Session {
    private final ContainerControl container;
    private final boolean endsInput;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    /** @param endsInput whether the end of the client's bytes is that of the process's input */
    AttachSession(ContainerControl container, boolean endsInput, Set<StreamKind> wanted) {
        super(wanted);
        this.container = container;
        this.endsInput = endsInput;
    }

    @Override
    void serve() throws InterruptedException {
        AgentProcess process = container.first();
        OutputHub hub = container.output();
        boolean terminal = container.spec().process().terminal();
        // The process waits for no client.
        QueuedSink output = QueuedSink.start(
                "attach-stdout", terminal ? sink(StreamKind.STDIN, false) : sink(StreamKind.STDOUT, true));
        QueuedSink errors =
                QueuedSink.start("attach-stderr", terminal ? OutputSink.NONE : sink(StreamKind.STDERR, true));
        tell(EventLine.started(process.pid()));
        SocketChannel client = connection(StreamKind.STDIN);
        try (OutputHub.Attachment _ = hub.attach(output, errors)) {
            if (client != null && container.spec().process().input()) {
                Pump _ = Pump.start("attach-stdin", client, ExecSession.input(process, endsInput && !terminal));
            }
            CompletableFuture<?> ended =
                    CompletableFuture.allOf(hub.ended(), process.exit().handle((_, _) -> true));
            CompletableFuture.anyOf(ended, gone).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            output.end();
            errors.end();
        }
        awaitTaken(output, errors);
        if (process.exit().isDone()) {
            Door.close(connection(StreamKind.STDOUT));
            Door.close(connection(StreamKind.STDERR));
            tellEnd(process);
        }
    }

    /** The client has what waited for it, or has gone. */
    private void awaitTaken(QueuedSink output, QueuedSink errors) throws InterruptedException {
        try {
            CompletableFuture.anyOf(CompletableFuture.allOf(output.taken(), errors.taken()), gone)
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    void clientGone() {
        gone.complete(null);
    }
}
