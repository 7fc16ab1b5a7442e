package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The supervisor's script with a script in place of the JVM, which ends with the statuses that it is given, one after the other. */
@Timeout(60)
class SupervisorTest {
    private static final Path SUPERVISOR = Path.of("src/main/launcher/supervisor");

    @TempDir
    private Path directory = Path.of("");

    private Process start(String... ends) throws IOException {
        Path statuses = Files.write(directory.resolve("ends"), List.of(ends));
        Path log = directory.resolve("log");
        Path jvm = Files.writeString(directory.resolve("jvm"), """
            echo "$*" >> %2$s
            end=$(sed -n "$(wc -l < %2$s)p" %1$s)
            case $end in -*) kill $end $$; sleep 60 ;; esac
            exit $end
            """.formatted(statuses, log));
        return new ProcessBuilder("sh", SUPERVISOR.toString(), "sh", jvm.toString(), "machine", "id")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
    }

    private List<String> runs() throws IOException {
        return Files.readAllLines(directory.resolve("log"));
    }

    private long secondsOf(Process supervisor, int status) throws InterruptedException {
        long start = System.nanoTime();
        try {
            assertEquals(status, supervisor.waitFor());
        } finally {
            supervisor.destroyForcibly();
        }
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    }

    @Test
    void aCleanEndIsTheEnd() throws Exception {
        assertTrue(secondsOf(start("0"), 0) < 60);
        assertEquals(List.of("machine id"), runs());
    }

    @Test
    void everyOtherEndIsTold() throws Exception {
        long _ = secondsOf(start("-9", "1", "0"), 0);
        assertEquals(List.of("machine id", "machine id --after 137", "machine id --after 1"), runs());
    }

    /** What did not start is told by whoever started it, and does not start by itself later. */
    @Test
    void whatFailsAtOnceIsNotTriedAgain() throws Exception {
        long _ = secondsOf(start("1", "0"), 1);
        assertEquals(List.of("machine id"), runs());
    }

    @Test
    void whoEndsAgainAndAgainWaits() throws Exception {
        assertTrue(secondsOf(start("-9", "125", "3", "0"), 0) >= 3);
        assertEquals(
                List.of("machine id", "machine id --after 137", "machine id --after 125", "machine id --after 3"),
                runs());
    }

    @Test
    void whoAsksToBeStartedAgainWaitsItself() throws Exception {
        long _ = secondsOf(start("75", "75", "75", "75", "75", "75", "0"), 0);
        assertEquals(7, runs().size());
    }

    /** What the JVMs say goes to the log, not to where the first one's went, whatever has become of that. */
    @Test
    void eachRunSaysWhatItHasToSayInTheLogOfTheMoment() throws Exception {
        Path log = Files.writeString(directory.resolve("javisor.log"), "");
        Path jvm = Files.writeString(directory.resolve("jvm"), """
            echo "$*" >&2
            case $* in
            *1) exit 0 ;;
            *75) mv %1$s %1$s.2; exit 1 ;;
            *) mv %1$s %1$s.1; : >%1$s; exit 75 ;;
            esac
            """.formatted(log));
        ProcessBuilder builder = new ProcessBuilder("sh", SUPERVISOR.toString(), "sh", jvm.toString(), "machine", "id")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("JAVISOR_MACHINE_LOG", log.toString());
        long _ = secondsOf(builder.start(), 0);
        assertEquals(List.of("machine id"), Files.readAllLines(directory.resolve("javisor.log.1")));
        assertEquals(
                List.of("machine id --after 75", "machine id --after 1"),
                Files.readAllLines(directory.resolve("javisor.log.2")));
        assertFalse(Files.exists(log), "one that is deleted is not made again");
    }

    @Test
    void aTermWhileItWaitsIsTold() throws Exception {
        Process supervisor = start("-9", "1", "1", "1", "1", "1", "1", "1", "1", "1");
        Await.until(() -> "runs", () -> Files.exists(directory.resolve("log")) && lines() >= 4);
        Thread.sleep(100);
        supervisor.destroy();
        // The JVM can't write it down, and there is nobody else.
        assertTrue(secondsOf(supervisor, 1) < 60);
        assertEquals("machine id --after 143", runs().getLast());
    }

    /** Nor does a machine that its user stopped come back by its restart policy. */
    @Test
    void aTermIsNotForgottenWhenTheOneThatIsToldIsKilled() throws Exception {
        Process supervisor = start("-9", "125", "125", "-9", "0");
        Await.until(() -> "runs", () -> Files.exists(directory.resolve("log")) && lines() >= 3);
        Thread.sleep(100);
        supervisor.destroy();
        assertTrue(secondsOf(supervisor, 0) < 60);
        assertEquals(List.of("machine id --after 143", "machine id --after 143"), runs().subList(3, 5));
    }

    private int lines() {
        try {
            return runs().size();
        } catch (IOException e) {
            return 0;
        }
    }
}
