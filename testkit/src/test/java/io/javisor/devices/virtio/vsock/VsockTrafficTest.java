package io.javisor.devices.virtio.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.UnixSocket;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.LoopHostEvents;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.vsock.backend.UnixVsockHost;
import io.javisor.testkit.Await;
import io.javisor.testkit.driver.VirtioDriver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes there and back through a guest on its own thread, a real event loop and real sockets: none is lost, none comes twice. */
class VsockTrafficTest {
    private static final long LIMIT_SECONDS = 120;
    private static final int ECHO_PORT = 7;

    @TempDir
    private Path directory = Path.of("");

    private final Arena arena = Arena.ofShared();
    private final MemorySegment ram = arena.allocate(8 << 20, 4096);
    private final GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
    private final EventLoop loop = EventLoop.start("vsock-test/io-loop");
    private final WorkerPool workers = new WorkerPool("vsock-test/worker", 1, 1);
    private final VsockCounters counters = new VsockCounters();
    private final ExecutorService programs = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        programs.shutdownNow();
        arena.close();
    }

    private interface Session {
        void run(EchoGuest guest, Path socket) throws Exception;
    }

    /** With a device, which is gone when this returns; the guest's thread is the caller's. */
    private void with(long features, Session session) throws Exception {
        Path socket = directory.resolve("v");
        Fd listening = UnixSocket.listen(socket.toString(), 0600);
        UnixVsockHost host = new UnixVsockHost(
                "vsock0",
                listening.value(),
                port -> UnixSocket.tryConnect(socket + "_" + Integer.toUnsignedString(port)),
                new LoopHostEvents(loop, workers),
                counters);
        VsockDevice device = new VsockDevice("vsock0", Packet.GUEST_CID, host, System::nanoTime, loop, counters);
        VirtioMmioTransport transport =
                new VirtioMmioTransport(device, memory, loop, new PulseLine(), new VirtioCounters(3));
        try {
            session.run(new EchoGuest(new VirtioDriver(transport, memory, 0x1000), memory, features, 1), socket);
        } finally {
            boolean _ = transport.function().reset(TimeUnit.SECONDS.toNanos(10));
            loop.execute(() -> {
                device.close();
                host.close();
            });
            Await.idle(loop);
            loop.close();
            workers.close();
            listening.close();
        }
        assertEquals(0, counters.snapshot().get("bad_credit"));
        assertEquals(0, counters.snapshot().get("dropped_bytes"));
        assertEquals(0, loop.failureCount());
    }

    private static void turnUntil(EchoGuest guest, List<? extends Future<?>> done) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!done.stream().allMatch(Future::isDone) || guest.open() > 0) {
            if (!guest.turn()) {
                Thread.onSpinWait();
                Thread.sleep(0, 100_000);
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not through in " + LIMIT_SECONDS + " s: " + guest.open() + " open, "
                        + guest.receivedBytes() + " bytes");
            }
        }
        for (Future<?> each : done) {
            Object _ = each.get();
        }
    }

    private static SocketChannel connect(Path socket, int port) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        ByteBuffer _ = write(channel, ("CONNECT " + port + "\n").getBytes(StandardCharsets.US_ASCII));
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (line.indexOf("\n") < 0) {
            one.clear();
            if (channel.read(one) != 1) {
                throw new AssertionError("ended after '" + line + "'");
            }
            line.append((char) one.get(0));
        }
        if (!line.toString().matches("OK [0-9]+\n")) {
            throw new AssertionError("'" + line + "'");
        }
        return channel;
    }

    private static ByteBuffer write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            int _ = channel.write(buffer);
        }
        return buffer;
    }

    /** Writes so many bytes of a sequence in pieces of any size, and ends the output. Returns their checksum. */
    private static long speak(SocketChannel channel, long bytes, long seed) throws IOException {
        Random random = new Random(seed);
        CRC32 sum = new CRC32();
        long left = bytes;
        while (left > 0) {
            byte[] piece = new byte[(int) Math.min(left, 1 + random.nextInt(100_000))];
            random.nextBytes(piece);
            sum.update(piece);
            ByteBuffer _ = write(channel, piece);
            left -= piece.length;
        }
        SocketChannel _ = channel.shutdownOutput();
        return sum.getValue();
    }

    /** Reads to the end, in pieces of any size. Returns count and checksum. */
    private static long[] listen(SocketChannel channel, long seed, boolean slow) throws Exception {
        Random random = new Random(seed);
        CRC32 sum = new CRC32();
        long count = 0;
        ByteBuffer buffer = ByteBuffer.allocate(128 << 10);
        while (true) {
            buffer.clear().limit(1 + random.nextInt(buffer.capacity()));
            int got = channel.read(buffer);
            if (got < 0) {
                return new long[] {count, sum.getValue()};
            }
            sum.update(buffer.array(), 0, got);
            count += got;
            if (slow && random.nextInt(20) == 0) {
                Thread.sleep(5);
            }
        }
    }

    private Future<?> echo(Path socket, long bytes, long seed, boolean slow) {
        return programs.submit(() -> {
            try (SocketChannel channel = connect(socket, ECHO_PORT)) {
                Future<Long> said = programs.submit(() -> speak(channel, bytes, seed));
                long[] heard = listen(channel, seed + 1, slow);
                assertEquals(bytes, heard[0]);
                assertEquals((long) said.get(), heard[1]);
                return true;
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyBytesComeBackAsTheyWent(boolean slow) throws Exception {
        with(VirtioDriver.RING_FEATURES | 1, (guest, socket) -> {
            List<Future<?>> done = List.of(echo(socket, slow ? 16 << 20 : 64 << 20, 1, slow));
            turnUntil(guest, done);
            assertEquals(1, guest.ended());
        });
    }

    @Test
    void aHundredAtOnceDoNotDisturbEachOther() throws Exception {
        with(VirtioDriver.RING_FEATURES | 1, (guest, socket) -> {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                done.add(echo(socket, 200_000 + i, 100 + i, i % 10 == 0));
            }
            turnUntil(guest, done);
            assertEquals(100, guest.ended());
        });
    }

    /** The guest begins; without event indices, so that flags say who wants to be told. */
    @Test
    void aHundredOfTheGuestsAreServed() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            ServerSocketChannel _ = server.bind(UnixDomainSocketAddress.of(directory.resolve("v_99")), 128);
            List<Future<Boolean>> done = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int number = i;
                done.add(programs.submit(() -> {
                    try (SocketChannel channel = server.accept()) {
                        Future<Long> said = programs.submit(() -> speak(channel, 150_000 + number, number));
                        long[] heard = listen(channel, number, number % 7 == 0);
                        assertEquals(150_000 + number, heard[0]);
                        assertEquals((long) said.get(), heard[1]);
                        return true;
                    }
                }));
            }
            long features = (VirtioDriver.RING_FEATURES & ~(1L << 29)) | 1;
            with(features, (guest, _) -> {
                for (int i = 0; i < 100; i++) {
                    guest.connect(2000 + i, 99);
                }
                turnUntil(guest, done);
                assertEquals(100, guest.ended());
            });
        }
    }
}
