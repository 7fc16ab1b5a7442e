package io.javisor.cli;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.RawTerminal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Standard output for a console. A terminal is opened anew without blocking, for one that is stopped (Ctrl-S) would hold whoever writes;
 * its mode belongs to the open file, which the shell shares. What is no terminal is used as it is.
 */
final class TerminalOutput implements AutoCloseable {
    private final int fd;
    private final @Nullable Fd own;

    private TerminalOutput(int fd, @Nullable Fd own) {
        this.fd = fd;
        this.own = own;
    }

    static TerminalOutput open(int fd) {
        if (RawTerminal.isTerminal(fd)) {
            try {
                Fd own = Fd.reopenNonBlocking("terminal", fd, HostConstants.O_WRONLY);
                return new TerminalOutput(own.value(), own);
            } catch (HostException e) {
                // Another user's terminal, after su: blocking output then, which only a stopped terminal shows.
            }
        }
        return new TerminalOutput(fd, null);
    }

    int fd() {
        return fd;
    }

    /** Shows text now, beside what the machine prints. What a stopped terminal does not take is dropped. */
    void print(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, bytes.length);
            long _ = Libc.write(fd, buffer.address(), bytes.length);
        }
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }
}
