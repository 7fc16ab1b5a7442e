package io.javisor.machine.host;

import io.javisor.core.engine.TraceRequest;
import io.javisor.core.engine.TraceSink;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.TraceConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that a trace goes to. Lines of several processors come one after the other. If it can't be written, that is said once, the rest is
 * dropped, and the machine goes on.
 */
public final class TraceFile implements TraceSink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TraceFile.class);
    private static final String WHAT = "trace";
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
    public static TraceFile open(TraceConfig config) {
        return new TraceFile(config, OutputFile.open(WHAT, config.path()));
    }

    /**
     * Refuses what {@link #open} would, and makes nothing.
     *
     * @throws ConfigException if the file can't be written
     */
    static void check(TraceConfig config) {
        OutputFile.check(WHAT, config.path());
    }

    /** Everything of the machine is open: empties the file. */
    public void start() {
        int _ = Libc.ftruncate(fd.value(), 0); // EINVAL: no regular file
    }

    /** What an engine is asked for. */
    public TraceRequest request() {
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
