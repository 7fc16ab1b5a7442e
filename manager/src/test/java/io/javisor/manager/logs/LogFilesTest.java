package io.javisor.manager.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.log.LineFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogFilesTest {
    @TempDir
    private Path directory = Path.of("");

    private Path log() {
        return directory.resolve("log");
    }

    private void write(String suffix, String text) throws IOException {
        Files.writeString(directory.resolve("log" + suffix), text.replace('/', '\n'));
    }

    private static String copied(LogFiles files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean any = files.copyTo(out);
        assertEquals(out.size() > 0, any);
        return out.toString(StandardCharsets.UTF_8).replace('\n', '/');
    }

    @Test
    void theOlderFileComesFirst() throws IOException {
        write(".1", "one/tw");
        write("", "o/three/");
        try (LogFiles files = LogFiles.open(log())) {
            assertEquals("one/two/three/", copied(files));
            assertEquals("", copied(files));
        }
    }

    @Test
    void aLogThatIsNotThereIsEmptyUntilItIs() throws IOException {
        try (LogFiles files = LogFiles.open(log())) {
            assertEquals("", copied(files));
            write("", "one/");
            assertEquals("one/", copied(files));
        }
    }

    /** {@code /} is the end of a line; the older file, the present one, how many lines, what is left of both. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''        | a/b/c/   | 2 | b/c/",
                "''        | a/b/c/   | 3 | a/b/c/",
                "''        | a/b/c/   | 9 | a/b/c/",
                "''        | a/b/c/   | 0 | ''",
                "''        | a/b/c    | 2 | b/c",
                "''        | a/b/c    | 1 | c",
                "''        | ///      | 2 | //",
                "''        | ''       | 2 | ''",
                "a/b/      | c/d/     | 1 | d/",
                "a/b/      | c/d/     | 2 | c/d/",
                "a/b/      | c/d/     | 3 | b/c/d/",
                "a/b/      | c/d/     | 4 | a/b/c/d/",
                "a/b/      | c/d/     | 0 | ''",
                "a/bb      | bb/d/    | 1 | d/",
                "a/bb      | bb/d/    | 2 | bbbb/d/",
                "a/bb      | bb/d/    | 3 | a/bbbb/d/",
                "a/bb      | bb       | 1 | bbbb",
                "a/b/      | ''       | 1 | b/",
                "a/b/      | ''       | 2 | a/b/",
            })
    void theLastLines(String older, String present, int lines, String expected) throws IOException {
        write(".1", older);
        write("", present);
        try (LogFiles files = LogFiles.open(log())) {
            files.skipToTail(lines);
            assertEquals(expected, copied(files));
        }
    }

    @Test
    void theLastLinesOfALongLog() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            text.append("line ").append(i).append('/');
        }
        write("", text.toString());
        try (LogFiles files = LogFiles.open(log())) {
            files.skipToTail(20_000);
            String left = copied(files);
            assertTrue(left.startsWith("line 30000/"), left.substring(0, 20));
            assertTrue(text.toString().endsWith(left));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | abcdefgh",
                "100 | abcdefgh",
                "101 | cdefgh",
                "200 | cdefgh",
                "300 | efgh",
                "400 | efgh",
                "401 | gh",
                "500 | gh",
                "501 | ''"
            })
    void sinceATime(long millis, String expected) throws IOException {
        write(".1", "abcd");
        write(".1.times", "0 100/2 200/");
        write("", "efgh");
        write(".times", "0 400/2 500/");
        try (LogFiles files = LogFiles.open(log())) {
            files.skipTo(Instant.ofEpochMilli(millis));
            assertEquals(expected, copied(files));
        }
    }

    @Test
    void aLogThatIsRotatedMeanwhileIsFollowed() throws IOException {
        write("", "one/");
        try (LogFiles files = LogFiles.open(log())) {
            assertEquals("one/", copied(files));
            Files.writeString(log(), "two\n", StandardOpenOption.APPEND);
            Files.move(log(), directory.resolve("log.1"), StandardCopyOption.REPLACE_EXISTING);
            write("", "three/");
            assertEquals("two/three/", copied(files));
            assertFalse(files.copyTo(new ByteArrayOutputStream()));
        }
    }

    /** As where the older one can't be made. */
    @Test
    void aLogThatIsEmptiedMeanwhileIsFollowedFromItsBeginning() throws IOException {
        write("", "one/two/");
        try (LogFiles files = LogFiles.open(log())) {
            assertEquals("one/two/", copied(files));
            write("", "three/");
            assertEquals("three/", copied(files));
            write("", "");
            assertEquals("", copied(files));
            write("", "four/");
            assertEquals("four/", copied(files));
        }
    }

    /** As javisor's own log is written, which gives way twenty times meanwhile. */
    @Test
    void noLineOfALogThatIsWrittenMeanwhileIsMissed() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder written = new StringBuilder();
        try (LineFile file = LineFile.open("log", log(), 1000, _ -> {});
                LogFiles files = LogFiles.open(log())) {
            for (int i = 0; written.length() < 20_000; i++) {
                String line = "line " + i + '\n';
                written.append(line);
                file.write(line.getBytes(StandardCharsets.UTF_8));
                if (i % 50 == 0) {
                    boolean _ = files.copyTo(out);
                }
            }
            boolean _ = files.copyTo(out);
        }
        assertEquals(written.toString(), out.toString(StandardCharsets.UTF_8));
        assertTrue(Files.size(log()) <= 1000 && Files.size(directory.resolve("log.1")) <= 1000);
    }

    /** A disk that was full has cut a line, and what came next was added to it. */
    @Test
    void timesThatCannotBeReadArePassedOver() throws IOException {
        write("", "one/two/three/");
        write(".times", "0 1000/4 20/008 5/99999999999999999999 3000/4 3000/8 4000/");
        try (LogFiles files = LogFiles.open(log())) {
            files.skipTo(Instant.ofEpochMilli(2500));
            assertEquals("two/three/", copied(files));
        }
    }
}
