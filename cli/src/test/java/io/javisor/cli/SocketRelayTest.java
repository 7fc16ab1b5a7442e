package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.PollfdLayout;
import io.javisor.core.host.UnixSocket;
import io.javisor.machine.config.ConfigException;
import io.javisor.testkit.Await;
import io.javisor.testkit.host.Pipe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Between pipes and a socket, all of them real; this class is the person and the machine. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketRelayTest {
    private final Pipe input = Pipe.open();
    private final Pipe output = Pipe.open();

    @TempDir
    private Path directory = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private Fd client;

    @SuppressWarnings("NullAway.Init")
    private Fd machine;

    @BeforeEach
    void connect() {
        Path path = directory.resolve("s");
        try (Fd listener = UnixSocket.listen(path.toString(), 0600)) {
            client = ConsoleCommand.connect(path);
            machine = Fd.own("machine", UnixSocket.accept(listener.value()));
        }
    }

    @AfterEach
    void close() {
        input.close();
        output.close();
        client.close();
        machine.close();
    }

    private SocketRelay relay() {
        return new SocketRelay(input.reader().value(), output.writer().value(), client.value());
    }

    private static CompletableFuture<SocketRelay.End> start(SocketRelay relay) {
        CompletableFuture<SocketRelay.End> end = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                end.complete(relay.run());
            } catch (RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        return end;
    }

    private static SocketRelay.End get(CompletableFuture<SocketRelay.End> end)
            throws ExecutionException, InterruptedException, TimeoutException {
        return end.get(10, TimeUnit.SECONDS);
    }

    private static void write(Fd fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            for (long done = 0; done < bytes.length; ) {
                long count = Libc.write(fd.value(), buffer.address() + done, bytes.length - done);
                if (count != -Errno.EAGAIN) {
                    done += Libc.check("write", count);
                }
            }
        }
    }

    /** Reads {@code count} bytes, or less at the end. */
    private static String read(Fd fd, int count) {
        StringBuilder text = new StringBuilder();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            while (text.length() < count) {
                long got = Libc.read(fd.value(), buffer.address(), Math.min(4096, count - text.length()));
                if (got == 0) {
                    break;
                }
                if (got != -Errno.EAGAIN) {
                    byte[] bytes = buffer.asSlice(0, Libc.check("read", got)).toArray(ValueLayout.JAVA_BYTE);
                    text.append(new String(bytes, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return text.toString();
    }

    @Test
    void bothWaysUntilTheMachineEnds() throws Exception {
        CompletableFuture<SocketRelay.End> end = start(relay());
        write(machine, "login: ");
        assertEquals("login: ", read(output.reader(), 7));
        write(input.writer(), "root\n\001d\377");
        assertEquals("root\n\001d\377", read(machine, 8), "no escapes in a filter");
        write(machine, "last words");
        machine.close();
        assertEquals(SocketRelay.End.MACHINE_ENDED, get(end));
        assertEquals("last words", read(output.reader(), 10));
    }

    @Test
    void theEndOfTheInputIsNotTheEnd() throws Exception {
        CompletableFuture<SocketRelay.End> end = start(relay());
        write(input.writer(), "uname\n");
        input.writer().close();
        assertEquals("uname\n", read(machine, 6));
        write(machine, "Linux\n");
        assertEquals("Linux\n", read(output.reader(), 6));
        assertFalse(end.isDone());
        machine.close();
        assertEquals(SocketRelay.End.MACHINE_ENDED, get(end));
    }

    @Test
    void muchBothWaysAtOnce() throws Exception {
        String text = "0123456789abcdef".repeat(1 << 16);
        CompletableFuture<SocketRelay.End> end = start(relay());
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> typed = threads.submit(() -> write(input.writer(), text));
            Future<?> printed = threads.submit(() -> write(machine, text));
            Future<String> received = threads.submit(() -> read(machine, text.length()));
            assertEquals(text, read(output.reader(), text.length()));
            assertEquals(text, received.get(10, TimeUnit.SECONDS));
            assertNull(typed.get(10, TimeUnit.SECONDS));
            assertNull(printed.get(10, TimeUnit.SECONDS));
        }
        machine.close();
        assertEquals(SocketRelay.End.MACHINE_ENDED, get(end));
    }

    @Test
    void outputThatNobodyReadsHoldsNeitherInputNorEscapes() throws Exception {
        SocketRelay relay = relay();
        relay.obeyEscapes(() -> {});
        CompletableFuture<SocketRelay.End> end = start(relay);
        write(machine, "x".repeat(100_000)); // more than the pipe takes
        write(input.writer(), "q");
        assertEquals("q", read(machine, 1));
        machine.close();
        write(input.writer(), "\001d");
        assertEquals(SocketRelay.End.DETACHED, get(end));
    }

    @Test
    void escapesAreObeyed() throws Exception {
        SocketRelay relay = relay();
        AtomicInteger helped = new AtomicInteger();
        relay.obeyEscapes(helped::incrementAndGet);
        CompletableFuture<SocketRelay.End> end = start(relay);
        write(input.writer(), "a\001a\001hb");
        assertEquals("a\001b", read(machine, 3));
        assertEquals(1, helped.get());
        write(input.writer(), "\001");
        write(input.writer(), "d after");
        assertEquals(SocketRelay.End.DETACHED, get(end));
        client.close();
        assertEquals("", read(machine, 1), "nothing more was sent");
    }

    @Test
    void aWatcherSendsNothingButMayLeave() throws Exception {
        SocketRelay relay = relay();
        relay.sendNothing();
        relay.obeyEscapes(() -> {});
        CompletableFuture<SocketRelay.End> end = start(relay);
        write(input.writer(), "rm -rf /\n\001a");
        write(machine, "output");
        assertEquals("output", read(output.reader(), 6));
        write(input.writer(), "\001d");
        assertEquals(SocketRelay.End.DETACHED, get(end));
        client.close();
        assertEquals("", read(machine, 1));
    }

    @Test
    void inputThatIsNotToBeReadIsLeft() throws Exception {
        SocketRelay relay = relay();
        relay.endInput();
        CompletableFuture<SocketRelay.End> end = start(relay);
        write(input.writer(), "for somebody else");
        write(machine, "output");
        assertEquals("output", read(output.reader(), 6));
        machine.close();
        assertEquals(SocketRelay.End.MACHINE_ENDED, get(end));
        assertEquals("for somebody else", read(input.reader(), 17));
    }

    @Test
    void aFullDiskEndsItAndIsTold() throws Exception {
        try (Fd full = Fd.own("/dev/full", Libc.open("/dev/full", HostConstants.O_WRONLY, 0))) {
            CompletableFuture<SocketRelay.End> end =
                    start(new SocketRelay(input.reader().value(), full.value(), client.value()));
            write(machine, "lost");
            ExecutionException failure =
                    assertThrows(ExecutionException.class, () -> end.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
            assertEquals(
                    "standard output can't be written: ENOSPC (No space left on device); make room, or send it"
                            + " elsewhere",
                    assertInstanceOf(ConfigException.class, failure.getCause()).getMessage());
        }
    }

    @Test
    void aReaderThatGoesEndsIt() throws Exception {
        CompletableFuture<SocketRelay.End> end = start(relay());
        write(machine, "first");
        assertEquals("first", read(output.reader(), 5));
        output.reader().close();
        assertEquals(SocketRelay.End.OUTPUT_GONE, get(end), "without waiting for output");
    }

    @Test
    void aMachineThatEndsWithInputUnreadIsAnEndToo() throws Exception {
        CompletableFuture<SocketRelay.End> end = start(relay());
        write(input.writer(), "unread");
        write(machine, "last words");
        assertEquals("last words", read(output.reader(), 10));
        awaitReadable(machine);
        machine.close(); // ECONNRESET for us
        assertEquals(SocketRelay.End.MACHINE_ENDED, get(end));
    }

    private static void awaitReadable(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = PollfdLayout.allocate(arena, 1);
            PollfdLayout.set(pollfd, 0, fd.value(), HostConstants.POLLIN);
            assertEquals(1, Libc.poll(pollfd.address(), 1, 10_000));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none    | there is no",
                "file    | is not a socket",
                "file/x  | there is no",
                "dead    | nobody listens at",
                "fifo    | nobody listens at",
                "LONG    | 1 to 107 bytes",
            })
    void whatCannotBeAttachedToIsOneLine(String name, String reason) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("file"), "");
        UnixSocket.listen(directory.resolve("dead").toString(), 0600).close();
        Program.Result _ = Program.run("mkfifo", directory.resolve("fifo").toString());
        Path path = directory.resolve(name.equals("LONG") ? "x".repeat(120) : name);
        ConfigException refusal = assertThrows(ConfigException.class, () -> ConsoleCommand.connect(path));
        assertTrue(refusal.toString().contains(reason), refusal::toString);
        assertTrue(refusal.toString().contains(path.toString()), refusal::toString);
    }
}
