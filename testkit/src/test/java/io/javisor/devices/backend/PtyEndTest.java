package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.Pty;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On a real loop, with real pseudoterminals. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PtyEndTest {
    private static final long SECONDS_10 = TimeUnit.SECONDS.toNanos(10);

    private final EventLoop loop = EventLoop.start("test/io-loop");
    private final WorkerPool workers = new WorkerPool("test/worker", 1, 1);
    private final Pty pty = Pty.open();
    private final HostLine backend = new HostLine("com2", new LoopHostEvents(loop, workers));
    private final PtyEnd end = backend.addPty(pty.master().value());

    @AfterEach
    void close() {
        backend.close();
        pty.close();
        workers.close();
        loop.close();
        assertEquals(0, loop.failureCount());
    }

    private HostClient openSlave() throws InterruptedException {
        int flags = HostConstants.O_RDWR | HostConstants.O_NOCTTY | HostConstants.O_NONBLOCK;
        HostClient client = new HostClient(Fd.own("slave", Libc.open(pty.slaveName(), flags, 0)));
        awaitOpen(true);
        return client;
    }

    private void awaitOpen(boolean expected) throws InterruptedException {
        long deadline = System.nanoTime() + SECONDS_10;
        while (end.isOpen() != expected) {
            assertTrue(System.nanoTime() < deadline, "not within 10 s");
            Thread.sleep(1);
        }
    }

    @Test
    void bothWays() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient person = openSlave()) {
            guest.write("login:\n");
            assertEquals("login:\n", person.readUntil("\n"), "raw");
            person.write("root\r\3");
            assertEquals("root\r\3", guest.take(6));
            assertTrue(backend.write('#'));
            assertEquals("#", person.readUntil("#"));
        }
    }

    @Test
    void closedAndOpenedAgain() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        for (int round = 0; round < 3; round++) {
            guest.write("before" + round);
            try (HostClient person = openSlave()) {
                assertEquals("before" + round, person.readUntil("before" + round), "what came meanwhile");
                guest.write("live" + round);
                assertEquals("live" + round, person.readUntil("live" + round));
                person.write("in" + round);
                assertEquals("in" + round, guest.take(3));
            }
            awaitOpen(false);
        }
        assertEquals(0, backend.counters().lostBytes());
        assertEquals(9, backend.counters().readBytes());
    }

    @Test
    void whatNobodyReadIsBoundedAndCounted() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        String text = HostPipes.pattern(3 << 20);
        for (int i = 0; i < text.length(); i += 1 << 16) {
            assertTrue(guest.write(text.substring(i, i + (1 << 16))), "the guest is never held");
        }
        try (HostClient person = openSlave()) {
            String notice = "\r\n[javisor: " + (text.length() - 65_536) + " bytes lost]\r\n";
            assertEquals(notice + text.substring(text.length() - 65_536), person.read(notice.length() + 65_536));
        }
        assertEquals(text.length() - 65_536, backend.counters().lostBytes());
    }

    @Test
    void oneWhoHasItOpenButDoesNotReadLosesTheOldest() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient person = openSlave()) {
            for (int i = 0; i < 48; i++) {
                assertTrue(guest.write("x".repeat(1 << 16)));
            }
            guest.write("end");
            String seen = person.readUntil("end");
            assertTrue(seen.contains(" bytes lost]"), () -> "of " + seen.length());
            assertTrue(seen.length() < 2 << 20);
        }
    }

    @Test
    void nobodyThereMakesNoWork() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient person = openSlave()) {
            person.write("x");
            assertEquals("x", guest.take(1));
        }
        awaitOpen(false);
        guest.write("unheard");
        Thread loopThread = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("test/io-loop"))
                .findFirst()
                .orElseThrow();
        long before = cpuNanos(loopThread);
        Thread.sleep(600);
        assertTrue(cpuNanos(loopThread) - before < 100_000_000, "the loop sleeps");
        assertFalse(end.isOpen());
    }

    private static long cpuNanos(Thread thread) {
        return java.lang.management.ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    }

    @Test
    void theEndBringsOutTheLastOutput() throws InterruptedException {
        RecordingGuest guest = RecordingGuest.attach(backend);
        try (HostClient person = openSlave()) {
            guest.write("Power down");
            assertTrue(backend.flushAndClose(SECONDS_10));
            assertEquals("Power down", person.readUntil("down"));
        }
    }

    @Test
    void theEndDoesNotWaitForNobody() {
        RecordingGuest guest = RecordingGuest.attach(backend);
        guest.write("unheard");
        long start = System.nanoTime();
        assertTrue(backend.flushAndClose(SECONDS_10));
        assertTrue(System.nanoTime() - start < SECONDS_10 / 10);
    }
}
