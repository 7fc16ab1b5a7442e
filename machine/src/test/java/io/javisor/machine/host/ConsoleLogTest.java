package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleLogTest {
    @TempDir
    private Path directory = Path.of("");

    private long millis = 1_000;

    private ConsoleLog open(long maxFileBytes) {
        return ConsoleLog.open(directory.resolve("log"), maxFileBytes, () -> Instant.ofEpochMilli(millis));
    }

    private static void write(ConsoleLog log, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, data, 0, bytes.length);
            int done = 0;
            while (done < bytes.length) {
                long result = log.write(data.address() + done, bytes.length - done);
                assertTrue(result > 0, "write: " + result);
                done += (int) result;
            }
        }
    }

    private String read(String suffix) throws IOException {
        return Files.readString(directory.resolve("log" + suffix));
    }

    @Test
    void whatIsWrittenIsInTheFileItsOwnersAlone() throws IOException {
        try (ConsoleLog log = open(100)) {
            write(log, "hello\n");
        }
        assertEquals("hello\n", read(""));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("log"))));
    }

    @Test
    void itGoesOnWhereItWasClosed() throws IOException {
        for (String text : new String[] {"one\n", "two\n"}) {
            try (ConsoleLog log = open(6)) {
                write(log, text);
            }
        }
        assertEquals("one\ntw", read(".1"));
        assertEquals("o\n", read(""));
    }

    @Test
    void itsSizeIsBounded() throws IOException {
        try (ConsoleLog log = open(10)) {
            for (int i = 0; i < 100; i++) {
                write(log, "line %03d\n".formatted(i));
            }
        }
        assertEquals(10, read(".1").length());
        assertEquals(10, read("").length());
        String all = read(".1") + read("");
        assertTrue("line 097\nline 098\nline 099\n".endsWith(all), all);
    }

    @Test
    void timesAreKeptAfterEachSilence() throws IOException {
        try (ConsoleLog log = open(10)) {
            write(log, "abc");
            millis += 50;
            write(log, "de");
            millis += 60;
            write(log, "f");
            millis += 1_000;
            write(log, "ghij");
            millis += 1;
            write(log, "k"); // in the next file
        }
        assertEquals("0 1000\n5 1110\n6 2110\n", read(".1.times"));
        assertEquals("0 2111\n", read(".times"));
    }

    @Test
    void aClockThatIsSetBackIsFollowed() throws IOException {
        try (ConsoleLog log = open(10)) {
            write(log, "a");
            millis = 10;
            write(log, "b");
        }
        assertEquals("0 1000\n1 10\n", read(".times"));
    }

    @Test
    void aLogWithoutAnOlderOneBeginsAnew() throws IOException {
        Files.createDirectories(directory.resolve("log.1").resolve("x"));
        try (ConsoleLog log = open(4)) {
            write(log, "abcdef");
        }
        assertEquals("ef", read(""));
        assertEquals("0 1000\n", read(".times"));
    }

    @Test
    void aLogThatCannotBeRotatedSaysSoAndGoesOnLater() throws IOException {
        Path file = directory.resolve("log");
        try (ConsoleLog log = open(4);
                Arena arena = Arena.ofConfined()) {
            write(log, "abcd");
            Files.delete(file);
            Files.createDirectory(file);
            MemorySegment data = arena.allocate(1);
            assertTrue(log.write(data.address(), 1) < 0);
            Files.delete(file);
            write(log, "e");
        }
        assertEquals("e", read(""));
    }

    /** One byte after each silence, again and again. */
    @Test
    void theFileOfTimesIsBoundedToo() throws IOException {
        try (ConsoleLog log = open(1 << 20)) {
            for (int i = 0; i < 100_000; i++) {
                millis += 101;
                write(log, "x");
            }
        }
        assertTrue(Files.size(directory.resolve("log.times")) < 400_000);
        long last = Long.parseLong(read(".times").lines().toList().getLast().split(" ", -1)[1]);
        assertTrue(millis - last < 60_000, () -> last + " of " + millis);
    }

    @Test
    void aLogThatSomebodyDeletedIsMadeAgain() throws IOException {
        try (ConsoleLog log = open(4)) {
            write(log, "1234");
            Files.delete(directory.resolve("log"));
            Files.delete(directory.resolve("log.times"));
            write(log, "5678");
            assertEquals("5678", read(""));
        }
    }

    /** Whoever takes the name of its directory gets nothing of it. */
    @Test
    void itStaysInTheDirectoryThatWasOpened() throws IOException {
        Path own = Files.createDirectory(directory.resolve("own"));
        try (ConsoleLog log = ConsoleLog.open(own.resolve("log"), 4, () -> Instant.ofEpochMilli(millis))) {
            write(log, "1234");
            Path moved = Files.move(own, directory.resolve("moved"));
            Files.createDirectory(own);
            write(log, "5678");
            assertEquals("1234", Files.readString(moved.resolve("log.1")));
            assertEquals("5678", Files.readString(moved.resolve("log")));
            try (Stream<Path> others = Files.list(own)) {
                assertEquals(List.of(), others.toList());
            }
        }
    }

    @Test
    void aDirectoryIsNoLog() throws IOException {
        Path path = Files.createDirectory(directory.resolve("log"));
        String message = String.valueOf(
                assertThrows(ConfigException.class, () -> ConsoleLog.open(path)).getMessage());
        assertTrue(message.startsWith("console log " + path + " can't be written"), message);
        assertFalse(Files.exists(directory.resolve("log.times")));
    }
}
