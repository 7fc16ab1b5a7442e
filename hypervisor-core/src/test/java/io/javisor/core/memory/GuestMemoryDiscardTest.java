package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestMemoryDiscardTest {
    private static final int PAGE = 4096;
    private static final long SIZE = 64L << 20;

    private static GuestMemory memory(String backing) {
        return GuestMemory.allocate(
                List.of(new GpaRange(0, SIZE / 2), new GpaRange(SIZE / 2, SIZE / 2)),
                MemoryBackingConfig.parse(backing));
    }

    /** What the host has behind the memory. */
    private static long residentBytes(GuestMemory memory) throws IOException {
        long first = memory.regions().getFirst().segment().address();
        long end = first + SIZE;
        boolean inside = false;
        long sum = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                inside = Long.compareUnsigned(start, first) >= 0 && Long.compareUnsigned(start, end) < 0;
            } else if (inside && line.startsWith("Rss:")) {
                sum += Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(strings = {"anon", "memfd", "anon,thp=off", "anon,prefault=on", "memfd,prefault=on"})
    void whatIsGivenBackIsTheHostsAndReadsAsZeros(String backing) throws IOException {
        try (GuestMemory memory = memory(backing)) {
            memory.fill(0, SIZE, (byte) 7);
            long before = residentBytes(memory);
            assertTrue(before >= SIZE, () -> before + " resident");
            // Across the regions' border, with ends in the midst of pages.
            long from = SIZE / 4 + 1;
            long to = 3 * SIZE / 4 + 100;
            long given = memory.discard(from, to - from);
            assertEquals(SIZE / 2 - PAGE, given);
            long after = residentBytes(memory);
            assertTrue(before - after >= given, () -> before + " became " + after);
            assertEquals(7, memory.getByte(from + PAGE - 2));
            assertEquals(0, memory.getByte(from + PAGE - 1));
            assertEquals(0, memory.getLong(SIZE / 2));
            assertEquals(0, memory.getByte(to - 101));
            assertEquals(7, memory.getByte(to - 100));
            memory.putLong(SIZE / 2, 1234);
            assertEquals(1234, memory.getLong(SIZE / 2));
        }
    }

    @Test
    void lessThanAPageStays() {
        try (GuestMemory memory = memory("anon")) {
            memory.fill(0, 2 * PAGE, (byte) 7);
            assertEquals(0, memory.discard(1, 2 * PAGE - 2));
            assertEquals(0, memory.discard(PAGE, 0));
            assertEquals(7, memory.getByte(PAGE));
        }
    }

    @Test
    void thoseWhoKeepCodeAreTold() {
        try (GuestMemory memory = memory("anon")) {
            List<Long> told = new ArrayList<>();
            memory.putByte(PAGE, (byte) 1);
            memory.observeWrites((gpa, length) -> {
                assertEquals(0, memory.getByte(gpa), "after the pages are gone");
                told.add(gpa);
                told.add(length);
            });
            assertEquals(PAGE, memory.discard(PAGE, PAGE));
            assertEquals(List.of((long) PAGE, (long) PAGE), told);
        }
    }

    @Test
    void whatIsLentStaysMapped() {
        try (GuestMemory memory = memory("anon")) {
            MemoryLease lease = memory.newLease(1);
            lease.addDeviceWritable(PAGE, PAGE);
            MemorySegment lent = Libc.segmentAt(lease.pieceHva(0), PAGE);
            lent.fill((byte) 9);
            assertEquals(PAGE, memory.discard(PAGE, PAGE));
            assertEquals(0, memory.getByte(PAGE));
            lent.fill((byte) 8);
            assertEquals(8, memory.getByte(PAGE));
            lease.release();
        }
    }

    @Test
    void outsideOfRamNothingIsTouched() {
        GuestMemory memory = memory("anon");
        assertThrows(GuestMemoryException.class, () -> memory.discard(SIZE - PAGE, 2 * PAGE));
        assertThrows(GuestMemoryException.class, () -> memory.discard(-PAGE, PAGE));
        assertThrows(GuestMemoryException.class, () -> memory.discard(0, -1));
        memory.close();
        assertThrows(IllegalStateException.class, () -> memory.discard(0, PAGE));
    }

    @Test
    void memoryOfOthersIsFilledWithZeros() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ram = arena.allocate(4 * PAGE, PAGE);
            GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
            memory.fill(0, 4 * PAGE, (byte) 7);
            assertEquals(2 * PAGE, memory.discard(PAGE, 2 * PAGE));
            assertEquals(7, memory.getByte(PAGE - 1));
            assertEquals(0, memory.getByte(PAGE));
            assertEquals(0, memory.getByte(3 * PAGE - 1));
            assertEquals(7, memory.getByte(3 * PAGE));
        }
    }
}
