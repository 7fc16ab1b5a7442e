package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class GuestMemoryCloseTest {
    private static final long SIZE = 8 << 20;

    private static GuestMemory allocate(String backing) {
        return GuestMemory.allocate(List.of(new GpaRange(0, SIZE)), MemoryBackingConfig.parse(backing));
    }

    @Test
    void everyAccessFailsAfterwards() {
        GuestMemory memory = allocate("anon");
        MemorySegment segment = memory.regions().getFirst().segment();
        memory.close();
        memory.close();
        byte[] bytes = new byte[8];
        LongConsumer[] accesses = {
            gpa -> memory.getByte(gpa),
            gpa -> memory.getShort(gpa),
            gpa -> memory.getInt(gpa),
            gpa -> memory.getLong(gpa),
            gpa -> memory.getShortAcquire(gpa),
            gpa -> memory.getIntAcquire(gpa),
            gpa -> memory.getLongAcquire(gpa),
            gpa -> memory.putByte(gpa, (byte) 1),
            gpa -> memory.putShort(gpa, (short) 1),
            gpa -> memory.putInt(gpa, 1),
            gpa -> memory.putLong(gpa, 1),
            gpa -> memory.putShortRelease(gpa, (short) 1),
            gpa -> memory.putIntRelease(gpa, 1),
            gpa -> memory.putLongRelease(gpa, 1),
            gpa -> memory.copyIn(bytes, 0, gpa, 8),
            gpa -> memory.copyOut(gpa, bytes, 0, 8),
            gpa -> memory.copyIn(Arena.ofAuto().allocate(8), 0, gpa, 8),
            gpa -> memory.copyOut(gpa, Arena.ofAuto().allocate(8), 0, 8),
            gpa -> memory.fill(gpa, 8, (byte) 1),
            gpa -> segment.fill((byte) 1),
        };
        for (int i = 0; i < accesses.length; i++) {
            LongConsumer access = accesses[i];
            assertThrows(IllegalStateException.class, () -> access.accept(64), "access " + i);
        }
        assertTrue(isUnmapped(memory));
        assertEquals(SIZE, memory.sizeBytes());
    }

    @Test
    void aRacingAccessFailsButNeverCrashes() throws InterruptedException {
        for (int round = 0; round < 30; round++) {
            GuestMemory memory = allocate(round % 2 == 0 ? "anon,thp=off" : "memfd");
            AtomicInteger refused = new AtomicInteger();
            CountDownLatch running = new CountDownLatch(3);
            MemorySegment buffer = Arena.ofAuto().allocate(SIZE);
            Thread[] threads = {
                race(memory, running, refused, gpa -> memory.putLong(gpa, memory.getLong(gpa) + 1)),
                race(memory, running, refused, gpa -> memory.putIntRelease(gpa, memory.getIntAcquire(gpa) + 1)),
                race(memory, running, refused, gpa -> memory.copyOut(0, buffer, 0, SIZE)),
            };
            assertTrue(running.await(10, TimeUnit.SECONDS));
            memory.close();
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(3, refused.get());
        }
    }

    private static Thread race(GuestMemory memory, CountDownLatch running, AtomicInteger refused, LongConsumer access) {
        return Thread.ofPlatform().start(() -> {
            try {
                for (long gpa = 0; ; gpa = (gpa + 4096) % memory.sizeBytes()) {
                    access.accept(gpa);
                    running.countDown();
                }
            } catch (IllegalStateException e) {
                refused.incrementAndGet();
            }
        });
    }

    @Test
    void leavesNothingBehind() throws IOException {
        allocate("anon").close();
        allocate("memfd").close();
        long fds = GuestMemoryAllocateTest.fdCount();
        long mappings = guestMappings();
        for (int i = 0; i < 200; i++) {
            GuestMemory memory = allocate(i % 2 == 0 ? "anon" : "memfd");
            assertFalse(isUnmapped(memory));
            memory.close();
            assertTrue(isUnmapped(memory));
        }
        assertEquals(fds, GuestMemoryAllocateTest.fdCount());
        assertEquals(mappings, guestMappings());
    }

    @Test
    void leavesBorrowedSegmentsAlone() {
        MemorySegment segment = Arena.ofAuto().allocate(4096);
        GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, segment)));
        MemoryLease lease = memory.newLease(1);
        memory.close();
        memory.putByte(0, (byte) 1);
        assertThrows(IllegalStateException.class, () -> lease.addDeviceReadable(0, 1));
    }

    @Test
    void accessAllocatesNothing() {
        try (GuestMemory memory = GuestMemory.allocate(
                List.of(new GpaRange(0, SIZE), new GpaRange(1L << 32, SIZE)), MemoryBackingConfig.DEFAULT)) {
            MemoryLease lease = memory.newLease(4);
            byte[] bytes = new byte[512];
            memory.enableDirtyLog();
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            work(memory, lease, bytes, 20_000);
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 10 && best > 0; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                work(memory, lease, bytes, 1_000);
                best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
            }
            // The measurement itself may count a little; one object an access would be 16,000 bytes.
            assertTrue(best < 1_000, best + " bytes in 1,000 rounds");
        }
    }

    private static void work(GuestMemory memory, MemoryLease lease, byte[] bytes, int rounds) {
        for (int i = 0; i < rounds; i++) {
            long gpa = (i & 1) == 0 ? i * 8L : (1L << 32) + i * 8L;
            memory.putLong(gpa, memory.getLong(gpa) + 1);
            memory.putShortRelease(gpa, (short) (memory.getShortAcquire(gpa) + 1));
            memory.putInt(gpa, memory.getInt(gpa) + memory.getByte(gpa));
            memory.copyIn(bytes, 0, gpa, bytes.length);
            memory.copyOut(gpa, bytes, 0, bytes.length);
            memory.fill(gpa, 64, (byte) 0);
            lease.addDeviceReadable(gpa, 16);
            lease.addDeviceWritable(gpa, 512);
            lease.advance(20);
            lease.release();
        }
    }

    /** Mappings of guest memory files. Private memory has no name: see isUnmapped. */
    private static long guestMappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("guest-memory"))
                .count();
    }

    /** The kernel refuses advice on a range that is not mapped. */
    private static boolean isUnmapped(GuestMemory memory) {
        long hva = memory.regions().getFirst().segment().address();
        return Libc.madvise(hva, SIZE, HostConstants.MADV_DONTDUMP) < 0;
    }
}
