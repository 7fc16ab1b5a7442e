package io.javisor.cli.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootChartTest {
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory = Path.of("");

    private BootChart open(Path file) {
        return BootChart.open(file, System.nanoTime(), new PrintWriter(err, true));
    }

    @Test
    void anOldChartStaysUntilTheNewOneIsWritten() throws Exception {
        Path file = Files.writeString(directory.resolve("c.svg"), "x".repeat(1 << 20));
        BootChart chart = open(file);
        assertEquals(1 << 20, Files.size(file));
        chart.close();
        String written = Files.readString(file);
        assertTrue(written.endsWith("</svg>\n"), written);
        assertTrue(written.contains("command line and configuration: not finished"), written);
        Files.delete(file);
        chart.close();
        assertTrue(Files.notExists(file), "the second time does nothing");
        assertEquals("", err.toString());
    }

    @Test
    void afterTheBootAFullDiskIsOneLine() {
        open(Path.of("/dev/full")).close();
        assertTrue(err.toString().startsWith("javisor: boot chart /dev/full could not be written: "), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
    }

    /** proc(5); the command's name may hold anything. */
    @Test
    void theStartTimeIsFoundBehindAnyName() {
        String stat = "42 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 123456 20 21";
        assertEquals(1_234_560_000_000L, ProcessStart.startNanosAfterBoot(stat));
    }

    @Test
    void theLauncherAndTheJvmStartedBeforeNowAndNotLongAgo() {
        long now = System.nanoTime();
        long jvm = ProcessStart.jvmNanos();
        long launcher = ProcessStart.launcherNanos(Long.MIN_VALUE);
        assertTrue(jvm < now, "JVM");
        assertTrue(launcher < now, "launcher");
        assertTrue(Math.abs(jvm - launcher) < 5_000_000_000L, "a test's JVM is its own launcher: " + (jvm - launcher));
    }
}
