package io.javisor.core.host;

import static io.javisor.core.host.HostConstants.O_NOCTTY;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_RDWR;
import static io.javisor.core.host.HostConstants.TIOCGPTN;
import static io.javisor.core.host.HostConstants.TIOCGPTPEER;
import static io.javisor.core.host.HostConstants.TIOCSPTLCK;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A pseudoterminal (pty(7)), of which somebody else opens the slave. It is raw: what the master writes must not be echoed back, nor be
 * taken for control characters.
 *
 * @param master in non-blocking mode; while nobody has the slave open its reads fail with EIO
 * @param slaveName such as {@code /dev/pts/3}
 */
public record Pty(Fd master, String slaveName) implements AutoCloseable {
    private static final int TERMIOS_SIZE = 64;

    /**
     * Makes one. Nobody has its slave open, and the master knows it.
     *
     * @throws HostException if there is no {@code /dev/ptmx}, or too many are in use (ENOSPC)
     */
    public static Pty open() {
        Fd master = Fd.own("open(/dev/ptmx)", Libc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK, 0));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
            int _ = Libc.check("TIOCSPTLCK", Libc.ioctl(master.value(), TIOCSPTLCK, number.address())); // 0: unlock
            int _ = Libc.check("TIOCGPTN", Libc.ioctl(master.value(), TIOCGPTN, number.address()));
            // The settings stay as long as the master is open. Closing the slave is what makes the master report EIO.
            try (Fd slave = Fd.own("TIOCGPTPEER", Libc.ioctl(master.value(), TIOCGPTPEER, O_RDWR | O_NOCTTY))) {
                MemorySegment termios = arena.allocate(TERMIOS_SIZE, 8);
                int _ = Libc.check("tcgetattr", Libc.tcgetattr(slave.value(), termios.address()));
                Libc.cfmakeraw(termios.address());
                int _ = Libc.check(
                        "tcsetattr", Libc.tcsetattr(slave.value(), HostConstants.TCSANOW, termios.address()));
            }
            return new Pty(master, "/dev/pts/" + number.get(ValueLayout.JAVA_INT, 0));
        } catch (RuntimeException e) {
            master.close();
            throw e;
        }
    }

    @Override
    public void close() {
        master.close();
    }
}
