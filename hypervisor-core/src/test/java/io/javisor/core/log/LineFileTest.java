package io.javisor.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // open(2) is not interruptible
class LineFileTest {
    private static final byte[] LINE = "a line\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void linesAreAddedToWhatIsThere() throws Exception {
        Path path = directory.resolve("log");
        for (int i = 0; i < 2; i++) {
            try (LineFile file = LineFile.open("log", path.toString())) {
                file.write(LINE);
                assertEquals(0, file.missed());
            }
        }
        assertEquals("a line\na line\n", Files.readString(path));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void aThreadThatIsInterruptedClosesNothing() throws Exception {
        Path path = directory.resolve("log");
        try (LineFile file = LineFile.open("log", path.toString())) {
            Thread.currentThread().interrupt();
            file.write(LINE);
            assertEquals(true, Thread.interrupted());
            file.write(LINE);
        }
        assertEquals("a line\na line\n", Files.readString(path));
    }

    @Test
    void aFullDiskLosesLinesAndNoMore() {
        try (LineFile file = LineFile.open("log", "/dev/full")) {
            file.write(LINE);
            file.write(LINE);
            assertEquals(2, file.missed());
        }
    }

    @Test
    void aPipeThatNobodyReadsIsNotWaitedFor() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        try (LineFile file = LineFile.open("log", pipe.toString())) {
            for (int i = 0; file.missed() == 0; i++) {
                assertEquals(true, i < 1 << 20);
                file.write(LINE);
            }
        }
    }

    @Test
    void whatCannotBeOpenedSaysWhy() {
        HostException missing = assertThrows(
                HostException.class,
                () -> LineFile.open("log", directory.resolve("no/log").toString()));
        assertEquals(Errno.ENOENT, missing.errno());
        HostException itself = assertThrows(HostException.class, () -> LineFile.open("log", directory.toString()));
        assertEquals(Errno.EISDIR, itself.errno());
    }
}
