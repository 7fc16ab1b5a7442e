package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Standard output is a file on a full disk, or a pipe that nobody reads any more. */
@Timeout(180)
class LostOutputTest {
    private static final String LOST = "javisor: standard output can't be written: ";
    private static final String FULL = "No space left on device";
    private static final String WHAT_TO_DO = "; make room, or send it elsewhere";

    private final MachineHome home = new MachineHome();

    LostOutputTest() throws Exception {}

    @AfterEach
    void close() throws Exception {
        home.close();
    }

    private Program.Result shell(String script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        command.addAll(home.unpackaged(arguments));
        try (Program program = Program.start(command)) {
            return program.awaitEnd(Await.TIMEOUT_SECONDS);
        }
    }

    @Test
    void aCommandTellsOfAFullDisk() throws Exception {
        assertEquals(
                new Program.Result(ExitStatus.OWN_ERROR, "", LOST + FULL + WHAT_TO_DO + "\n"),
                shell("exec \"$@\" >/dev/full", "ps"));
    }

    @Test
    void aCommandWhoseReaderGoesIsSilent() throws Exception {
        assertEquals(
                new Program.Result(0, "0\n", ""), shell("exec 3>&1; { \"$@\"; echo $? >&3; } | :", "run", "--help"));
    }

    @Test
    void aRunTellsOfAFullDiskAtItsEnd() throws Exception {
        Program.Result result = shell(
                "echo q | \"$@\" >/dev/full",
                "run",
                "--accel",
                "software",
                "--log-level",
                "error",
                "--memory",
                TinyKernel.MEMORY_MIB + "M",
                "--kernel",
                home.kernel.toString());
        assertEquals(
                new Program.Result(ExitStatus.OWN_ERROR, "", LOST + "ENOSPC (" + FULL + ")" + WHAT_TO_DO + "\n"),
                result);
    }
}
