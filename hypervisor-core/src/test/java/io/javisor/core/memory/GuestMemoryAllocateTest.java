package io.javisor.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuestMemoryAllocateTest {
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    private static GuestMemory allocate(String backing, GpaRange... specs) {
        return GuestMemory.allocate(List.of(specs), MemoryBackingConfig.parse(backing));
    }

    @ParameterizedTest
    @ValueSource(strings = {"anon", "anon,thp=off", "anon,prefault", "memfd", "memfd,thp=off", "memfd,prefault"})
    void givesZeroedMemoryThatKeepsWhatIsWritten(String backing) {
        try (GuestMemory memory = allocate(backing, new GpaRange(0, 3 * MIB), new GpaRange(4 * GIB, MIB + 4096))) {
            assertEquals(4 * MIB + 4096, memory.sizeBytes());
            for (long gpa : new long[] {0, 3 * MIB - 8, 4 * GIB, 4 * GIB + MIB + 4096 - 8}) {
                assertEquals(0, memory.getLong(gpa));
                memory.putLong(gpa, ~gpa);
            }
            assertEquals(~0L, memory.getLong(0));
            assertEquals(~(3 * MIB - 8), memory.getLong(3 * MIB - 8));
            assertEquals(~(4 * GIB), memory.getLongAcquire(4 * GIB));
            assertThrows(GuestMemoryException.class, () -> memory.getByte(3 * MIB));
        }
    }

    @ParameterizedTest
    @CsvSource({"anon, 0", "memfd, 0", "anon, 0x100000", "memfd, 0x1ff000"})
    void placesRegionsSoThatHugePagesFit(String backing, String startText) {
        long start = Long.decode(startText);
        try (GuestMemory memory =
                allocate(backing, new GpaRange(start, 5 * MIB), new GpaRange(4 * GIB + 4096, 2 * MIB))) {
            for (GuestMemory.Region region : memory.regions()) {
                assertEquals(region.startGpa() % (2 * MIB), region.segment().address() % (2 * MIB));
            }
        }
    }

    @Test
    void marksTheMappingAsAsked() throws IOException {
        try (GuestMemory plain = allocate("anon,thp=off", new GpaRange(0, 2 * MIB))) {
            String flags = vmFlags(plain);
            assertTrue(flags.contains(" dd"), flags); // not in core dumps
            assertTrue(
                    flags.contains(" nh")
                            || HostMemoryInfo.choice(HostMemoryInfo.THP_ANON).isEmpty(),
                    flags);
        }
        assumeTrue(!HostMemoryInfo.choice(HostMemoryInfo.THP_ANON).isEmpty());
        try (GuestMemory huge = allocate("anon", new GpaRange(0, 2 * MIB))) {
            assertTrue(vmFlags(huge).contains(" hg"), vmFlags(huge));
        }
    }

    @Test
    void asksForMergingWhereTheHostHasIt() throws IOException {
        if (HostMemoryInfo.number(HostMemoryInfo.KSM_RUN) < 0) {
            assertThrows(HostException.class, () -> allocate("anon,ksm", new GpaRange(0, 2 * MIB)));
        } else {
            try (GuestMemory memory = allocate("anon,ksm", new GpaRange(0, 2 * MIB))) {
                assertTrue(vmFlags(memory).contains(" mg"), vmFlags(memory));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "anon,/sys/kernel/mm/transparent_hugepage/enabled",
        "memfd,/sys/kernel/mm/transparent_hugepage/shmem_enabled"
    })
    void refusesHugePagesThatTheHostForbids(String kind, Path setting) {
        String choice = HostMemoryInfo.choice(setting);
        boolean refused = choice.isEmpty() || choice.equals("never") || choice.equals("deny");
        if (refused) {
            HostException e = assertThrows(HostException.class, () -> allocate(kind + ",thp=on", new GpaRange(0, MIB)));
            assertTrue(String.valueOf(e.getMessage()).contains("thp=on"), String.valueOf(e.getMessage()));
        } else {
            allocate(kind + ",thp=on", new GpaRange(0, MIB)).close();
        }
    }

    @Test
    void takesPagesAtTheStartOnlyWithPrefault() throws IOException {
        try (GuestMemory lazy = allocate("memfd,thp=off", new GpaRange(0, 4 * MIB));
                GuestMemory eager = allocate("memfd,thp=off,prefault", new GpaRange(0, 4 * MIB))) {
            assertEquals(0, residentKib(lazy));
            assertEquals(4096, residentKib(eager));
        }
    }

    @Test
    void sharesAMemoryFile() {
        try (GuestMemory memory = allocate("memfd", new GpaRange(0, 2 * MIB), new GpaRange(4 * GIB, 2 * MIB));
                Arena arena = Arena.ofConfined()) {
            Fd memfd = assertNotNull2(memory.memfd());
            memory.putLong(8, 0x1234);
            memory.putLong(4 * GIB, 0x5678);
            MemorySegment buffer = arena.allocate(8, 8);
            assertEquals(8, Libc.pread(memfd.value(), buffer.address(), 8, 8));
            assertEquals(0x1234, buffer.get(ValueLayout.JAVA_LONG, 0));
            assertEquals(8, Libc.pread(memfd.value(), buffer.address(), 8, 2 * MIB));
            assertEquals(0x5678, buffer.get(ValueLayout.JAVA_LONG, 0));
            assertEquals(-Errno.EPERM, Libc.ftruncate(memfd.value(), 0), "sealed: shorter would be a SIGBUS");
        }
        try (GuestMemory anon = allocate("anon", new GpaRange(0, 4096))) {
            assertNull(anon.memfd());
        }
    }

    private static Fd assertNotNull2(@org.jspecify.annotations.Nullable Fd fd) {
        assertNotNull(fd);
        return java.util.Objects.requireNonNull(fd);
    }

    @ParameterizedTest
    @CsvSource({
        "anon, 0, 0",
        "anon, 0, -4096",
        "anon, -4096, 4096",
        "anon, 0, 4095",
        "anon, 1, 4096",
        "memfd, 0, 4097",
        "hugetlb, 0, 4096",
        "hugetlb, 0x1000, 0x200000",
        "hugetlb, 0, 0x2ff000",
        "anon, 0x10000000000000, 4096",
        "anon, 0, 0x7ffffffffffff000",
    })
    void refusesRegionsThatMakeNoSense(String backing, String start, String size) {
        assertThrows(
                IllegalArgumentException.class,
                () -> allocate(backing, new GpaRange(Long.decode(start), Long.decode(size))));
    }

    @Test
    void refusesOverlapAndNothing() {
        assertThrows(
                IllegalArgumentException.class,
                () -> allocate("anon", new GpaRange(0, 8192), new GpaRange(4096, 4096)));
        assertThrows(
                IllegalArgumentException.class,
                () -> allocate("anon", new GpaRange(8192, 4096), new GpaRange(0, 4096)));
        assertThrows(IllegalArgumentException.class, () -> allocate("anon"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"anon", "memfd", "anon,ksm", "memfd,prefault", "anon,prefault", "hugetlb"})
    void saysWhenItIsMoreThanTheHostHas(String backing) throws IOException {
        long before = fdCount();
        // 2 PiB: beyond the address space of a process; nothing is taken.
        HostException e = assertThrows(HostException.class, () -> allocate(backing, new GpaRange(0, 1L << 51)));
        assertEquals(Errno.ENOMEM, e.errno());
        assertTrue(
                String.valueOf(e.getMessage()).contains("guest memory of 2097152 GiB"), String.valueOf(e.getMessage()));
        assertEquals(before, fdCount());
    }

    @ParameterizedTest
    @ValueSource(strings = {"anon", "memfd"})
    void saysWhenItIsMoreThanTheHostCommits(String backing) throws IOException {
        assumeTrue(
                HostMemoryInfo.text(Path.of("/proc/sys/vm/overcommit_memory")).equals("0"));
        long before = fdCount();
        HostException e = assertThrows(HostException.class, () -> allocate(backing, new GpaRange(0, 1L << 46)));
        assertEquals(Errno.ENOMEM, e.errno());
        assertTrue(
                String.valueOf(e.getMessage()).contains("is more than the host can map (it has "),
                String.valueOf(e.getMessage()));
        assertEquals(before, fdCount());
    }

    @Test
    void usesHugePagesOrSaysHowToGetThem() throws IOException {
        long free = HostMemoryInfo.number(HostMemoryInfo.HUGE_PAGES.resolve("free_hugepages"));
        if (free >= 2) {
            try (GuestMemory memory = allocate("hugetlb,prefault", new GpaRange(0, 4 * MIB))) {
                memory.putLong(4 * MIB - 8, 1);
                assertTrue(vmFlags(memory).contains(" ht"), vmFlags(memory));
            }
        }
        long all = Math.max(0, HostMemoryInfo.number(HostMemoryInfo.HUGE_PAGES.resolve("nr_hugepages")));
        GpaRange tooMany = new GpaRange(0, (all + 16) * 2 * MIB);
        HostException e = assertThrows(HostException.class, () -> allocate("hugetlb", tooMany));
        assertTrue(
                String.valueOf(e.getMessage()).contains("needs " + (all + 16) + " huge pages of 2 MiB"),
                String.valueOf(e.getMessage()));
        assertTrue(String.valueOf(e.getMessage()).contains("sysctl vm.nr_hugepages="), String.valueOf(e.getMessage()));
    }

    @Test
    void reachesBeyondFourGibibytes() {
        // Address space only: the few pages that are touched are all it takes.
        long low = 3 * GIB;
        long high = 6 * GIB;
        int flags = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS | HostConstants.MAP_NORESERVE;
        int protection = HostConstants.PROT_READ | HostConstants.PROT_WRITE;
        long hva = Libc.check("mmap", Libc.mmap(0, low + high, protection, flags, -1, 0));
        MemorySegment all = Libc.segmentAt(hva, low + high);
        GuestMemory memory = new GuestMemory(List.of(
                new GuestMemory.Region(0, all.asSlice(0, low)),
                new GuestMemory.Region(4 * GIB, all.asSlice(low, high))));
        long[] gpas = {0, 2 * GIB - 8, 2 * GIB, low - 8, 4 * GIB, 8 * GIB - 8, 8 * GIB, 10 * GIB - 8};
        for (long gpa : gpas) {
            memory.putLong(gpa, gpa + 1);
        }
        for (long gpa : gpas) {
            assertEquals(gpa + 1, memory.getLong(gpa));
            assertEquals(gpa + 1, all.get(ValueLayout.JAVA_LONG, gpa < low ? gpa : gpa - GIB));
        }
        assertTrue(memory.isRam(4 * GIB, high));
        for (long gpa : new long[] {low, 4 * GIB - 1, low - 7, 10 * GIB, 10 * GIB - 7}) {
            assertThrows(GuestMemoryException.class, () -> memory.getLong(gpa));
        }
        byte[] data = {1, 2, 3, 4};
        memory.copyIn(data, 0, 9 * GIB - 2, 4);
        byte[] back = new byte[4];
        memory.copyOut(9 * GIB - 2, back, 0, 4);
        assertArrayEquals(data, back);
        memory.enableDirtyLog();
        memory.putByte(10 * GIB - 1, (byte) 1);
        long[] words = new long[(int) (memory.dirtyBitmapSizeBytes(1) / 8)];
        assertEquals(1, memory.snapshotAndClearDirty(1, MemorySegment.ofArray(words)));
        assertEquals(Long.MIN_VALUE, words[words.length - 1]);
        int _ = Libc.munmap(hva, low + high);
    }

    @Test
    void allocatesMoreThanTwoGibibytes() {
        assumeTrue(HostMemoryInfo.meminfoBytes("MemTotal") > 4 * GIB);
        try (GuestMemory memory = allocate("anon,thp=off", new GpaRange(0, 3 * GIB))) {
            memory.putInt(3 * GIB - 4, 5);
            assertEquals(5, memory.getInt(3 * GIB - 4));
        }
    }

    /** Whether the dump of the process would show it: the VmFlags line of the mapping in smaps, preceded by a blank. */
    private static String vmFlags(GuestMemory memory) throws IOException {
        return smaps(memory, "VmFlags:");
    }

    private static long residentKib(GuestMemory memory) throws IOException {
        return Long.parseLong(smaps(memory, "Rss:").replace("kB", "").strip());
    }

    private static String smaps(GuestMemory memory, String key) throws IOException {
        String start = Long.toHexString(memory.regions().getFirst().segment().address()) + "-";
        boolean here = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.startsWith(start)) {
                here = true;
            } else if (here && line.startsWith(key)) {
                return line.substring(key.length());
            }
        }
        throw new AssertionError("no mapping at " + start);
    }

    /** Open memory files. Not all: the virtual machine opens jars and libraries when it likes. */
    static long fdCount() throws IOException {
        long count = 0;
        try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                try {
                    count += Files.readSymbolicLink(fd).toString().startsWith("/memfd:guest-memory") ? 1 : 0;
                } catch (NoSuchFileException e) {
                    // closed meanwhile
                }
            }
        }
        return count;
    }
}
