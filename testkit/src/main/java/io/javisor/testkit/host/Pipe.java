package io.javisor.testkit.host;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A pipe: what goes into the writer comes out of the reader. */
public record Pipe(Fd reader, Fd writer) implements AutoCloseable {
    /** In blocking mode. */
    public static Pipe open() {
        return open(0);
    }

    /**
     * With flags.
     *
     * @param flags of both ends, as pipe2(2) takes them, beside O_CLOEXEC
     */
    public static Pipe open(int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(2L * Integer.BYTES, Integer.BYTES);
            int _ = Libc.check("pipe2", Libc.pipe2(fds.address(), HostConstants.O_CLOEXEC | flags));
            return new Pipe(
                    Fd.own("pipe reader", fds.get(ValueLayout.JAVA_INT, 0)),
                    Fd.own("pipe writer", fds.get(ValueLayout.JAVA_INT, Integer.BYTES)));
        }
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
