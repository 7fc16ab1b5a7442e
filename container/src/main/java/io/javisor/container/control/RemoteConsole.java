package io.javisor.container.control;

import io.javisor.agent.ProcessExit;
import io.javisor.container.terminal.TerminalOutput;
import io.javisor.container.terminal.TerminalSession;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A process in another JVM, with descriptors of this one as its streams. */
public final class RemoteConsole {
    private RemoteConsole() {}

    /** Why {@link #run} returned. */
    public sealed interface End {
        /** The process has ended, and all its output is written. */
        record Exited(ProcessExit exit) implements End {}

        /** The person left; the process goes on. */
        record Detached() implements End {}

        /** The output takes no more, for that reason; the process goes on. */
        record OutputGone(int errno) implements End {}
    }

    /**
     * Stays until the process ends, the person leaves or nobody reads the output. The process is started, and closed here.
     *
     * @param options of the input
     * @param outputFd for its output, or its terminal's
     * @param errorFd for its errors
     * @throws io.javisor.agent.AgentException if it is refused, or its container goes
     */
    public static End run(RemoteProcess process, TerminalSession.Options options, int outputFd, int errorFd)
            throws InterruptedException {
        CompletableFuture<End> end = new CompletableFuture<>();
        try (process;
                TerminalOutput output = TerminalOutput.of(outputFd);
                TerminalOutput errors = TerminalOutput.of(errorFd)) {
            List<CompletableFuture<Void>> ended = new ArrayList<>();
            bring(process.output(), output, end, ended);
            bring(process.errors(), errors, end, ended);
            int _ = process.awaitStart();
            CompletableFuture<?> _ = CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new))
                    .thenCombine(process.exit(), (_, exit) -> end.complete(new End.Exited(exit)))
                    .exceptionally(failure -> end.completeExceptionally(failure));
            try (TerminalSession session = TerminalSession.open(options, ProcessPeer.of(process))) {
                CompletableFuture<?> _ = session.detached().thenRun(() -> end.complete(new End.Detached()));
                return end.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        }
    }

    private static void bring(
            @Nullable SocketChannel from,
            TerminalOutput to,
            CompletableFuture<End> end,
            List<CompletableFuture<Void>> ended) {
        if (from == null) {
            return;
        }
        OutputSink sink = (bytes, length) -> {
            try {
                to.write(bytes, length);
            } catch (IOException e) {
                end.complete(new End.OutputGone(to.errno()));
                throw e;
            }
        };
        ended.add(Pump.start("console-output", from, sink).ended());
    }
}
