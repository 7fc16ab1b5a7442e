package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFilesTest {
    private static final int SIZE = 300_000;

    @TempDir
    private Path directory = Path.of("");

    /** Of the mapping that begins there. */
    private static String residentSet(MemorySegment mapping) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
        String start = "%x-".formatted(mapping.address());
        int first = 0;
        while (!lines.get(first).startsWith(start)) {
            first++;
        }
        return lines.subList(first, lines.size()).stream()
                .filter(line -> line.startsWith("Rss:"))
                .findFirst()
                .orElseThrow()
                .replaceAll("Rss: +", "");
    }

    @Test
    void pagesThatAreDroppedAreReadAgain() throws IOException {
        byte[] content = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            content[i] = (byte) (i % 251);
        }
        Path file = Files.write(directory.resolve("image"), content);
        try (MappedFiles files = new MappedFiles();
                InputFile opened = InputFile.open("image", file)) {
            MemorySegment bytes = files.map(opened.fd(), SIZE);
            assertEquals(-1, bytes.mismatch(MemorySegment.ofArray(content)));
            assertNotEquals("0 kB", residentSet(bytes));

            files.dropPages();
            assertEquals("0 kB", residentSet(bytes));
            assertEquals(content[SIZE - 1], bytes.get(ValueLayout.JAVA_BYTE, SIZE - 1));
            assertEquals(-1, bytes.mismatch(MemorySegment.ofArray(content)));
        }
    }

    @Test
    void closesTwice() {
        MappedFiles files = new MappedFiles();
        files.close();
        files.close();
    }
}
