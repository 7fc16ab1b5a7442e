package io.javisor.core.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A terminal put into raw mode: every key reaches the reader at once and unchanged, Ctrl-C too, and what is written appears as it
 * is. {@link #close} puts the earlier settings back; calling it again does nothing.
 */
public final class RawTerminal implements AutoCloseable {
    /** {@code struct termios} of glibc on x86-64 has 60 bytes. */
    private static final long TERMIOS_SIZE = 64;

    private final int fd;
    private final byte[] saved;
    private boolean raw = true; // guarded by this

    private RawTerminal(int fd, byte[] saved) {
        this.fd = fd;
        this.saved = saved;
    }

    /** Whether the descriptor is a terminal. */
    public static boolean isTerminal(int fd) {
        return Libc.isatty(fd);
    }

    /**
     * Saves the terminal's settings and makes it raw.
     *
     * @throws HostException if {@code fd} is not a terminal
     */
    public static RawTerminal enter(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment termios = arena.allocate(TERMIOS_SIZE, 8);
            int _ = Libc.check("tcgetattr", Libc.tcgetattr(fd, termios.address()));
            byte[] saved = termios.toArray(ValueLayout.JAVA_BYTE);
            Libc.cfmakeraw(termios.address());
            int _ = Libc.check("tcsetattr", Libc.tcsetattr(fd, HostConstants.TCSADRAIN, termios.address()));
            return new RawTerminal(fd, saved);
        }
    }

    /** Puts the earlier settings back. */
    @Override
    public synchronized void close() {
        if (!raw) {
            return;
        }
        raw = false;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment termios = arena.allocate(TERMIOS_SIZE, 8);
            MemorySegment.copy(MemorySegment.ofArray(saved), 0, termios, 0, saved.length);
            // Best effort: the terminal may be gone, and then there is nothing to restore.
            int _ = Libc.tcsetattr(fd, HostConstants.TCSANOW, termios.address());
        }
    }
}
