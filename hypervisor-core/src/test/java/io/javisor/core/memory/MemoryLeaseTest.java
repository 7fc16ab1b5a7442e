package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryLeaseTest {
    private static final long LOW = 0x1000;
    private static final long HIGH = 0x10_0000;

    private final GuestMemory memory = GuestMemory.allocate(
            List.of(new GpaRange(LOW, 0x2000), new GpaRange(0x3000, 0x1000), new GpaRange(HIGH, 0x1000)),
            MemoryBackingConfig.DEFAULT);
    private final MemoryLease lease = memory.newLease(4);

    @Test
    void vectorsAreFreedWithTheMemoryAndNotWhileOneIsLent() {
        GuestMemory closed =
                new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(4096))));
        MemoryLease lent = closed.newLease(1);
        lent.addDeviceReadable(0, 8);
        closed.close(1);
        assertEquals(8, lent.pieceSizeBytes(0));
        lent.release();
        assertThrows(IllegalStateException.class, () -> closed.newLease(1));
    }

    @Test
    void describesPiecesAsIovecs() {
        lease.addDeviceReadable(LOW + 16, 32);
        lease.addDeviceWritable(HIGH, 0x1000);
        assertEquals(2, lease.iovecCount());
        assertEquals(32 + 0x1000, lease.sizeBytes());
        MemorySegment iovecs = Libc.segmentAt(lease.iovecHva(), 2L * IovecLayout.SIZE);
        assertEquals(hva(0) + 16, iovecs.get(ValueLayout.JAVA_LONG, IovecLayout.IOV_BASE_OFFSET));
        assertEquals(32, iovecs.get(ValueLayout.JAVA_LONG, IovecLayout.IOV_LEN_OFFSET));
        assertEquals(hva(2), iovecs.get(ValueLayout.JAVA_LONG, 16 + IovecLayout.IOV_BASE_OFFSET));
        assertEquals(0x1000, iovecs.get(ValueLayout.JAVA_LONG, 16 + IovecLayout.IOV_LEN_OFFSET));
        assertEquals(hva(0) + 16, lease.pieceHva(0));
        assertEquals(0x1000, lease.pieceSizeBytes(1));
        assertThrows(IndexOutOfBoundsException.class, () -> lease.pieceHva(2));
        assertThrows(IndexOutOfBoundsException.class, () -> lease.pieceHva(-1));
        lease.release();
        assertEquals(0, lease.iovecCount());
        assertEquals(0, lease.sizeBytes());
        memory.close();
    }

    @Test
    void splitsAPieceAtASeam() {
        lease.addDeviceReadable(0x2ff0, 0x20);
        assertEquals(2, lease.iovecCount());
        assertEquals(hva(0) + 0x1ff0, lease.pieceHva(0));
        assertEquals(0x10, lease.pieceSizeBytes(0));
        assertEquals(hva(1), lease.pieceHva(1));
        assertEquals(0x10, lease.pieceSizeBytes(1));
        lease.release();
        memory.close();
    }

    @Test
    void takesNoIovecForNothing() {
        lease.addDeviceReadable(LOW, 0);
        assertEquals(0, lease.iovecCount());
        lease.release();
        memory.close();
    }

    @Test
    void isBounded() {
        for (int i = 0; i < 4; i++) {
            lease.addDeviceReadable(LOW + i, 1);
        }
        assertThrows(GuestMemoryException.class, () -> lease.addDeviceReadable(LOW, 1));
        assertEquals(4, lease.iovecCount());
        lease.release();
        lease.addDeviceReadable(LOW, 1);
        assertEquals(1, lease.iovecCount());
        lease.release();
        assertThrows(IllegalArgumentException.class, () -> memory.newLease(0));
        assertThrows(IllegalArgumentException.class, () -> memory.newLease(IovecLayout.UIO_MAXIOV + 1));
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xfff, 0x4000, 0x3fff, -1, -8, Long.MIN_VALUE, Long.MAX_VALUE, HIGH + 0xfff})
    void refusesWhatIsNotRam(long gpa) {
        assertThrows(GuestMemoryException.class, () -> lease.addDeviceReadable(gpa, 2));
        assertThrows(GuestMemoryException.class, () -> lease.addDeviceWritable(gpa, Long.MAX_VALUE));
        assertThrows(GuestMemoryException.class, () -> lease.addDeviceWritable(LOW, -1));
        lease.release();
        memory.close(0);
        assertUnmapped();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 9, 10, 11, 29, 30, 59, 60})
    void advancesAfterAShortCall(long bytes) {
        lease.addDeviceReadable(LOW, 10);
        lease.addDeviceReadable(HIGH, 20);
        lease.addDeviceReadable(LOW + 100, 30);
        lease.advance(bytes);
        assertEquals(60 - bytes, lease.sizeBytes());
        long sum = 0;
        for (int i = 0; i < lease.iovecCount(); i++) {
            assertTrue(lease.pieceSizeBytes(i) > 0);
            sum += lease.pieceSizeBytes(i);
        }
        assertEquals(60 - bytes, sum);
        if (bytes < 60) {
            long expected = bytes < 10 ? hva(0) + bytes : bytes < 30 ? hva(2) + bytes - 10 : hva(0) + 100 + bytes - 30;
            assertEquals(expected, lease.pieceHva(0));
            assertEquals(lease.pieceHva(0), Libc.segmentAt(lease.iovecHva(), 16).get(ValueLayout.JAVA_LONG, 0));
        }
        assertThrows(IllegalArgumentException.class, () -> lease.advance(61 - bytes));
        assertThrows(IllegalArgumentException.class, () -> lease.advance(-1));
        lease.release();
        memory.close();
    }

    @Test
    void carriesBytesThroughTheKernel() {
        byte[] text = "zero copy".getBytes(StandardCharsets.US_ASCII);
        memory.copyIn(text, 0, 0x2ffc, text.length); // across the seam
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(8, 4);
            Libc.check("pipe2", Libc.pipe2(fds.address(), HostConstants.O_CLOEXEC));
            try (Fd out = Fd.own("pipe", fds.get(ValueLayout.JAVA_INT, 0));
                    Fd in = Fd.own("pipe", fds.get(ValueLayout.JAVA_INT, 4))) {
                lease.addDeviceReadable(0x2ffc, text.length);
                assertEquals(text.length, Libc.writev(in.value(), lease.iovecHva(), lease.iovecCount()));
                lease.release();
                lease.addDeviceWritable(HIGH, 4);
                lease.addDeviceWritable(HIGH + 0x100, 100);
                assertEquals(text.length, Libc.readv(out.value(), lease.iovecHva(), lease.iovecCount()));
                lease.release();
            }
        }
        byte[] back = new byte[5];
        memory.copyOut(HIGH + 0x100, back, 0, 5);
        assertEquals(" copy", new String(back, StandardCharsets.US_ASCII));
        memory.close();
    }

    @Test
    void isRefusedAfterClose() {
        memory.close();
        assertThrows(IllegalStateException.class, () -> lease.addDeviceReadable(LOW, 1));
        lease.release(); // nothing was lent
        assertUnmapped();
    }

    @Test
    void closeWaitsForTheLease() throws InterruptedException {
        lease.addDeviceWritable(LOW, 16);
        long hva = lease.pieceHva(0);
        CountDownLatch closed = new CountDownLatch(1);
        Thread closer = Thread.ofPlatform().start(() -> {
            memory.close();
            closed.countDown();
        });
        assertFalse(closed.await(50, TimeUnit.MILLISECONDS));
        MemoryLease late = memory.newLease(1);
        assertThrows(IllegalStateException.class, () -> late.addDeviceReadable(LOW, 1));
        Libc.segmentAt(hva, 16).fill((byte) 7); // still mapped
        lease.release();
        assertTrue(closed.await(10, TimeUnit.SECONDS));
        closer.join();
        assertUnmapped();
    }

    @Test
    void closeDoesNotWaitForEverAndLeavesTheMemoryToTheLease() {
        long firstHva = hva(0);
        MemoryLease other = memory.newLease(1);
        lease.addDeviceWritable(LOW, 16);
        other.addDeviceWritable(LOW, 16);
        long start = System.nanoTime();
        memory.close(TimeUnit.MILLISECONDS.toNanos(30));
        long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(tookMillis >= 30 && tookMillis < 5_000, tookMillis + " ms");
        assertThrows(IllegalStateException.class, () -> memory.getByte(LOW));
        Libc.segmentAt(firstHva, 0x2000).fill((byte) 1); // the late device
        lease.release();
        Libc.segmentAt(firstHva, 0x2000).fill((byte) 2);
        other.release();
        assertUnmapped();
    }

    @Test
    void isCountedByThreadsThatRaceWithClose() throws InterruptedException {
        int threads = 4;
        CountDownLatch started = new CountDownLatch(threads);
        Thread[] users = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            users[i] = Thread.ofPlatform().start(() -> {
                MemoryLease mine = memory.newLease(1);
                started.countDown();
                try {
                    while (true) {
                        mine.addDeviceWritable(LOW, 8);
                        Libc.segmentAt(mine.pieceHva(0), 8).set(ValueLayout.JAVA_LONG, 0, 1);
                        mine.release();
                    }
                } catch (IllegalStateException e) {
                    mine.release(); // closed
                }
            });
        }
        assertTrue(started.await(10, TimeUnit.SECONDS));
        Thread.sleep(5);
        memory.close();
        for (Thread user : users) {
            user.join();
        }
        assertUnmapped();
    }

    private long hva(int region) {
        return memory.regions().get(region).segment().address();
    }

    /** The kernel says ENOMEM for advice on a range that is not mapped. */
    private void assertUnmapped() {
        int result = Libc.madvise(hva(0), 0x1000, HostConstants.MADV_DONTDUMP);
        assertTrue(result < 0, "still mapped");
    }
}
