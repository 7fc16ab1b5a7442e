package io.javisor.machine.wiring;

import io.javisor.core.host.Cleanup;
import io.javisor.devices.backend.FileBackend;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.backend.NullBackend;
import io.javisor.devices.backend.PtyBackend;
import io.javisor.devices.backend.SerialBackend;
import io.javisor.devices.backend.SharedBackend;
import io.javisor.devices.backend.SinkBackend;
import io.javisor.devices.backend.SocketBackend;
import io.javisor.devices.backend.StdioBackend;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.machine.host.ConsoleLog;
import io.javisor.machine.host.SerialEnd;
import io.javisor.machine.host.SerialFile;
import io.javisor.machine.plan.FixedPlacements;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host's ends of all serial ports, COM1 first. They outlive a guest's reset. */
public final class SerialPorts implements AutoCloseable {
    /** How long the end of a machine waits for slow readers of its last output, all of them together. */
    private static final long FLUSH_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What is left of that for each, though another used it up. */
    private static final long FLUSH_SHARE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Logger LOG = LoggerFactory.getLogger(SerialPorts.class);

    private final List<SerialSink> sinks;
    private final List<SerialEnd> ends;
    private final HostEvents standardInput;
    private final List<SerialLine> lines = new ArrayList<>();
    private final Cleanup cleanup = new Cleanup();
    private @Nullable StdioBackend standard;
    private @Nullable SharedBackend standardLine; // that it is an end of

    /**
     * Puts backends on what was opened.
     *
     * @param sinks one a port
     * @param ends the same, opened; they stay the caller's, who closes them after this object
     * @param console what {@code stdio} is
     * @param events for all but the reader of {@code stdio}, which has {@code standardInput}
     */
    public SerialPorts(
            List<SerialSink> sinks,
            List<SerialEnd> ends,
            Console console,
            HostEvents events,
            HostEvents standardInput) {
        this.standardInput = standardInput;
        this.sinks = sinks;
        this.ends = ends;
        try {
            for (int i = 0; i < ends.size(); i++) {
                SinkBackend backend = backend(id(i), ends.get(i), console, events);
                lines.add(cleanup.add(new SerialLine(backend)));
            }
        } catch (RuntimeException | Error e) {
            cleanup.closeAfter(e);
            throw e;
        }
    }

    private SinkBackend backend(String id, SerialEnd end, Console console, HostEvents events) {
        return switch (end) {
            case SerialEnd.Standard() -> {
                StdioBackend backend = new StdioBackend(
                        id, console.inputFd(), console.outputFd(), console.filter(), events, standardInput);
                standard = backend;
                yield backend;
            }
            case SerialEnd.Nothing() -> new NullBackend();
            case SerialEnd.Output(SerialFile file) ->
                file.isBounded() ? new FileBackend(id, file, events) : new FileBackend(id, file.fd(), events);
            case SerialEnd.Pty pty -> new PtyBackend(id, pty.pty().master().value(), events);
            case SerialEnd.Server server ->
                new SocketBackend(id, server.socket().fd().value(), events);
            case SerialEnd.Log(ConsoleLog log) -> new FileBackend(id + "/log", log, events);
            case SerialEnd.Shared(List<SerialEnd> all) -> shared(id, all, console, events);
        };
    }

    private SharedBackend shared(String id, List<SerialEnd> all, Console console, HostEvents events) {
        List<SinkBackend> backends = new ArrayList<>();
        StdioBackend before = standard;
        try {
            for (SerialEnd end : all) {
                backends.add(backend(id, end, console, events));
            }
        } catch (RuntimeException | Error e) {
            backends.forEach(SinkBackend::close);
            throw e;
        }
        SharedBackend line = new SharedBackend(backends);
        if (standard != before) {
            standardLine = line;
        }
        return line;
    }

    /**
     * Takes standard input and output off the port that they are on: they are not used any more when it returns. Not to be called on
     * the event loop.
     *
     * @return false if no port is on them that has another end too
     */
    public boolean leaveStandard() {
        SharedBackend line = standardLine;
        StdioBackend end = standard;
        if (line == null || end == null) {
            return false;
        }
        line.takeOff(end, FLUSH_SHARE_NANOS);
        return true;
    }

    /** As {@link StdioBackend#outputErrno}; 0 if no port is on standard output. */
    public int standardOutputErrno() {
        StdioBackend end = standard;
        return end == null ? 0 : end.outputErrno();
    }

    private static String id(int index) {
        return FixedPlacements.COM.get(index).id();
    }

    /** A backend for one life's port; closing it leaves the line open. */
    SerialBackend plug(int index) {
        return lines.get(index).plug();
    }

    int count() {
        return lines.size();
    }

    public List<SerialPortStatus> status() {
        List<SerialPortStatus> status = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            status.add(new SerialPortStatus(
                    id(i), sinks.get(i), terminal(ends.get(i)), lines.get(i).counters()));
        }
        return List.copyOf(status);
    }

    private static @Nullable String terminal(SerialEnd end) {
        return switch (end) {
            case SerialEnd.Pty(io.javisor.core.host.Pty pty) -> pty.slaveName();
            case SerialEnd.Shared(List<SerialEnd> all) ->
                all.stream()
                        .filter(SerialEnd.Pty.class::isInstance)
                        .map(SerialPorts::terminal)
                        .findFirst()
                        .orElse(null);
            default -> null;
        };
    }

    /** Brings out what is buffered. The event loop must still run. */
    public void flush() {
        long deadline = System.nanoTime() + FLUSH_TIMEOUT_NANOS;
        for (SerialLine line : lines) {
            line.flush(Math.max(FLUSH_SHARE_NANOS, deadline - System.nanoTime()));
        }
        status().forEach(port -> LOG.debug("{}", port));
    }

    @Override
    public void close() {
        cleanup.close();
    }
}
