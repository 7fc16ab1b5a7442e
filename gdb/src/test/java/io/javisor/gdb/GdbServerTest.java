package io.javisor.gdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import io.javisor.testkit.LogCapture;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that behave and clients that do not. */
@Timeout(60)
class GdbServerTest {
    @TempDir
    private Path directory = Path.of("");

    private final StandInMachine machine = new StandInMachine(2);
    private final LogCapture log = LogCapture.of("io.javisor.gdb");

    @BeforeEach
    void noThreadsYet() {
        assertEquals(List.of(), threads());
    }

    @AfterEach
    void nothingIsLeft() {
        log.close();
        machine.close();
        assertEquals(List.of(), threads());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("served/"))
                .sorted()
                .toList();
    }

    private record Listening(ServerSocketChannel socket) implements GdbServer.Door {
        @Override
        public SocketChannel next() throws IOException {
            return socket.accept();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private GdbServer serve(boolean waits) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        socket.bind(UnixDomainSocketAddress.of(directory.resolve("gdb")));
        machine.running = !waits;
        return GdbServer.start("served", new Listening(socket), machine, waits);
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("gdb")));
    }

    private static void send(SocketChannel client, String text) throws IOException {
        int _ = client.write(ByteBuffer.wrap(Packets.text(text)));
    }

    private static void say(SocketChannel client, String packet) throws IOException {
        int _ = client.write(ByteBuffer.wrap(Packets.frame(Packets.text(packet))));
    }

    private static void expect(SocketChannel client, String text) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(text.length());
        while (buffer.hasRemaining() && client.read(buffer) >= 0) {}
        assertEquals(text, Packets.text(Arrays.copyOf(buffer.array(), buffer.position())));
    }

    private static void expectEnd(SocketChannel client) throws IOException {
        int read;
        try {
            do {
                read = client.read(ByteBuffer.allocate(4096));
            } while (read >= 0);
        } catch (IOException e) {
            // A reset ends it too: it still sent.
        }
    }

    private void awaitLog(String part) throws InterruptedException {
        Await.until(
                () -> part + " in " + log.lines(), () -> log.lines().stream().anyMatch(line -> line.contains(part)));
        assertEquals(1, log.lines().size(), () -> log.lines().toString());
    }

    @Test
    void packetsAreAcknowledgedUntilTheClientWantsItNot() throws Exception {
        try (GdbServer _ = serve(false);
                SocketChannel client = connect()) {
            say(client, "qC");
            expect(client, "+$QC1#c5");
            send(client, "-");
            expect(client, "$QC1#c5");
            send(client, "+$qC#00");
            expect(client, "-");
            say(client, "QStartNoAckMode");
            expect(client, "+$OK#9a");
            say(client, "qC");
            expect(client, "$QC1#c5");
        }
        assertEquals(List.of(), log.lines());
    }

    @Test
    void stopsAndInterruptsAreTold() throws Exception {
        try (GdbServer _ = serve(false);
                SocketChannel client = connect()) {
            say(client, "QStartNoAckMode");
            expect(client, "+$OK#9a");
            say(client, "?");
            expect(client, "$T05thread:1;#d7");
            say(client, "vCont;c");
            Await.until("the guest runs", () -> machine.running);
            machine.listener().stopped(1);
            machine.listener().stopped(0); // meanwhile; it tells again when it goes on
            expect(client, "$T05thread:2;#d8");
            say(client, "vCont;c");
            Await.until("the guest runs", () -> machine.running);
            send(client, "\3");
            expect(client, "$T02thread:2;#d5");
            say(client, "D");
            expect(client, "$OK#9a");
        }
        assertTrue(machine.running);
        assertEquals(List.of(), log.lines());
    }

    @Test
    void theEndIsToldBeforeTheServerGoes() throws Exception {
        GdbServer server = serve(false);
        try (SocketChannel client = connect()) {
            say(client, "QStartNoAckMode");
            expect(client, "+$OK#9a");
            say(client, "?");
            expect(client, "$T05thread:1;#d7");
            say(client, "c");
            Await.until("the guest runs", () -> machine.running);
            machine.ended = true;
            machine.listener().ended();
            server.close();
            expect(client, "$W00#b7");
            expectEnd(client);
        }
    }

    @Test
    void aClientThatSendsGarbageIsShownTheDoor() throws Exception {
        try (GdbServer _ = serve(false)) {
            try (SocketChannel client = connect()) {
                byte[] garbage = new byte[1 << 16];
                new Random(3).nextBytes(garbage);
                for (int i = 0; i < garbage.length; i++) {
                    garbage[i] = garbage[i] == (byte) 0x24 ? 0 : garbage[i]; // no packet
                }
                int _ = client.write(ByteBuffer.wrap(garbage));
                expectEnd(client);
            } catch (IOException e) {
                // It was closed in the middle of it.
            }
            awaitLog("no packet among them; the guest goes on");
            assertTrue(machine.running);
            try (SocketChannel next = connect()) {
                say(next, "qC");
                expect(next, "+$QC1#c5");
            }
        }
    }

    @Test
    void aGuestThatAVanishedClientHadStoppedGoesOn() throws Exception {
        try (GdbServer _ = serve(false)) {
            try (SocketChannel client = connect()) {
                say(client, "?");
                expect(client, "+$T05thread:1;#d7");
                assertFalse(machine.running);
            }
            awaitLog("the client has gone; the guest goes on");
            Await.until("the guest runs", () -> machine.running);
        }
    }

    @Test
    void aGuestThatWaitsForADebuggerWaitsForTheNext() throws Exception {
        try (GdbServer _ = serve(true)) {
            try (SocketChannel client = connect()) {
                say(client, "?");
                expect(client, "+$T05thread:1;#d7");
            }
            awaitLog("the guest still waits for a debugger");
            assertFalse(machine.running);
            try (SocketChannel client = connect()) {
                say(client, "?");
                expect(client, "+$T05thread:1;#d7");
                say(client, "D");
                expect(client, "+$OK#9a");
            }
            assertTrue(machine.running);
        }
    }

    @Test
    void aSilentClientDoesNotHoldUpTheEnd() throws Exception {
        GdbServer server = serve(false);
        try (SocketChannel client = connect()) {
            say(client, "qC");
            expect(client, "+$QC1#c5");
            server.close();
            server.close();
            expectEnd(client);
        }
    }

    @Test
    void aClientThatReadsNothingDoesNotHoldUpTheEnd() throws Exception {
        GdbServer server = serve(false);
        try (SocketChannel client = connect()) {
            client.configureBlocking(false);
            byte[] packet = Packets.frame(Packets.text("qXfer:features:read:target.xml:0,2000"));
            long until = System.nanoTime() + 200_000_000;
            while (System.nanoTime() < until) {
                int _ = client.write(ByteBuffer.wrap(packet));
            }
            server.close();
        }
    }
}
