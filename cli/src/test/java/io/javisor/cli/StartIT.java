package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.guest.TinyKernel;
import io.javisor.testkit.junit.GuestTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a start costs, told by what it loads: that does not depend on how busy the machine is. */
@GuestTest
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class StartIT {
    @TempDir
    private Path directory = Path.of("");

    /** Else a start is slower by some milliseconds a class: see docs/performance.md. */
    @Test
    void everyClassComesOutOfTheCache() throws Exception {
        Path log = directory.resolve("classes");
        Program.Result printed = Program.run("env", "JAVISOR_PRINT_COMMAND=1", Checkout.LAUNCHER.toString());
        List<String> command = new ArrayList<>(printed.out().lines().toList());
        command.add(1, "-Xlog:class+load:file=" + log);
        command.addAll(List.of(
                "run",
                "--memory",
                "64M",
                "--kernel",
                TinyKernel.writeTo(directory).toString()));
        Process run = new ProcessBuilder(command)
                .redirectInput(
                        Files.writeString(directory.resolve("input"), "q").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertTrue(run.waitFor(1, TimeUnit.MINUTES));
            assertEquals(ExitStatus.POWER_OFF, run.exitValue());
        } finally {
            Program.kill(run);
        }
        List<String> loaded = Files.readAllLines(log);
        assertTrue(loaded.size() > 1000, loaded::toString);
        // The flight recorder's events, which no cache takes: the JDK's first Unix socket asks for a random number. By
        // then the guest runs.
        // Access to memory by VarHandle makes these of the JVM's own, one for each kind of access.
        List<String> others = loaded.stream()
                .filter(line -> line.contains(" source: ") && !line.contains("source: shared objects file"))
                .filter(line -> !line.contains("java.lang.invoke.LambdaForm$DMH"))
                .filter(line -> !line.contains("] jdk.internal.event."))
                .toList();
        assertEquals(List.of(), others);
    }
}
