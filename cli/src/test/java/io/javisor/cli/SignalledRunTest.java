package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A foreground run of a machine without a name, that a signal ends: nothing stays of it. */
@Timeout(180)
class SignalledRunTest {
    private static final String SOCKET = "r/javisor/.id/*/com1.sock";

    /** The first that is made of a machine, and the last before its guest runs. */
    @ParameterizedTest
    @CsvSource({
        "s/javisor/.id, " + HostConstants.SIGTERM,
        "s/javisor/.id, " + HostConstants.SIGINT,
        SOCKET + ", " + HostConstants.SIGTERM
    })
    void nothingIsLeft(String made, int signal) throws Exception {
        try (MachineHome home = new MachineHome();
                Program program = Program.start(run(home))) {
            awaitFile(home, made);
            int _ = Libc.kill((int) program.process().pid(), signal);
            Program.Result result = program.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(new Program.Result(ExitStatus.SIGNAL + signal, "", ""), result);
            assertEquals(List.of(), left(home.state));
            assertEquals(List.of(), left(home.runtime));
            assertFalse(Files.exists(home.registry.events().file()), "no end of what did not begin");
        }
    }

    @Test
    void theEventsOfARunAreWhole() throws Exception {
        try (MachineHome home = new MachineHome();
                Program program = Program.start(run(home))) {
            Await.until("does not run", () -> "ready\n".equals(program.printed()));
            int _ = Libc.kill((int) program.process().pid(), HostConstants.SIGTERM);
            Program.Result result = program.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(ExitStatus.SIGNAL + HostConstants.SIGTERM, result.status());
            assertEquals(
                    List.of("create", "start", "end", "remove"),
                    Files.readAllLines(home.registry.events().file()).stream()
                            .map(line -> line.replaceFirst(".*\"event\":\"(\\w+)\".*", "$1"))
                            .toList());
        }
    }

    /** SIGKILL leaves nobody to do it. */
    @Test
    void theNextRunRemovesWhatAKilledOneLeft() throws Exception {
        try (MachineHome home = new MachineHome()) {
            try (Program killed = Program.start(run(home))) {
                awaitFile(home, SOCKET);
                Await.until("does not run", () -> "ready\n".equals(killed.printed()));
            }
            List<MachineEntry> left = home.registry.list();
            assertEquals(1, left.size());
            try (Program _ = Program.start(run(home))) {
                Await.until("is still there", left.getFirst()::isGone);
            }
        }
    }

    private static List<String> run(MachineHome home) {
        String memory = TinyKernel.MEMORY_MIB + "M";
        return home.unpackaged("run", "--accel", "software", "--memory", memory, "--kernel", home.kernel.toString());
    }

    private static void awaitFile(MachineHome home, String glob) {
        PathMatcher matcher = home.directory()
                .getFileSystem()
                .getPathMatcher("glob:" + home.directory().resolve(glob));
        Await.until("made nothing: " + glob, () -> {
            try (Stream<Path> files = Files.walk(home.directory())) {
                return files.anyMatch(matcher::matches);
            } catch (IOException | UncheckedIOException e) {
                return false; // changes at this moment
            }
        });
    }

    /** All but the directories that stay for the next machine, and the events. */
    private static List<Path> left(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> !List.of("s", "r", "javisor", ".id", ".events")
                            .contains(file.getFileName().toString()))
                    .toList();
        }
    }
}
