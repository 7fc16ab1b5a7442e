package io.javisor.core.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * How much a terminal shows (ioctl_tty(2), {@code struct winsize}).
 *
 * @param columns at least 1
 * @param rows at least 1
 */
public record TerminalSize(int columns, int rows) {
    private static final long WINSIZE_SIZE = 8;
    private static final long ROW_OFFSET = 0;
    private static final long COL_OFFSET = 2;

    /** The size of the terminal behind a descriptor, at this moment; empty if it is none, or does not know. */
    public static Optional<TerminalSize> of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment winsize = arena.allocate(WINSIZE_SIZE, 2);
            if (Libc.ioctl(fd, HostConstants.TIOCGWINSZ, winsize.address()) < 0) {
                return Optional.empty();
            }
            int rows = Short.toUnsignedInt(winsize.get(ValueLayout.JAVA_SHORT, ROW_OFFSET));
            int columns = Short.toUnsignedInt(winsize.get(ValueLayout.JAVA_SHORT, COL_OFFSET));
            return rows == 0 || columns == 0 ? Optional.empty() : Optional.of(new TerminalSize(columns, rows));
        }
    }
}
