package io.javisor.machine.host;

import io.javisor.core.host.HostException;
import io.javisor.core.host.Pty;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.backend.HostLine;
import io.javisor.devices.backend.NullBackend;
import io.javisor.devices.backend.PtyEnd;
import io.javisor.devices.backend.SinkBackend;
import io.javisor.devices.backend.SocketEnd;
import io.javisor.devices.backend.StdioEnd;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.SerialSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link SerialSink}, opened. */
public sealed interface SerialEnd extends AutoCloseable {
    /** For messages. */
    String FILE = "serial file";

    /**
     * What lines are made with.
     *
     * @param console what {@code stdio} is
     * @param events for all but the reader of {@code stdio}
     * @param standardInput for that one: what holds up output must not hold up the escape key
     */
    record Surroundings(Console console, HostEvents events, HostEvents standardInput) {}

    record Standard() implements SerialEnd {
        @Override
        public void addTo(HostLine line, Surroundings around) {
            Console console = around.console();
            StdioEnd _ = line.addStdio(console.inputFd(), console.outputFd(), console.filter(), around.standardInput());
        }
    }

    record Nothing() implements SerialEnd {
        @Override
        public SinkBackend line(String id, Surroundings around) {
            return new NullBackend(); // which has no log
        }

        @Override
        public void addTo(HostLine line, Surroundings around) {
            line.addNothing();
        }
    }

    record Output(SerialFile file) implements SerialEnd {
        @Override
        public void addTo(HostLine line, Surroundings around) {
            if (file.isBounded()) {
                line.addFile(line.name(), file);
            } else {
                line.addFile(file.fd());
            }
        }

        @Override
        public void start() {
            file.empty(); // not until all else of the machine could be opened
        }

        @Override
        public void close() {
            file.close();
        }
    }

    record Terminal(Pty pty) implements SerialEnd {
        @Override
        public void addTo(HostLine line, Surroundings around) {
            PtyEnd _ = line.addPty(pty.master().value());
        }

        @Override
        public String terminal() {
            return pty.slaveName();
        }

        @Override
        public void close() {
            pty.close();
        }
    }

    record Server(ListeningSocket socket) implements SerialEnd {
        @Override
        public void addTo(HostLine line, Surroundings around) {
            SocketEnd _ = line.addSocket(socket.fd().value());
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    record Log(ConsoleLog log) implements SerialEnd {
        @Override
        public void addTo(HostLine line, Surroundings around) {
            line.addFile(line.name() + "/log", log);
        }

        @Override
        public void close() {
            log.close();
        }
    }

    record Shared(List<SerialEnd> ends) implements SerialEnd {
        @Override
        public void addTo(HostLine line, Surroundings around) {
            ends.forEach(end -> end.addTo(line, around));
        }

        @Override
        public @Nullable String terminal() {
            for (SerialEnd end : ends) {
                String terminal = end.terminal();
                if (terminal != null) {
                    return terminal;
                }
            }
            return null;
        }

        @Override
        public void start() {
            ends.forEach(SerialEnd::start);
        }

        @Override
        public void close() {
            ends.forEach(SerialEnd::close);
        }
    }

    /**
     * Makes a line of it, which is the caller's to close before this.
     *
     * @param id of the port, such as {@code com1}
     */
    default SinkBackend line(String id, Surroundings around) {
        HostLine line = new HostLine(id, around.events());
        try {
            addTo(line, around);
            return line;
        } catch (RuntimeException | Error e) {
            line.close();
            throw e;
        }
    }

    /** Adds it to the ends of a line, which is to be closed before this. */
    void addTo(HostLine line, Surroundings around);

    /** The name of the terminal to open, such as {@code /dev/pts/3}; null if it is none. */
    default @Nullable String terminal() {
        return null;
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
            case SerialSink.Pty() -> new Terminal(Pty.open());
            case SerialSink.Socket(Path path) -> new Server(ListeningSocket.open(ListeningSocket.SERIAL, path));
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
                ListeningSocket.check(ListeningSocket.SERIAL, path);
            }
        }
    }
}
