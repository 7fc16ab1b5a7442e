package io.javisor.devices.backend;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.testkit.host.Pipe;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Real pipes, ptys and files for tests of backends. */
final class HostPipes {
    /** Two ends; what goes into the second comes out of the first. */
    record Ends(Fd reader, Fd writer) implements AutoCloseable {
        @Override
        public void close() {
            reader.close();
            writer.close();
        }
    }

    private static final long TIOCSPTLCK = 0x40045431L;
    private static final long TIOCGPTPEER = 0x5441L;

    private static final int F_DUPFD_CLOEXEC = 1030;

    private HostPipes() {}

    static Ends pipe() {
        Pipe pipe = Pipe.open();
        return new Ends(pipe.reader(), pipe.writer());
    }

    /** A pty in raw mode: {@code reader} is the master (the person), {@code writer} the slave (the program's terminal). */
    static Ends pty() {
        try (Arena arena = Arena.ofConfined()) {
            int flags = HostConstants.O_RDWR | HostConstants.O_NOCTTY;
            Fd master = Fd.own("ptmx", Libc.open("/dev/ptmx", flags, 0));
            MemorySegment unlock = arena.allocate(4);
            int _ = Libc.check("TIOCSPTLCK", Libc.ioctl(master.value(), TIOCSPTLCK, unlock.address()));
            Fd slave = Fd.own("pty", Libc.ioctl(master.value(), TIOCGPTPEER, flags));
            MemorySegment termios = arena.allocate(64, 8);
            int _ = Libc.check("tcgetattr", Libc.tcgetattr(slave.value(), termios.address()));
            Libc.cfmakeraw(termios.address());
            int _ = Libc.check("tcsetattr", Libc.tcsetattr(slave.value(), HostConstants.TCSANOW, termios.address()));
            return new Ends(master, slave);
        }
    }

    /** Makes reads and writes of this end give EAGAIN instead of waiting. */
    static void makeNonBlocking(Fd fd) {
        int _ = Libc.check(
                "fcntl", Libc.fcntl(fd.value(), HostConstants.F_SETFL, flags(fd) | HostConstants.O_NONBLOCK));
    }

    static int flags(Fd fd) {
        return Libc.check("fcntl", Libc.fcntl(fd.value(), HostConstants.F_GETFL, 0));
    }

    /** Another number for the same open file. */
    static Fd duplicate(Fd fd) {
        return Fd.own("duplicate", Libc.fcntl(fd.value(), F_DUPFD_CLOEXEC, 0));
    }

    static Fd open(Path file, int flags) {
        return Fd.own(file.toString(), Libc.open(file.toString(), flags, 0600));
    }

    static void write(Fd fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            long written = 0;
            while (written < bytes.length) {
                written +=
                        Libc.check("write", Libc.write(fd.value(), buffer.address() + written, bytes.length - written));
            }
        }
    }

    /** One read(2) of at most {@code limit} bytes. */
    static String readOnce(Fd fd, int limit) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(limit);
            int count = (int) Libc.check("read", Libc.read(fd.value(), buffer.address(), limit));
            return new String(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        }
    }

    /** Reads until {@code count} bytes are there or the writer has gone. */
    static String read(Fd fd, int count) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (bytes.size() < count) {
            String piece = readOnce(fd, Math.min(65_536, count - bytes.size()));
            if (piece.isEmpty()) {
                break;
            }
            bytes.writeBytes(piece.getBytes(StandardCharsets.ISO_8859_1));
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    static MemorySegment bytes(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Text in which every place can be told from every other. */
    static String pattern(int length) {
        StringBuilder text = new StringBuilder(length + 10);
        while (text.length() < length) {
            text.append(text.length()).append(' ');
        }
        text.setLength(length);
        return text.toString();
    }
}
