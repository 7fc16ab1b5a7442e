package io.javisor.devices.backend;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.PollfdLayout;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** A program at the other end of a socket or pty, in non-blocking mode. Not safe for several threads. */
final class HostClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 10_000;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(65_536);
    private final MemorySegment pollfd = PollfdLayout.allocate(arena, 1);
    private final Fd fd;
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    HostClient(Fd fd) {
        this.fd = fd;
    }

    /** Reads until {@code wanted} came, and returns all that came since the last call. */
    String readUntil(String wanted) {
        while (!seen.toString(StandardCharsets.ISO_8859_1).contains(wanted)) {
            if (!readSome()) {
                throw new AssertionError("ended without '" + wanted + "', after: " + seen.size() + " bytes");
            }
        }
        return takeSeen();
    }

    /** Reads exactly {@code count} bytes or to the end. */
    String read(int count) {
        while (seen.size() < count && readSome()) {}
        return takeSeen();
    }

    String readToEnd() {
        while (readSome()) {}
        return takeSeen();
    }

    private String takeSeen() {
        String text = seen.toString(StandardCharsets.ISO_8859_1);
        seen.reset();
        return text;
    }

    private boolean readSome() {
        awaitReady(HostConstants.POLLIN);
        long count = Libc.read(fd.value(), buffer.address(), buffer.byteSize());
        if (count == -Errno.ECONNRESET) {
            return false; // the end for one whose input was not read
        }
        seen.writeBytes(buffer.asSlice(0, Libc.check("read", count)).toArray(ValueLayout.JAVA_BYTE));
        return count > 0;
    }

    void write(String text) {
        int written = 0;
        while (written < text.length()) {
            awaitReady(HostConstants.POLLOUT);
            written += writeNow(text.substring(written));
        }
    }

    /** One write(2); returns how much it took. */
    int writeNow(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int count = (int) Math.min(bytes.length, buffer.byteSize());
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, count);
        long result = Libc.write(fd.value(), buffer.address(), count);
        return result == -Errno.EAGAIN ? 0 : (int) Libc.check("write", result);
    }

    void endInput() {
        int _ = Libc.check("shutdown", Libc.shutdown(fd.value(), HostConstants.SHUT_WR));
    }

    private void awaitReady(int events) {
        PollfdLayout.set(pollfd, 0, fd.value(), events);
        if (Libc.poll(pollfd.address(), 1, TIMEOUT_MILLIS) != 1) {
            throw new AssertionError("nothing within " + TIMEOUT_MILLIS + " ms, after: " + takeSeen());
        }
    }

    @Override
    public void close() {
        fd.close();
        arena.close();
    }
}
