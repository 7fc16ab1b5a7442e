package io.javisor.core.log;

import static io.javisor.core.host.HostConstants.O_APPEND;
import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_NOCTTY;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_RDWR;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A file or a named pipe that lines are added to. A disk or a pipe that is full loses them: nobody waits for it. Any thread. */
public final class LineFile implements AutoCloseable {
    private final Fd fd;
    private long missed; // guarded by this

    private LineFile(Fd fd) {
        this.fd = fd;
    }

    /**
     * Opens it, and makes it, for its owner only, if it is not there.
     *
     * @param name for messages
     * @throws HostException if it can't be written
     */
    public static LineFile open(String name, String path) {
        // For reading too: that opens a pipe without a reader.
        int flags = O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY;
        return new LineFile(Fd.own(name, Libc.open(path, flags, 0600)));
    }

    /** Adds one or more lines, with their ends, in one write(2), so that several processes may. */
    public synchronized void write(byte[] lines) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(lines.length);
            MemorySegment.copy(MemorySegment.ofArray(lines), 0, buffer, 0, lines.length);
            if (Libc.write(fd.value(), buffer.address(), lines.length) != lines.length) {
                missed++;
            }
        }
    }

    /** How often something was not written, or not whole. */
    public synchronized long missed() {
        return missed;
    }

    @Override
    public synchronized void close() {
        fd.close();
    }
}
