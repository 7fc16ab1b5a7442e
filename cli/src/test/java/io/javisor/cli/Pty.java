package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.testkit.Await;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A pseudo-terminal: what a person types and sees is this class's, the terminal itself is {@link #file()}. For one thread. */
final class Pty implements AutoCloseable {
    // asm-generic/ioctls.h, asm-generic/termbits.h
    private static final long TCXONC = 0x540A;
    private static final long TCOOFF = 0;
    private static final long TCOON = 1;
    private static final int BUFFER_SIZE = 4096;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE, Long.BYTES);
    private final StringBuilder seen = new StringBuilder();
    private final Fd master;
    /** Open all the time: the kernel forgets a terminal's settings when nobody has it open. */
    private final Fd slave;

    private final File file;
    private int awaited;

    private Pty(io.javisor.core.host.Pty host) {
        master = host.master();
        file = new File(host.slaveName());
        slave = Fd.own(file.toString(), Libc.open(file.toString(), HostConstants.O_RDWR | HostConstants.O_NOCTTY, 0));
    }

    static Pty open() {
        io.javisor.core.host.Pty host = io.javisor.core.host.Pty.open();
        try {
            return new Pty(host);
        } catch (RuntimeException e) {
            host.close();
            throw e;
        }
    }

    File file() {
        return file;
    }

    /** Everything that was printed and read so far. */
    String text() {
        return seen.toString();
    }

    void type(String keys) {
        byte[] bytes = keys.getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, bytes.length);
        assertEquals(bytes.length, Libc.write(master.value(), buffer.address(), bytes.length));
    }

    /** Reads until {@code wanted} is printed after what was last awaited. */
    void await(String wanted) throws InterruptedException {
        Await.until(() -> "'" + wanted + "' on the terminal, which shows: " + seen, () -> {
            read();
            int at = seen.indexOf(wanted, awaited);
            awaited = at < 0 ? awaited : at + wanted.length();
            return at >= 0;
        });
    }

    /** Takes what there is to read now; not called, this is a terminal that nobody looks at. */
    void read() {
        long count;
        do {
            count = Libc.read(master.value(), buffer.address(), BUFFER_SIZE);
            for (int i = 0; i < count; i++) {
                seen.append((char) (buffer.get(ValueLayout.JAVA_BYTE, i) & 0xFF));
            }
        } while (count > 0);
        assertEquals(-Errno.EAGAIN, count);
    }

    /** Without reading, waits until the terminal takes no more output. */
    void awaitFull() throws InterruptedException {
        try (Fd epoll = Fd.own("epoll", Libc.epollCreate1(HostConstants.EPOLL_CLOEXEC))) {
            buffer.set(ValueLayout.JAVA_INT, 0, HostConstants.EPOLLOUT);
            int fd = slave.value();
            int _ = Libc.check(
                    "epoll_ctl", Libc.epollCtl(epoll.value(), HostConstants.EPOLL_CTL_ADD, fd, buffer.address()));
            Await.until(
                    () -> "a full terminal",
                    () -> Libc.check("epoll_wait", Libc.epollWait(epoll.value(), buffer.address(), 1, 0)) == 0);
        }
    }

    /** Stops the terminal's output, as Ctrl-S does in cooked mode. */
    void stopOutput() {
        int _ = Libc.check("TCXONC", Libc.ioctl(slave.value(), TCXONC, TCOOFF));
    }

    void startOutput() {
        int _ = Libc.check("TCXONC", Libc.ioctl(slave.value(), TCXONC, TCOON));
    }

    /** What {@code stty} prints. */
    String stty(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("stty", "-F", file.toString()));
        command.addAll(List.of(arguments));
        Program.Result result = Program.run(command);
        assertEquals(0, result.status(), result::toString);
        return result.out();
    }

    /** The terminal's window is closed. */
    void hangUp() {
        slave.close();
        master.close();
    }

    @Override
    public void close() {
        hangUp();
        arena.close();
    }
}
