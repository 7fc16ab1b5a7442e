package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetBench.ALL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.devices.virtio.net.backend.StreamBackend;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.host.SocketPair;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In steady state frames allocate nothing on the heap, both ways. */
class NetAllocationTest {
    private static final int ROUNDS = 20;
    private static final int FRAMES = 2000;
    private static final int LENGTH = 1000;

    /** A frame out, and the same back, without allocating. */
    private static void exchange(
            DriverQueue rx, DriverQueue tx, long txGpa, long[] rxGpas, Fd far, MemorySegment io, int size) {
        for (int i = 0; i < FRAMES; i++) {
            tx.begin();
            tx.readable(txGpa, NetProtocol.HEADER_SIZE + LENGTH);
            int head = tx.commit();
            boolean _ = tx.publish();
            tx.ring();
            if (head < 0 || tx.poll() < 0 || Libc.read(far.value(), io.address(), io.byteSize()) != size) {
                throw new AssertionError("nothing was sent");
            }
            if (Libc.write(far.value(), io.address(), size) != size) {
                throw new AssertionError("the cable is full");
            }
            rx.ring();
            int got = rx.poll();
            if (got < 0) {
                throw new AssertionError("nothing was received");
            }
            long gpa = rxGpas[got];
            rx.begin();
            rx.writable(gpa, 1526);
            rxGpas[rx.commit()] = gpa;
            boolean _ = rx.publish();
        }
    }

    private static void assertNothingIsAllocated(Guest guest, Fd far, int size) {
        Guest.Pair pair = guest.pair();
        pair.post(64, 1526);
        long txGpa = guest.driver.allocate(4096, 8);
        MemorySegment io = Arena.ofAuto().allocate(70_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            exchange(pair.rx, pair.tx, txGpa, pair.bufferGpas, far, io, size);
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(best < FRAMES, best + " bytes for " + FRAMES + " frames both ways");
    }

    @Test
    void framesOfATapAllocateNothing() {
        try (NetBench bench = new NetBench(1)) {
            Guest guest = bench.start(ALL, 64);
            assertNothingIsAllocated(guest, bench.far(0), NetProtocol.HEADER_SIZE + LENGTH);
            assertEquals((long) ROUNDS * FRAMES, bench.received().frames());
        }
    }

    @Test
    void framesOfAStreamAllocateNothing() {
        SocketPair cable = SocketPair.stream();
        try (NetBench stream = new NetBench(
                List.of(cable.left()),
                List.of(cable.right()),
                new NetDeviceConfig(NetBench.MAC, 0),
                events -> new StreamBackend("passt", cable.left(), events, true))) {
            Guest guest = stream.start(ALL, 64);
            assertNothingIsAllocated(guest, cable.right(), Integer.BYTES + LENGTH);
            assertEquals((long) ROUNDS * FRAMES, stream.sent().frames());
        }
    }
}
