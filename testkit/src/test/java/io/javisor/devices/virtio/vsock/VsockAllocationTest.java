package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VirtioVsockHdrLayout.*;
import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.Timer;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.vsock.backend.UnixVsockHost;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.HeapMeter;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import io.javisor.testkit.host.SocketPair;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In steady state packets allocate nothing on the heap, both ways, whether or not the host keeps up. */
class VsockAllocationTest {
    private static final int ROUNDS = 20;
    private static final int PACKETS = 1000;
    private static final int LENGTH = 1000;
    private static final int PORT = 52;
    private static final int GUEST = 1025;

    @TempDir
    private Path directory = Path.of("");

    /** Whose watches the test fires. */
    private static final class FiredEvents implements HostEvents {
        final List<Runnable> watches = new ArrayList<>();
        private final FakeTime time = new FakeTime(0);

        @Override
        public Watch watch(String name, int fd, Runnable ready) {
            watches.add(ready);
            return new Watch() {
                @Override
                public void arm(int epollEvents) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public Timer newTimer(String name, Runnable expiry) {
            return time.newTimer(name, expiry);
        }

        @Override
        public Work newWork(String name, Runnable blocking, Runnable completed) {
            throw new AssertionError("nothing here blocks");
        }
    }

    private final Arena arena = Arena.ofConfined();
    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, arena.allocate(2 << 20, 4096))));
    private final MemorySegment io = arena.allocate(70_000);

    private static long sendPacket(DriverQueue tx, GuestMemory memory, long gpa, int length, int forwarded) {
        memory.putInt(gpa + FWD_CNT_OFFSET, forwarded);
        tx.begin();
        tx.readable(gpa, SIZE + length);
        int _ = tx.commit();
        boolean _ = tx.publish();
        tx.ring();
        if (tx.poll() < 0) {
            throw new AssertionError("not taken");
        }
        return length;
    }

    @Test
    void packetsAllocateNothing() {
        FiredEvents events = new FiredEvents();
        try (Arena _ = arena;
                SocketPair ends = SocketPair.stream();
                Fd listening = UnixSocket.listen(directory.resolve("v").toString(), 0600)) {
            VsockCounters counters = new VsockCounters();
            UnixVsockHost host = new UnixVsockHost(
                    "vsock0",
                    listening.value(),
                    _ -> Libc.fcntl(ends.left().value(), 1030 /* F_DUPFD_CLOEXEC */, 0),
                    events,
                    counters);
            VsockDevice device = new VsockDevice("vsock0", 3, host, events.time, events, counters);
            VirtioMmioTransport transport =
                    new VirtioMmioTransport(device, memory, Runnable::run, new PulseLine(), new VirtioCounters(3), 0);
            VirtioDriver driver = new VirtioDriver(transport, memory, 0x1000);
            long _ = driver.initialize(VirtioDriver.RING_FEATURES | device.features());
            DriverQueue rx = driver.setUpQueue(0, 64);
            DriverQueue tx = driver.setUpQueue(1, 64);
            driver.driverOk();
            long[] rxGpas = new long[64];
            for (int i = 0; i < 64; i++) {
                long gpa = driver.allocate(4096, 8);
                rx.begin();
                rx.writable(gpa, 4096);
                rxGpas[rx.commit()] = gpa;
            }
            boolean _ = rx.publish();
            long gpa = driver.allocate(4096, 8);
            byte[] request = Packet.of(VIRTIO_VSOCK_OP_REQUEST, GUEST, PORT).bytes();
            memory.copyIn(request, 0, gpa, request.length);
            long _ = sendPacket(tx, memory, gpa, 0, 0);
            byte[] data = Packet.of(VIRTIO_VSOCK_OP_RW, GUEST, PORT)
                    .with(new byte[LENGTH])
                    .bytes();
            memory.copyIn(data, 0, gpa, data.length);
            Runnable stream = events.watches.getLast();
            int forwarded = 0;
            long best = Long.MAX_VALUE;
            long bestSlow = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                HeapMeter meter = HeapMeter.start();
                forwarded = exchange(rx, tx, rxGpas, gpa, ends, stream, forwarded);
                best = Math.min(best, meter.bytes());
                meter = HeapMeter.start();
                fill(tx, gpa, ends, stream, forwarded);
                bestSlow = Math.min(bestSlow, meter.bytes());
                while (rx.poll() >= 0) {
                    // Only what tells of credit.
                }
                repost(rx, rxGpas);
            }
            boolean _ = transport.function().reset(0);
            device.close();
            host.close();
            assertTrue(best < PACKETS, best + " bytes for " + PACKETS + " packets both ways");
            assertTrue(bestSlow < PACKETS, bestSlow + " bytes for packets that waited");
        }
    }

    /** All buffers are the device's again: at most 64 are out, of which some were polled. */
    private void repost(DriverQueue rx, long[] rxGpas) {
        while (rx.freeDescriptors() > 0) {
            rx.begin();
            rx.writable(1 << 20, 4096);
            int head = rx.commit();
            rxGpas[head] = 1 << 20;
        }
        boolean _ = rx.publish();
    }

    private int exchange(
            DriverQueue rx, DriverQueue tx, long[] rxGpas, long gpa, SocketPair ends, Runnable stream, int before) {
        int forwarded = before;
        for (int i = 0; i < PACKETS; i++) {
            long _ = sendPacket(tx, memory, gpa, LENGTH, forwarded);
            if (Libc.read(ends.right().value(), io.address(), io.byteSize()) != LENGTH) {
                throw new AssertionError("nothing reached the host");
            }
            if (Libc.write(ends.right().value(), io.address(), LENGTH) != LENGTH) {
                throw new AssertionError("the socket is full");
            }
            stream.run();
            int got = -1;
            for (int head = rx.poll(); head >= 0; head = rx.poll()) {
                got = Math.max(got, rx.usedLength());
                long buffer = rxGpas[head];
                rx.begin();
                rx.writable(buffer, 4096);
                rxGpas[rx.commit()] = buffer;
                boolean _ = rx.publish();
            }
            if (got != SIZE + LENGTH) {
                throw new AssertionError("the guest got " + got);
            }
            forwarded += LENGTH;
        }
        return forwarded;
    }

    /** More than the socket takes, and all of it out again. */
    private void fill(DriverQueue tx, long gpa, SocketPair ends, Runnable stream, int forwarded) {
        long sent = 0;
        while (sent < 250_000) {
            sent += sendPacket(tx, memory, gpa, LENGTH, forwarded);
        }
        long got = 0;
        while (got < sent) {
            long count = Libc.read(ends.right().value(), io.address(), io.byteSize());
            if (count == -Errno.EAGAIN) {
                throw new AssertionError(got + " of " + sent);
            }
            got += count;
            stream.run();
        }
    }
}
