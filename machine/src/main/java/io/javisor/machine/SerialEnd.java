package io.javisor.machine;

import static io.javisor.core.host.HostConstants.O_APPEND;
import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_NOCTTY;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_WRONLY;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link SerialSink}, opened. */
sealed interface SerialEnd extends AutoCloseable {
    record Standard() implements SerialEnd {}

    record Nothing() implements SerialEnd {}

    record Output(Fd fd) implements SerialEnd {
        @Override
        public void start() {
            // What was there before; not until all else of the machine could be opened. EINVAL: no regular file.
            int _ = Libc.ftruncate(fd.value(), 0);
        }

        @Override
        public void close() {
            fd.close();
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
            case SerialSink.ToFile(Path path) -> new Output(openFile(path));
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

    private static Fd openFile(Path path) {
        // Non-blocking for what is no regular file: a FIFO, a terminal.
        int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY;
        try {
            return Fd.own("serial file " + path, Libc.open(path.toString(), flags, 0600));
        } catch (HostException e) {
            String reason =
                    switch (e.errno()) {
                        case Errno.EISDIR -> "is a directory; give a file in it";
                        case Errno.ENOENT, Errno.ENOTDIR -> "can't be made: its directory does not exist";
                        case Errno.EACCES, Errno.EPERM -> "can't be written: permission denied";
                        case Errno.ENXIO -> "is a FIFO that nobody reads, or a socket; start the reader first";
                        default -> "can't be opened: " + Errno.describe(e.errno());
                    };
            throw new ConfigException("serial file " + path + " " + reason, e);
        }
    }
}
