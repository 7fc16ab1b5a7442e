package io.javisor.container.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.container.terminal.TerminalSession.Options;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.Pty;
import io.javisor.testkit.Await;
import io.javisor.testkit.host.Pipe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TerminalSessionTest {
    private static final long TIOCSWINSZ = 0x5414;

    private final Recorder peer = new Recorder();
    private Pty pty = Pty.open();
    private Fd slave = Fd.own("slave", Libc.open(pty.slaveName(), HostConstants.O_RDWR | HostConstants.O_NOCTTY, 0));

    private static final class Recorder implements Peer {
        private final StringBuilder typed = new StringBuilder(); // under this
        final List<String> told = new CopyOnWriteArrayList<>();

        synchronized String typed() {
            return typed.toString();
        }

        @Override
        public synchronized void type(byte[] bytes, int length) {
            typed.append(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
        }

        @Override
        public void endInput() {
            told.add("end");
        }

        @Override
        public void resize(int rows, int columns) {
            told.add(rows + "x" + columns);
        }

        @Override
        public void signal(int number) {
            told.add("signal " + number);
        }
    }

    @BeforeEach
    void cook() {
        setSize(24, 80);
    }

    @AfterEach
    void close() {
        slave.close();
        pty.close();
    }

    private void setSize(int rows, int columns) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(8, 2);
            size.setAtIndex(ValueLayout.JAVA_SHORT, 0, (short) rows);
            size.setAtIndex(ValueLayout.JAVA_SHORT, 1, (short) columns);
            int _ = Libc.check("TIOCSWINSZ", Libc.ioctl(slave.value(), TIOCSWINSZ, size.address()));
        }
    }

    private static void write(int fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            assertEquals(bytes.length, Libc.write(fd, buffer.address(), bytes.length));
        }
    }

    private static void send(int signal) {
        int _ = Libc.check("kill", Libc.kill(Libc.getpid(), signal));
    }

    @Test
    void keysGoToTheProcessUntilItsPersonLeaves() throws Exception {
        try (TerminalSession session =
                TerminalSession.open(new Options(slave.value(), true, true, DetachKeys.DEFAULT, false), peer)) {
            write(pty.master().value(), "ls\r\003");
            Await.until("keys", () -> peer.typed().equals("ls\r\003"));
            assertFalse(session.detached().isDone());
            write(pty.master().value(), "\020\021rest");
            session.detached().get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
            assertEquals("ls\r\003", peer.typed());
        }
    }

    @Test
    void nothingIsReadAfterItIsClosed() {
        TerminalSession.open(new Options(slave.value(), true, true, DetachKeys.DEFAULT, false), peer)
                .close();
        Await.until("no thread", () -> Await.threadCount("terminal-") == 0);
        write(pty.master().value(), "for the shell");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(64);
            assertEquals(13, Libc.read(slave.value(), buffer.address(), 64));
        }
        assertEquals("", peer.typed());
    }

    @Test
    void theProcesssTerminalGetsTheSizeOfThisOne() {
        try (TerminalSession _ =
                TerminalSession.open(new Options(slave.value(), true, true, DetachKeys.DEFAULT, false), peer)) {
            Await.until("a size", () -> peer.told.equals(List.of("24x80")));
            setSize(50, 132);
            send(HostConstants.SIGWINCH);
            Await.until("a size", () -> peer.told.equals(List.of("24x80", "50x132")));
        }
    }

    @Test
    void withoutATerminalSignalsAreTheProcesss() throws IOException {
        try (Pipe pipe = Pipe.open()) {
            try (TerminalSession _ = TerminalSession.open(
                    new Options(pipe.reader().value(), false, true, DetachKeys.DEFAULT, true), peer)) {
                send(HostConstants.SIGINT);
                Await.until("SIGINT", () -> peer.told.equals(List.of("signal 2")));
                send(HostConstants.SIGTERM);
                Await.until("SIGTERM", () -> peer.told.equals(List.of("signal 2", "signal 15")));
                write(pipe.writer().value(), "\020\021text"); // no keys: nobody types
                Await.until("text", () -> peer.typed().equals("\020\021text"));
                pipe.writer().close();
                Await.until("the end", () -> peer.told.contains("end"));
            }
        }
    }

    @Test
    void outputThatIsStoppedDoesNotHoldWhoClosesIt() throws Exception {
        TerminalOutput output = TerminalOutput.of(slave.value());
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> failure.complete(assertThrows(IOException.class, () -> {
                    while (true) {
                        output.write(new byte[100_000], 100_000); // the master is not read
                    }
                })));
        Thread.sleep(200);
        assertFalse(failure.isDone());
        output.close();
        output.close();
        assertEquals(
                "closed", failure.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS).getMessage());
    }

    @Test
    void outputThatNobodyReadsSaysSo() throws Exception {
        try (Pipe pipe = Pipe.open();
                TerminalOutput output = TerminalOutput.of(pipe.writer().value())) {
            pipe.reader().close();
            assertThrows(IOException.class, () -> output.write(new byte[10], 10));
            assertEquals(32, output.errno());
            assertTrue(output.errno() != 0);
        }
    }
}
