package io.javisor.machine.host;

import io.javisor.core.host.HostException;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.SerialSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link SerialSink}, opened. */
public sealed interface SerialEnd extends AutoCloseable {
    /** For messages. */
    String FILE = "serial file";

    record Standard() implements SerialEnd {}

    record Nothing() implements SerialEnd {}

    record Output(SerialFile file) implements SerialEnd {
        @Override
        public void start() {
            file.empty(); // not until all else of the machine could be opened
        }

        @Override
        public void close() {
            file.close();
        }
    }

    record Pty(io.javisor.core.host.Pty pty) implements SerialEnd {
        @Override
        public void close() {
            pty.close();
        }
    }

    record Server(ListeningSocket socket) implements SerialEnd {
        @Override
        public void close() {
            socket.close();
        }
    }

    record Log(ConsoleLog log) implements SerialEnd {
        @Override
        public void close() {
            log.close();
        }
    }

    record Shared(List<SerialEnd> ends) implements SerialEnd {
        @Override
        public void start() {
            ends.forEach(SerialEnd::start);
        }

        @Override
        public void close() {
            ends.forEach(SerialEnd::close);
        }
    }

    /** Everything of the machine is open. */
    default void start() {}

    @Override
    default void close() {}

    /**
     * Opens the host's side.
     *
     * @throws ConfigException if it can't be had
     */
    static SerialEnd open(SerialSink sink) {
        return switch (sink) {
            case SerialSink.Stdio() -> new Standard();
            case SerialSink.Null() -> new Nothing();
            case SerialSink.Pty() -> new Pty(io.javisor.core.host.Pty.open());
            case SerialSink.Socket(Path path) -> new Server(ListeningSocket.open(path));
            case SerialSink.ToFile(Path path, long maxBytes) -> new Output(openFile(path, maxBytes));
            case SerialSink.Log(Path path) -> new Log(ConsoleLog.open(path));
            case SerialSink.Shared(List<SerialSink> sinks) -> openAll(sinks);
        };
    }

    private static Shared openAll(List<SerialSink> sinks) {
        List<SerialEnd> ends = new ArrayList<>();
        try {
            for (SerialSink sink : sinks) {
                ends.add(open(sink));
            }
        } catch (RuntimeException e) {
            ends.forEach(SerialEnd::close);
            throw e;
        }
        return new Shared(List.copyOf(ends));
    }

    private static SerialFile openFile(Path path, long maxBytes) {
        try {
            return SerialFile.open(path, maxBytes);
        } catch (HostException e) {
            throw OutputFile.refusal(FILE, path, e.errno(), e);
        }
    }

    /**
     * Refuses what {@link #open} would, and makes nothing.
     *
     * @throws ConfigException if the host's side can't be had
     */
    static void check(SerialSink sink) {
        for (SerialSink each : sink.each()) {
            if (each instanceof SerialSink.ToFile toFile) {
                OutputFile.check(FILE, toFile.path());
            } else if (each instanceof SerialSink.Socket(Path path)) {
                ListeningSocket.check(path);
            }
        }
    }
}
