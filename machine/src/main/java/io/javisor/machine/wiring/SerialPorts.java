package io.javisor.machine.wiring;

import io.javisor.core.host.Cleanup;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.backend.HostLine;
import io.javisor.devices.backend.SerialBackend;
import io.javisor.devices.backend.SinkBackend;
import io.javisor.devices.backend.StdioEnd;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.machine.host.SerialEnd;
import io.javisor.machine.plan.FixedPlacements;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
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
    private final List<SerialLine> lines = new ArrayList<>();
    private final Cleanup cleanup = new Cleanup();
    private @Nullable StdioEnd standard;
    private @Nullable HostLine standardLine; // that it is an end of

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
        this.sinks = sinks;
        this.ends = ends;
        SerialEnd.Surroundings around = new SerialEnd.Surroundings(console, events, standardInput);
        try {
            for (int i = 0; i < ends.size(); i++) {
                SinkBackend backend = ends.get(i).line(id(i), around);
                find(backend);
                lines.add(cleanup.add(new SerialLine(backend)));
            }
        } catch (RuntimeException | Error e) {
            cleanup.closeAfter(e);
            throw e;
        }
    }

    private void find(SinkBackend backend) {
        if (backend instanceof HostLine line && line.standard() != null) {
            standard = line.standard();
            standardLine = line;
        }
    }

    /**
     * Takes standard input and output off the port that they are on: they are not used any more when it returns. Not to be called on
     * the event loop.
     *
     * @return false if no port is on them that has another end too
     */
    public boolean leaveStandard() {
        HostLine line = standardLine;
        StdioEnd end = standard;
        if (line == null || end == null || line.ends() == 1) {
            return false;
        }
        line.takeOff(end, FLUSH_SHARE_NANOS);
        return true;
    }

    /** As {@link StdioEnd#outputErrno}; 0 if no port is on standard output. */
    public int standardOutputErrno() {
        StdioEnd end = standard;
        return end == null ? 0 : end.outputErrno();
    }

    private static String id(int index) {
        return FixedPlacements.COM.get(index).id();
    }

    /** A backend for one life's port, as {@link SerialLine#plug}; closing it leaves the line open. */
    SerialBackend plug(int index, @Nullable IntConsumer observer) {
        return lines.get(index).plug(observer);
    }

    int count() {
        return lines.size();
    }

    public List<SerialPortStatus> status() {
        List<SerialPortStatus> status = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            status.add(new SerialPortStatus(
                    id(i), sinks.get(i), ends.get(i).terminal(), lines.get(i).counters()));
        }
        return List.copyOf(status);
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
