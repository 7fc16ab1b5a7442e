package io.javisor.api.firecracker;

import static io.javisor.core.host.HostConstants.O_APPEND;
import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_NOCTTY;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_RDWR;

import io.javisor.api.Fault;
import io.javisor.api.Response;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** A file or a named pipe that lines are added to. A pipe that is full loses them: nobody waits for its reader. */
final class OutputFile implements AutoCloseable {
    private final Fd fd;
    private long missed; // guarded by this

    private OutputFile(Fd fd) {
        this.fd = fd;
    }

    /**
     * Opens it, and makes it if it is not there.
     *
     * @throws Fault with status 400 if it can't be written
     */
    static OutputFile open(String field, String path) {
        if (path.isEmpty()) {
            throw Fault.badRequest("\"" + field + "\" is empty");
        }
        try {
            // For reading too: that opens a pipe without a reader.
            int flags = O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY;
            return new OutputFile(Fd.own(field + " " + path, Libc.open(path, flags, 0600)));
        } catch (HostException e) {
            throw new Fault(
                    Response.BAD_REQUEST,
                    "\"" + field + "\": " + path + " can't be written: " + Errno.describe(e.errno()),
                    e);
        }
    }

    /** Adds a line, in one write(2). */
    synchronized void writeLine(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, bytes.length);
            if (Libc.write(fd.value(), buffer.address(), bytes.length) != bytes.length) {
                missed++;
            }
        }
    }

    /** Lines that were not written, or not whole. */
    synchronized long missed() {
        return missed;
    }

    @Override
    public synchronized void close() {
        fd.close();
    }
}
