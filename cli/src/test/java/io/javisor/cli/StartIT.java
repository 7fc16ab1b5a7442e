package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.Accel;
import io.javisor.machine.host.EngineChoice;
import io.javisor.testkit.guest.TinyKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a start costs, told by what it loads: that does not depend on how busy the machine is. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class StartIT {
    @TempDir
    private Path directory = Path.of("");

    /** Else a start is slower by some milliseconds a class: see docs/performance.md. */
    @ParameterizedTest
    @EnumSource(
            value = Accel.class,
            names = {"AUTO", "SOFTWARE"})
    void everyClassComesOutOfTheCache(Accel accel) throws Exception {
        Path log = directory.resolve("classes");
        Program.Result printed = Program.run("env", "JAVISOR_PRINT_COMMAND=1", Checkout.LAUNCHER.toString());
        List<String> command = new ArrayList<>(printed.out().lines().toList());
        command.add(1, "-Xlog:class+load:file=" + log);
        command.addAll(List.of(
                "run",
                "--accel",
                accel.toString(),
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
        // When the guest has run for a while its control socket is
        // opened, which is no part of the start any more.
        List<String> loaded = Files.readAllLines(log).stream()
                .takeWhile(line -> fromTheCache(line) || !line.contains("] io.javisor.api."))
                .toList();
        assertTrue(loaded.size() > 1000, loaded::toString);
        // The flight recorder's events, which no cache takes: the JDK's first
        // Unix socket asks for a random number. By then the guest runs.
        // Access to memory by VarHandle makes these of the JVM's own, one for each kind of access.
        boolean software = "software".equals(EngineChoice.of(accel).engine());
        List<String> others = loaded.stream()
                .filter(line -> line.contains(" source: ") && !fromTheCache(line))
                .filter(line -> !line.contains("java.lang.invoke.LambdaForm$DMH"))
                .filter(line -> !line.contains("] jdk.internal.event."))
                .filter(line -> !(software && isOfALinker(line)))
                .toList();
        assertEquals(List.of(), others);
    }

    private static boolean fromTheCache(String line) {
        return line.contains("source: shared objects file");
    }

    /** A handle for machine code, which the software engine calls by, is made anew by each JVM, and classes for it: no cache takes them. */
    private static boolean isOfALinker(String line) {
        return line.contains("] jdk.internal.foreign.abi.") || line.contains("] java.lang.invoke.LambdaForm$");
    }
}
