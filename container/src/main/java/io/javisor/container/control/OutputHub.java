package io.javisor.container.control;

import io.javisor.agent.AgentProcess;
import io.javisor.container.store.OutputKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What a process writes, for all who want it: a log, a terminal, clients that come and go. Each gets what is written from when it came on. The process
 * waits for the slowest, as it would for a terminal that is stopped; a client that comes and goes has a {@link QueuedSink}, and nobody waits for it. Any thread.
 */
public final class OutputHub {
    /** After a process has ended, what its descendants write is waited for until nothing has come for so long. */
    private static final long QUIET_MILLIS = 1_000;

    private final Map<OutputKind, List<OutputSink>> sinks = new EnumMap<>(OutputKind.class);
    private final List<Pump> pumps = new ArrayList<>(); // under this
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    public OutputHub() {
        for (OutputKind kind : OutputKind.values()) {
            sinks.put(kind, new CopyOnWriteArrayList<>());
        }
    }

    /** Somebody who listens; closing it ends that. */
    public interface Attachment extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Adds who takes what is written. A sink that throws is left out from then on. Nothing is told to it when the output has ended before.
     *
     * @param errors gets nothing if the process has a terminal
     */
    public Attachment attach(OutputSink output, OutputSink errors) {
        of(OutputKind.STDOUT).add(output);
        of(OutputKind.STDERR).add(errors);
        return () -> {
            of(OutputKind.STDOUT).remove(output);
            of(OutputKind.STDERR).remove(errors);
        };
    }

    private List<OutputSink> of(OutputKind kind) {
        return sinks.getOrDefault(kind, List.of());
    }

    /** Begins to read what the process writes: once, when those are there who want all of it. */
    public synchronized void start(AgentProcess process) {
        if (!pumps.isEmpty()) {
            throw new IllegalStateException("the output is read already");
        }
        pumps.add(Pump.start("container-stdout", process.output(), new Fan(of(OutputKind.STDOUT))));
        if (!process.errors().equals(process.output())) {
            pumps.add(Pump.start("container-stderr", process.errors(), new Fan(of(OutputKind.STDERR))));
        }
        CompletableFuture<Void> _ = CompletableFuture.allOf(
                        pumps.stream().map(Pump::ended).toArray(CompletableFuture[]::new))
                .thenRun(() -> ended.complete(null));
    }

    /** Completed when all that the process wrote has been handed on and no more comes. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** For when the process has ended: waits until all that it wrote has been handed on, so that its end may be acknowledged. False if that takes longer. */
    public boolean awaitDrained(Duration limit) throws InterruptedException {
        List<Pump> present;
        synchronized (this) {
            present = List.copyOf(pumps);
        }
        return Pump.awaitQuiet(present, QUIET_MILLIS, limit);
    }

    private record Fan(List<OutputSink> sinks) implements OutputSink {
        @Override
        public void write(byte[] bytes, int length) {
            // Not by removeIf, which would hold the list's lock while a sink waits.
            List<OutputSink> gone =
                    sinks.stream().filter(each -> !takes(each, bytes, length)).toList();
            sinks.removeAll(gone);
        }

        private static boolean takes(OutputSink sink, byte[] bytes, int length) {
            try {
                sink.write(bytes, length);
                return true;
            } catch (IOException _) {
                return false;
            }
        }

        @Override
        public void end() {
            sinks.forEach(OutputSink::end);
        }
    }
}
