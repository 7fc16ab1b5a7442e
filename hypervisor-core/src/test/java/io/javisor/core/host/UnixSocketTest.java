package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    private Path directory = Path.of("");

    private String path() {
        return directory.resolve("s").toString();
    }

    @Test
    void whatOneEndWritesTheOtherReads() {
        try (Fd listener = UnixSocket.listen(path(), 0600);
                Fd client = UnixSocket.connect(path());
                Fd accepted = Fd.own("accepted", UnixSocket.accept(listener.value()));
                Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocateFrom("hello");
            MemorySegment in = arena.allocate(16);
            assertEquals(5, Libc.write(client.value(), out.address(), 5));
            assertEquals(5, Libc.read(accepted.value(), in.address(), 16));
            assertEquals("hello", in.getString(0));
            assertEquals(-Errno.EAGAIN, Libc.read(accepted.value(), in.address(), 16), "nothing blocks");
            assertEquals(0, Libc.shutdown(client.value(), HostConstants.SHUT_WR));
            assertEquals(0, Libc.read(accepted.value(), in.address(), 16));
        }
    }

    @Test
    void whoIsAtTheOtherEndIsTold() {
        try (Fd _ = UnixSocket.listen(path(), 0600);
                Fd client = UnixSocket.connect(path())) {
            assertEquals(ProcessHandle.current().pid(), UnixSocket.peerPid(client));
            assertEquals(Libc.geteuid(), UnixSocket.peerUser(client.value()));
        }
    }

    @Test
    void whoIsNotThereIsNoFailureForThoseWhoTry() {
        assertEquals(-Errno.ENOENT, UnixSocket.tryConnect(path()));
        try (Fd listener = UnixSocket.listen(path(), 0600);
                Fd client = Fd.own("client", UnixSocket.tryConnect(path()));
                Fd accepted = Fd.own("accepted", UnixSocket.accept(listener.value()))) {
            assertTrue(client.value() != accepted.value());
        }
        assertEquals(-Errno.ECONNREFUSED, UnixSocket.tryConnect(path()));
    }

    /** A debugger's socket would take a connection for a debugger. */
    @Test
    void oneThatIsInUseIsToldApartAndLearnsNothing() throws IOException {
        try (Fd listener = UnixSocket.listen(path(), 0600)) {
            assertTrue(UnixSocket.isInUse(path()));
            assertEquals(-Errno.EAGAIN, UnixSocket.accept(listener.value()));
        }
        assertFalse(UnixSocket.isInUse(path()));
        assertTrue(Files.exists(Path.of(path())));
        Files.delete(Path.of(path()));
        HostException none = assertThrows(HostException.class, () -> UnixSocket.isInUse(path()));
        assertEquals(Errno.ENOENT, none.errno());
    }

    @Test
    void nobodyWaitingIsEagain() {
        try (Fd listener = UnixSocket.listen(path(), 0600)) {
            assertEquals(-Errno.EAGAIN, UnixSocket.accept(listener.value()));
        }
    }

    @Test
    void thePathHasItsMode() throws IOException {
        try (Fd _ = UnixSocket.listen(path(), 0600)) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("s"))));
        }
    }

    @Test
    void errorsAreTold() throws IOException {
        assertEquals(Errno.ENOENT, connectError());
        Fd listener = UnixSocket.listen(path(), 0600);
        assertEquals(
                Errno.EADDRINUSE,
                assertThrows(HostException.class, () -> UnixSocket.listen(path(), 0600))
                        .errno());
        listener.close();
        assertEquals(Errno.ECONNREFUSED, connectError());
        Files.delete(directory.resolve("s"));
        Files.writeString(directory.resolve("s"), "a file");
        assertEquals(Errno.ECONNREFUSED, connectError());
    }

    private int connectError() {
        return assertThrows(HostException.class, () -> UnixSocket.connect(path()))
                .errno();
    }

    @Test
    void pathsOf107BytesFit() {
        String longest = directory
                .resolve("x".repeat(106 - directory.toString().length()))
                .toString();
        assertEquals(107, UnixSocket.pathBytes(longest));
        UnixSocket.listen(longest, 0600).close();
        assertTrue(Files.exists(Path.of(longest)));
        assertThrows(IllegalArgumentException.class, () -> UnixSocket.listen(longest + "x", 0600));
        assertThrows(IllegalArgumentException.class, () -> UnixSocket.connect(""));
        assertEquals(2, UnixSocket.pathBytes("ä"));
    }

    @Test
    void pollTellsWhatIsReady() {
        try (Fd listener = UnixSocket.listen(path(), 0600);
                Fd client = UnixSocket.connect(path());
                Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = PollfdLayout.allocate(arena, 1);
            PollfdLayout.set(pollfd, 0, client.value(), HostConstants.POLLIN);
            assertEquals(0, Libc.poll(pollfd.address(), 1, 0));
            Fd.own("accepted", UnixSocket.accept(listener.value())).close();
            assertEquals(1, Libc.poll(pollfd.address(), 1, 1000));
            assertEquals(HostConstants.POLLIN | HostConstants.POLLHUP, PollfdLayout.revents(pollfd, 0), "end of file");
        }
    }
}
