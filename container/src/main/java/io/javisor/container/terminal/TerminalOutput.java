package io.javisor.container.terminal;

import io.javisor.core.event.EventFd;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.RawTerminal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor that a process's output is written to: a terminal, a pipe, a file. Who writes waits while it takes nothing, until this is closed. A terminal is opened anew without blocking, for
 * one that is stopped (Ctrl-S) would hold the writer for good. One thread writes; any closes.
 */
public final class TerminalOutput implements AutoCloseable {
    private static final int BUFFER_SIZE = 128 << 10;

    /** A pipe that poll(2) reports writable takes as much without blocking. */
    private static final int PIPE_BUF = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE);
    private final EventFd stop = EventFd.create("output");
    private final @Nullable Fd own;
    private final int fd;
    private final int atOnce;
    private int errno; // under this
    private final AtomicBoolean closed = new AtomicBoolean();

    private TerminalOutput(int fd, @Nullable Fd own, boolean file) {
        this.fd = fd;
        this.own = own;
        atOnce = file ? BUFFER_SIZE : PIPE_BUF;
    }

    /**
     * Output to a descriptor.
     *
     * @param fd stays the caller's
     */
    public static TerminalOutput of(int fd) {
        if (RawTerminal.isTerminal(fd)) {
            try {
                Fd own = Fd.reopenNonBlocking("terminal", fd, HostConstants.O_WRONLY);
                return new TerminalOutput(own.value(), own, false);
            } catch (HostException e) {
                // Another user's terminal, after su: it is used as it is.
            }
        }
        return new TerminalOutput(fd, null, isFile(fd));
    }

    private static boolean isFile(int fd) {
        return Files.isRegularFile(Path.of("/proc/self/fd/" + fd));
    }

    /**
     * Writes all of it.
     *
     * @throws IOException if it takes no more, or this is closed
     */
    public synchronized void write(byte[] bytes, int length) throws IOException {
        if (closed.get()) {
            throw new IOException("closed");
        }
        try (Readiness readiness = new Readiness(stop)) {
            int start = 0;
            while (start < length) {
                int count = Math.min(length - start, BUFFER_SIZE);
                MemorySegment.copy(bytes, start, buffer, ValueLayout.JAVA_BYTE, 0, count);
                write(readiness, count);
                start += count;
            }
        }
    }

    private void write(Readiness readiness, int count) throws IOException {
        int start = 0;
        while (start < count) {
            if (!readiness.await(fd, HostConstants.POLLOUT)) {
                throw new IOException("closed");
            }
            long written = Libc.write(fd, buffer.address() + start, Math.min(count - start, atOnce));
            if (written >= 0) {
                start += (int) written;
            } else if (!Readiness.isPassing(written)) {
                errno = (int) -written;
                throw new IOException(Errno.describe(errno));
            }
        }
    }

    /** Why it took no more, or 0. */
    public synchronized int errno() {
        return errno;
    }

    /** Has who waits go on without. Calling it again does nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        stop.signal();
        synchronized (this) {
            if (own != null) {
                own.close();
            }
            arena.close();
            stop.close();
        }
    }
}
