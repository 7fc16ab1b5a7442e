package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.UnixSocket;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a real loop, with real sockets. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketEndTest {
    private static final long SECONDS_10 = TimeUnit.SECONDS.toNanos(10);
    private static final Pattern NOTICE = Pattern.compile("\r\n\\[javisor: (\\d+) bytes lost]\r\n");

    @TempDir
    private Path directory = Path.of("");

    private final EventLoop loop = EventLoop.start("test/io-loop");
    private final WorkerPool workers = new WorkerPool("test/worker", 1, 1);
    private final HostEvents events = new LoopHostEvents(loop, workers);

    @SuppressWarnings("NullAway.Init")
    private Fd listener;

    @SuppressWarnings("NullAway.Init")
    private HostLine backend;

    @SuppressWarnings("NullAway.Init")
    private SocketEnd end;

    @BeforeEach
    void listen() {
        listener = UnixSocket.listen(path(), 0600);
        backend = new HostLine("com2", events);
        end = backend.addSocket(listener.value());
    }

    @AfterEach
    void close() {
        backend.close();
        listener.close();
        workers.close();
        loop.close();
        assertEquals(0, loop.failureCount());
    }

    private String path() {
        return directory.resolve("s").toString();
    }

    private HostClient connect() {
        return new HostClient(UnixSocket.connect(path()));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + SECONDS_10;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within 10 s");
            Thread.sleep(1);
        }
    }

    @Test
    void outputGoesToTheClientAndItsInputToTheGuest() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient client = connect()) {
            assertTrue(guest.write("login: "));
            assertEquals("login: ", client.readUntil(": "));
            client.write("root\r\377");
            assertEquals("root\r\377", guest.take(6));
            assertTrue(backend.write('#'));
            assertEquals("#", client.readUntil("#"));
            SerialCounters counters = backend.counters();
            assertEquals(6, counters.readBytes());
            assertEquals(8, counters.writtenBytes());
            assertEquals(0, counters.lostBytes());
        }
    }

    @Test
    void oneWhoWaitedBeforeTheGuestCameIsServed() {
        try (HostClient client = connect()) {
            RecordingGuest guest = RecordingGuest.attach(backend);
            guest.write("hello");
            assertEquals("hello", client.readUntil("hello"));
        }
    }

    @Test
    void manyClientsSeeTheSame() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        List<HostClient> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            clients.add(connect());
        }
        await(() -> end.clientCount() == 10);
        String text = HostPipes.pattern(50_000);
        guest.write(text);
        for (HostClient client : clients) {
            assertEquals(text, client.read(text.length()));
        }
        for (int i = 0; i < 10; i++) {
            clients.get(i).write(String.valueOf(i));
            assertEquals(String.valueOf(i), guest.take(1), "in the order in which it comes");
        }
        clients.forEach(HostClient::close);
        await(() -> end.clientCount() == 0);
    }

    @Test
    void aLateClientFirstGetsTheScrollback() {
        RecordingGuest guest = RecordingGuest.attach(backend);
        String before = HostPipes.pattern(100_000);
        guest.write(before);
        try (HostClient client = connect()) {
            assertEquals(before.substring(before.length() - 65_536), client.read(65_536));
            guest.write("live");
            assertEquals("live", client.readUntil("live"));
        }
        assertEquals(0, backend.counters().lostBytes(), "nobody was promised more");
    }

    @Test
    void aShortScrollbackIsWhole() {
        RecordingGuest guest = RecordingGuest.attach(backend);
        guest.write("boot\n");
        guest.write("up\n");
        try (HostClient client = connect();
                HostClient another = connect()) {
            assertEquals("boot\nup\n", client.readUntil("up\n"));
            assertEquals("boot\nup\n", another.readUntil("up\n"));
        }
    }

    @Test
    void aStalledClientLosesAloneAndIsTold() {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient stalled = connect();
                HostClient other = connect()) {
            guest.write("start ");
            assertEquals("start ", stalled.readUntil("start "));
            assertEquals("start ", other.readUntil("start "));
            String text = HostPipes.pattern(4 << 20);
            for (int i = 0; i < text.length(); i += 1 << 16) {
                String piece = text.substring(i, i + (1 << 16));
                assertTrue(guest.write(piece), "the guest is never held");
                assertEquals(piece, other.read(piece.length()));
            }
            guest.write("end");
            String seen = stalled.readUntil("end");
            Matcher notice = NOTICE.matcher(seen);
            assertTrue(notice.find());
            long lost = Long.parseLong(notice.group(1));
            assertTrue(lost > 2 << 20, () -> "lost " + lost);
            assertEquals(text.substring(0, notice.start()), seen.substring(0, notice.start()));
            assertEquals(
                    text.substring(notice.start() + (int) lost) + "end",
                    seen.substring(notice.end()),
                    "nothing is lost but what the notice counts");
            assertFalse(notice.find(), "said once");
            assertEquals(lost, backend.counters().lostBytes());
        }
    }

    @Test
    void eachGapHasItsNotice() {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient stalled = connect()) {
            guest.write("start ");
            assertEquals("start ", stalled.readUntil("start "));
            long lost = 0;
            long shown = 0;
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 32; i++) {
                    guest.write("x".repeat(1 << 16));
                }
                guest.write("end" + round);
                String seen = stalled.readUntil("end" + round);
                shown += seen.length() - 4;
                long before = lost;
                for (MatchResult notice : NOTICE.matcher(seen).results().toList()) {
                    lost += Long.parseLong(notice.group(1));
                    shown -= notice.group().length();
                }
                assertTrue(lost > before, "a gap in round " + round);
            }
            assertEquals(64 << 16, lost + shown);
            assertEquals(lost, backend.counters().lostBytes());
        }
    }

    @Test
    void aClientThatVanishesIsForgottenAndItsInputKept() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient other = connect()) {
            for (int i = 0; i < 20; i++) {
                HostClient client = connect();
                client.write("in" + i % 10);
                client.close();
                guest.write("x");
            }
            assertEquals(60, guest.take(60).length());
            await(() -> end.clientCount() == 1);
            assertEquals("x".repeat(20), other.read(20));
        }
        await(() -> end.clientCount() == 0);
        assertNull(guest.received.poll());
    }

    @Test
    void aClientMayEndItsInputAndReadOn() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient client = connect()) {
            client.write("uname\n");
            client.endInput();
            assertEquals("uname\n", guest.take(6));
            for (int i = 0; i < 3; i++) {
                guest.write("Linux" + i);
                assertEquals("Linux" + i, client.readUntil("x" + i));
            }
            assertEquals(1, end.clientCount());
        }
        await(() -> end.clientCount() == 0);
    }

    @Test
    void inputThatTheGuestDoesNotTakeWaitsInTheClient() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attachHeld(backend);
        try (HostClient client = connect();
                HostClient other = connect()) {
            String text = HostPipes.pattern(2 << 20);
            int sent = 0;
            int taken = 1;
            for (int idle = 0; idle < 20 && sent < text.length(); idle = taken > 0 ? 0 : idle + 1) {
                taken = client.writeNow(text.substring(sent));
                sent += taken;
                if (taken == 0) {
                    Thread.sleep(1);
                }
            }
            assertTrue(sent < text.length(), "the client waits");
            guest.write("prompt");
            assertEquals("prompt", client.readUntil("prompt"), "output does not");
            assertEquals("prompt", other.readUntil("prompt"));
            client.endInput();
            guest.release();
            assertEquals(text.substring(0, sent), guest.take(sent));
            other.write("!");
            assertEquals("!", guest.take(1));
        }
    }

    @Test
    void inputOfAClientThatWentWhileTheGuestWasBusyIsKept() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attachHeld(backend);
        try (HostClient client = connect()) {
            client.write(HostPipes.pattern(20_000)); // more than the queue
        }
        Thread.sleep(20);
        guest.write("output to somebody who has gone");
        guest.release();
        assertEquals(HostPipes.pattern(20_000), guest.take(20_000));
        await(() -> end.clientCount() == 0);
    }

    @Test
    void tooManyClientsAreToldSo() throws InterruptedException {
        RecordingGuest.attach(backend);
        List<HostClient> clients = new ArrayList<>();
        for (int i = 0; i < SocketEnd.MAX_CLIENTS; i++) {
            clients.add(connect());
            int expected = i + 1;
            await(() -> end.clientCount() == expected);
        }
        try (HostClient tooMany = connect()) {
            assertEquals("[javisor: 64 clients are connected already]\r\n", tooMany.readToEnd());
        }
        clients.removeFirst().close();
        await(() -> end.clientCount() == SocketEnd.MAX_CLIENTS - 1);
        try (HostClient _ = connect()) {
            await(() -> end.clientCount() == SocketEnd.MAX_CLIENTS);
        }
        clients.forEach(HostClient::close);
    }

    @Test
    void theEndBringsOutTheLastOutput() {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient client = connect()) {
            guest.write("start");
            assertEquals("start", client.readUntil("start"));
            guest.write("Power down");
            assertTrue(backend.flushAndClose(SECONDS_10));
            assertTrue(backend.flushAndClose(SECONDS_10), "again");
            assertTrue(guest.write("too late"));
            listener.close();
            assertEquals("Power down", client.readToEnd());
        }
    }

    @Test
    void aStalledClientDoesNotHoldUpTheEnd() {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient stalled = connect()) {
            guest.write("start");
            assertEquals("start", stalled.readUntil("start"));
            guest.write("x".repeat(900_000)); // more than a socket takes
            long start = System.nanoTime();
            assertFalse(backend.flushAndClose(SECONDS_10));
            assertTrue(System.nanoTime() - start < SECONDS_10 / 2);
            assertEquals(
                    900_005,
                    backend.counters().writtenBytes() + backend.counters().lostBytes());
        }
    }

    @Test
    void closingWhileEverythingIsInMotionIsOrderly() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        List<HostClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            HostClient client = connect();
            client.write("noise");
            clients.add(client);
            guest.write(HostPipes.pattern(30_000));
        }
        backend.close();
        backend.close();
        assertEquals(0, end.clientCount());
        listener.close(); // some may not have been accepted yet
        for (HostClient client : clients) {
            client.readToEnd();
            client.close();
        }
        assertTrue(backend.write(MemorySegment.NULL, 0, 0));
    }
}
