package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StitchedMappingTest {
    private final Random random = new Random(19);
    private final List<Fd> opened = new ArrayList<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void close() {
        opened.forEach(Fd::close);
    }

    private StitchedFile file(int... sizes) throws IOException {
        List<StitchedFile.Part> parts = new ArrayList<>();
        for (int size : sizes) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            content.writeBytes(bytes);
            Path path = Files.write(directory.resolve("part" + opened.size()), bytes);
            opened.add(Fd.own(path.toString(), Libc.open(path.toString(), HostConstants.O_RDONLY, 0)));
            parts.add(new StitchedFile.Part(opened.getLast(), size));
        }
        return new StitchedFile(parts);
    }

    @Test
    void hasThePartsAndThenZeros() throws IOException {
        StitchedFile file = file(4096, 3 << 20, 8192, 4096);
        try (StitchedMapping mapping = StitchedMapping.of(file)) {
            opened.forEach(Fd::close);
            MemorySegment all = mapping.segment();
            assertEquals(4 << 20, all.byteSize());
            assertEquals(StitchedMapping.sizeBytes(file), all.byteSize());
            assertEquals(0, all.address() % StitchedMapping.ALIGNMENT);
            byte[] expected = Arrays.copyOf(content.toByteArray(), 4 << 20);
            assertArrayEquals(expected, all.toArray(ValueLayout.JAVA_BYTE));
            assertTrue(all.isReadOnly());
            assertTrue(ranges(all).stream().allMatch(line -> line.contains(" r--p ")), ranges(all)::toString);
        }
    }

    @Test
    void nothingIsLeft() throws IOException {
        StitchedFile file = file(4096, 4096);
        StitchedMapping mapping = StitchedMapping.of(file);
        MemorySegment all = mapping.segment();
        mapping.close();
        mapping.close();
        assertThrows(IllegalStateException.class, () -> all.get(ValueLayout.JAVA_BYTE, 0));
        String files = Files.readString(Path.of("/proc/self/maps"));
        assertFalse(files.contains(directory.toString()));
    }

    @Test
    void oneThatFillsItsSpaceHasNoZeros() throws IOException {
        try (StitchedMapping mapping = StitchedMapping.of(file(2 << 20))) {
            assertArrayEquals(content.toByteArray(), mapping.segment().toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void whatCannotBeMappedIsRefusedAndLeavesNothing() throws IOException {
        StitchedFile odd = file(4096, 100);
        assertThrows(IllegalArgumentException.class, () -> StitchedMapping.of(odd));
        Fd none = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_WRONLY, 0));
        opened.add(none);
        StitchedFile unreadable = new StitchedFile(
                List.of(new StitchedFile.Part(opened.getFirst(), 4096), new StitchedFile.Part(none, 4096)));
        assertThrows(HostException.class, () -> StitchedMapping.of(unreadable));
        assertFalse(Files.readString(Path.of("/proc/self/maps")).contains(directory.toString()));
    }

    /** The lines of the kernel's that say what is there. */
    private static List<String> ranges(MemorySegment all) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
            if (start >= all.address() && start < all.address() + all.byteSize()) {
                lines.add(line);
            }
        }
        assertTrue(lines.size() >= 4);
        return lines;
    }
}
