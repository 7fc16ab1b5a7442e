package io.javisor.machine;

import static io.javisor.core.host.HostConstants.O_APPEND;
import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_NOCTTY;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_WRONLY;

import io.javisor.core.engine.TraceRequest;
import io.javisor.core.engine.TraceSink;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that a trace goes to. Lines of several processors come one after the other. If it can't be written, that is said once, the rest is
 * dropped, and the machine goes on.
 */
final class TraceFile implements TraceSink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TraceFile.class);
    private static final int BUFFER_BYTES = 64 << 10;

    /** How long it waits for the reader of a FIFO before it looks again. */
    private static final int FULL_PIPE_MILLIS = 1;

    /** How long a reader may take nothing: a vCPU waits for it, and has to come back when the machine is stopped. */
    private static final int PATIENCE_MILLIS = 3000;

    private final TraceConfig config;
    private final Fd fd;
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES);
    private int used;
    private boolean dead;

    private TraceFile(TraceConfig config, Fd fd) {
        this.config = config;
        this.fd = fd;
    }

    /**
     * Opens or makes the file; what is in it stays until {@link #start}.
     *
     * @throws ConfigException if it can't be written
     */
    static TraceFile open(TraceConfig config) {
        Path path = config.path();
        // Non-blocking for a FIFO that nobody reads.
        int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY;
        try {
            return new TraceFile(config, Fd.own("trace " + path, Libc.open(path.toString(), flags, 0600)));
        } catch (HostException e) {
            String reason =
                    switch (e.errno()) {
                        case Errno.EISDIR -> "is a directory; give a file in it";
                        case Errno.ENOENT, Errno.ENOTDIR -> "can't be made: its directory does not exist";
                        case Errno.EACCES, Errno.EPERM -> "can't be written: permission denied";
                        case Errno.ENXIO -> "is a FIFO that nobody reads, or a socket; start the reader first";
                        default -> "can't be opened: " + Errno.describe(e.errno());
                    };
            throw new ConfigException("trace " + path + " " + reason, e);
        }
    }

    /** Everything of the machine is open: empties the file. */
    void start() {
        int _ = Libc.ftruncate(fd.value(), 0); // EINVAL: no regular file
    }

    /** What an engine is asked for. */
    TraceRequest request() {
        return new TraceRequest(this, config.first(), config.last());
    }

    @Override
    public synchronized void line(CharSequence text) {
        if (text.length() + 1 > BUFFER_BYTES - used) {
            flush();
        }
        if (dead) {
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            buffer.set(ValueLayout.JAVA_BYTE, used++, (byte) text.charAt(i));
        }
        buffer.set(ValueLayout.JAVA_BYTE, used++, (byte) '\n');
    }

    @Override
    public synchronized void flush() {
        int at = 0;
        int waited = 0;
        while (at < used && !dead) {
            long written = Libc.write(fd.value(), buffer.address() + at, used - at);
            if (written >= 0) {
                at += (int) written;
                waited = 0;
            } else if (written == -Errno.EAGAIN && waited < PATIENCE_MILLIS) {
                waited += FULL_PIPE_MILLIS;
                awaitReader();
            } else if (written != -Errno.EINTR) {
                dead = true;
                LOG.warn(
                        "trace {} can't be written: {}; the machine goes on without it",
                        config.path(),
                        Errno.describe((int) -written));
            }
        }
        used = 0;
    }

    private void awaitReader() {
        try {
            Thread.sleep(FULL_PIPE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            dead = true;
        }
    }

    @Override
    public synchronized void close() {
        flush();
        dead = true;
        fd.close();
    }
}
