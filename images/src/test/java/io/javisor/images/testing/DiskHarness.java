package io.javisor.images.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Partition;
import io.javisor.images.disk.PartitionTable;
import io.javisor.images.diskboot.BootFinder;
import io.javisor.testkit.HeapMeter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Boots from a disk that may be damaged in any way. There is something to boot, or nothing, or one {@link ImageException} of one line of printable
 * ASCII; partitions lie in the disk; what is loaded has its size, and memory for it is asked for once and within the limit; the heap
 * that it all takes is bounded, and the disk is as before.
 */
public final class DiskHarness {
    /** What may be loaded. */
    public static final long LIMIT = 1 << 20;

    /** What work is allowed to leave on the heap, most of it short-lived: the reader's own limits are what holds it. */
    private static final long HEAP_MAX = 3L << 30;

    private DiskHarness() {}

    /** Says whether there was something to boot. */
    public static boolean boot(byte[] bytes) {
        byte[] before = bytes.clone();
        ByteSource disk = ByteSource.of("disk", MemorySegment.ofArray(bytes).asReadOnly());
        HeapMeter heap = HeapMeter.start();
        try (Arena arena = Arena.ofConfined()) {
            checkTable(disk);
            Optional<BootFiles> found = BootFinder.find(disk);
            found.ifPresent(files -> load(files, arena));
            return found.isPresent();
        } catch (ImageException e) {
            requireLine(String.valueOf(e.getMessage()));
            return false;
        } finally {
            heap.requireAtMost(HEAP_MAX);
            assertEquals(-1, MemorySegment.ofArray(bytes).mismatch(MemorySegment.ofArray(before)), "the disk changed");
        }
    }

    private static void checkTable(ByteSource disk) {
        PartitionTable table = PartitionTable.read(disk);
        Set<Integer> numbers = new HashSet<>();
        for (Partition partition : table.partitions()) {
            assertTrue(numbers.add(partition.number()), "a number twice");
            assertTrue(partition.number() > 0 && partition.offsetBytes() >= 0 && partition.sizeBytes() > 0);
            assertTrue(partition.sizeBytes() <= disk.sizeBytes() - partition.offsetBytes(), "beyond the end");
        }
        assertFalse(
                table.kind() == PartitionTable.Kind.NONE && !table.partitions().isEmpty());
    }

    private static void load(BootFiles files, Arena arena) {
        requireLine(files.description());
        files.notes().forEach(DiskHarness::requireLine);
        ImageFile kernel = files.loadKernel((size, align) -> allocate(arena, size), LIMIT);
        assertEquals(files.kernel().sizeBytes(), kernel.sizeBytes());
        ByteSource initrd = files.initrd();
        assertEquals(files.initrds().isEmpty(), initrd == null);
        if (initrd != null) {
            long length = Math.min(initrd.sizeBytes(), LIMIT);
            initrd.read(initrd.sizeBytes() - length, allocate(arena, length));
        }
    }

    private static MemorySegment allocate(Arena arena, long size) {
        assertTrue(size <= LIMIT + Integer.BYTES, () -> "asks for " + size + " bytes");
        return arena.allocate(size, 1);
    }

    private static void requireLine(String line) {
        assertTrue(StandardCharsets.US_ASCII.newEncoder().canEncode(line), line);
        assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7F), line);
    }
}
