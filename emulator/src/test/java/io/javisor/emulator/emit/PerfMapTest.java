package io.javisor.emulator.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostException;
import io.javisor.emulator.SoftwareEngineProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerfMapTest {
    private static final Path OF_PROCESS =
            Path.of("/tmp/perf-" + ProcessHandle.current().pid() + ".map");

    @TempDir
    private Path directory;

    @Test
    void linesAreWhatPerfReads() throws IOException {
        Path path = directory.resolve("perf-1.map");
        PerfMap map = PerfMap.make(path);
        assertTrue(map.add(0x7f12_3456_7890L, 0x1a0, 0xFFFF_FFFF_8100_1234L, false));
        assertTrue(map.add(0x10, 5, 0x40_0000, true));
        assertTrue(map.add(-1, Integer.MAX_VALUE, "a name"));
        assertEquals(
                List.of(
                        "7f1234567890 1a0 guest:0xffffffff81001234 (kernel)",
                        "10 5 guest:0x0000000000400000 (user)",
                        "ffffffffffffffff 7fffffff a name"),
                Files.readAllLines(path));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void linesAllocateNothing() throws IOException {
        PerfMap map = PerfMap.make(directory.resolve("perf-2.map"));
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int lines = 40_000;
        long allocated = Long.MAX_VALUE;
        for (int turn = 0; turn < 2; turn++) { // the first one until its compilers have taken it up
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < lines; i++) {
                map.add(i, 1, i, true);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(allocated < lines, allocated + " bytes for " + lines + " lines");
    }

    @Test
    void aFileOrLinkThatIsThereIsNotWrittenTo() throws IOException {
        Path file = Files.writeString(directory.resolve("perf-3.map"), "another's\n");
        Path link = Files.createSymbolicLink(directory.resolve("perf-4.map"), directory.resolve("target"));
        for (Path path : List.of(file, link)) {
            HostException refused = assertThrows(HostException.class, () -> PerfMap.make(path));
            assertEquals(
                    path + " is there already, of another process or program: remove it, or leave out perf-map=on:"
                            + " EEXIST",
                    String.valueOf(refused.getMessage()).replaceFirst("(EEXIST).*", "$1"));
        }
        assertEquals("another's\n", Files.readString(file));
        assertTrue(Files.notExists(directory.resolve("target")));
        HostException refused =
                assertThrows(HostException.class, () -> PerfMap.make(directory.resolve("no/perf-5.map")));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("perf's map " + directory), refused.getMessage());
    }

    /** One after the other, for the map is the process's. */
    @Test
    void theProcessHasOneWhichIsNotMadeBeforeAnEngineIsOpened() throws IOException {
        SoftwareEngineProvider provider = SoftwareEngineProvider.ofMappedBlocks();
        assertTrue(Files.notExists(OF_PROCESS), OF_PROCESS + " is not there before");
        try {
            Path _ = Files.createFile(OF_PROCESS);
            String expected = OF_PROCESS
                    + " is there already, of another process or program: remove it, or leave out perf-map=on";
            assertEquals(expected, provider.refusal().orElseThrow().what());
            assertThrows(HostException.class, provider::open);
            Files.delete(OF_PROCESS);
            assertTrue(provider.refusal().isEmpty());
            assertTrue(Files.notExists(OF_PROCESS));
            provider.open().close();
            assertTrue(Files.exists(OF_PROCESS));
            assertNull(PerfMap.obstacle());
            provider.open().close();
        } finally {
            Files.deleteIfExists(OF_PROCESS);
        }
    }
}
