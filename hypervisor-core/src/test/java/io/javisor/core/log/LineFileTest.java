package io.javisor.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // open(2) is not interruptible
class LineFileTest {
    private static final byte[] LINE = "a line\n".getBytes(StandardCharsets.UTF_8);

    private static final int ELOOP = 40;

    @TempDir
    private Path directory = Path.of("");

    private final List<String> troubles = Collections.synchronizedList(new ArrayList<>());

    private LineFile open(Path path, long maxBytes) {
        return LineFile.open("log", path, maxBytes, troubles::add);
    }

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
    void aFileOfBoundedSizeKeepsTheLastLinesWhole() throws Exception {
        Path path = directory.resolve("log");
        StringBuilder all = new StringBuilder();
        for (int run = 0; run < 2; run++) {
            try (LineFile file = open(path, 100)) {
                for (int i = 0; i < 1000; i++) {
                    String line = "line %d of run %d\n".formatted(i, run);
                    all.append(line);
                    file.write(line.getBytes(StandardCharsets.UTF_8));
                }
                assertEquals(0, file.missed());
            }
        }
        String older = Files.readString(directory.resolve("log.1"));
        String present = Files.readString(path);
        assertTrue(all.toString().endsWith("\n" + older + present), () -> older + present);
        assertTrue(older.length() <= 100 && older.length() > 80, older);
        assertTrue(present.length() <= 100, present);
    }

    @Test
    void aLineThatIsLongerThanAFileIsWrittenAllTheSame() throws Exception {
        Path path = directory.resolve("log");
        try (LineFile file = open(path, 4)) {
            file.write(LINE);
            assertEquals("a line\n", Files.readString(path));
            file.write(LINE);
            assertEquals("a line\n", Files.readString(path));
            assertEquals(0, file.missed());
        }
        assertEquals("a line\n", Files.readString(directory.resolve("log.1")));
    }

    @Test
    void aFullFileGivesWayWhenItIsOpened() throws Exception {
        Path path = Files.writeString(directory.resolve("log"), "of before");
        open(path, 9).close();
        assertEquals("", Files.readString(path));
        assertEquals("of before", Files.readString(directory.resolve("log.1")));
    }

    @Test
    void whoWritesSeldomFollowsWhoWritesMuch() throws Exception {
        Path path = directory.resolve("log");
        byte[] few = "few\n".getBytes(StandardCharsets.UTF_8);
        try (LineFile seldom = open(path, 20);
                LineFile much = open(path, 20)) {
            seldom.write(few);
            for (int i = 0; i < 3; i++) { // the second gives way, and the third
                much.write("and another\n".getBytes(StandardCharsets.UTF_8));
            }
            seldom.write(few);
            assertEquals(0, seldom.missed());
        }
        assertEquals("and another\nfew\n", Files.readString(path));
        assertEquals(List.of(), troubles);
    }

    @Test
    void aLinkThatHasItsPlaceIsNotFollowed() throws Exception {
        Path path = directory.resolve("log");
        Path target = Files.writeString(directory.resolve("target"), "");
        try (LineFile file = open(path, 20)) {
            Files.delete(path);
            Files.createSymbolicLink(path, target);
            for (int i = 0; i < 4; i++) {
                file.write(LINE);
            }
            assertEquals(2, file.missed());
        }
        assertEquals("", Files.readString(target));
        assertEquals(
                List.of("log is not what is at its path any more: a new " + path + " can't be made: "
                        + Errno.describe(ELOOP)),
                troubles);
    }

    @Test
    void whatIsFullAndCannotGiveWayWhenItIsOpenedGrows() throws Exception {
        Path path = Files.writeString(directory.resolve("log"), "of before\n");
        Path inTheWay = Files.createDirectory(directory.resolve("log.1"));
        try (LineFile file = open(path, 10)) {
            assertEquals(
                    List.of("log is full and grows all the same: " + inTheWay + " can't be made: "
                            + Errno.describe(Errno.EISDIR)),
                    troubles);
            file.write(LINE);
            file.write(LINE);
            assertEquals("of before\na line\na line\n", Files.readString(path));
            Files.delete(inTheWay);
            file.write(LINE);
            assertEquals("a line\n", Files.readString(path));
            assertEquals(0, file.missed());
        }
        assertEquals(1, troubles.size());
    }

    @Test
    void whatCannotGiveWayLaterBeginsAnewAndSaysSoOnce() throws Exception {
        Path path = directory.resolve("log");
        Path inTheWay = Files.createDirectory(directory.resolve("log.1"));
        try (LineFile file = open(path, 10)) {
            for (int i = 0; i < 3; i++) {
                file.write(LINE);
            }
            assertEquals(0, file.missed());
        }
        assertEquals("a line\n", Files.readString(path));
        assertEquals(
                List.of("log is full and begins anew, what it had is lost: " + inTheWay + " can't be made: "
                        + Errno.describe(Errno.EISDIR)),
                troubles);
    }

    @Test
    void severalThreadsAndFilesLoseNoLine() throws Exception {
        Path path = directory.resolve("log");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] line = (i + "\n").getBytes(StandardCharsets.UTF_8);
            threads.add(Thread.ofPlatform().start(() -> {
                try (LineFile file = open(path, 6000)) {
                    for (int k = 0; k < 1000; k++) {
                        file.write(line);
                    }
                    assertEquals(0, file.missed());
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), troubles);
        List<String> lines = new ArrayList<>(Files.readAllLines(directory.resolve("log.1")));
        lines.addAll(Files.readAllLines(path));
        for (int i = 0; i < 4; i++) {
            assertEquals(1000, Collections.frequency(lines, String.valueOf(i)));
        }
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
