package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code --boot-chart}, with the launcher and a real guest. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class BootChartIT {
    @TempDir
    private Path directory = Path.of("");

    private List<String> command(Path chart) throws Exception {
        return List.of(
                Checkout.LAUNCHER.toString(),
                "run",
                "--memory",
                TinyKernel.MEMORY_MIB + "M",
                "--kernel",
                TinyKernel.writeTo(directory).toString(),
                "--boot-chart",
                chart.toString());
    }

    private static void assertHasAllOfJavisor(Path chart) throws Exception {
        String text = Files.readString(chart);
        for (String phase : List.of(
                "launcher",
                "JVM start",
                "command line and configuration",
                "images read and checked",
                "guest memory",
                "virtual machine",
                "devices, images copied",
                "virtual CPUs",
                "first entry into the guest",
                "guest, until its first output",
                "kernel, until it runs init: not finished")) {
            assertTrue(text.contains(">" + phase + "<"), () -> phase + " in " + text);
        }
    }

    private Process start(Path chart) throws Exception {
        return new ProcessBuilder(command(chart))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
    }

    private String output() {
        try {
            return Files.readString(directory.resolve("out"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whenTheGuestEnds() throws Exception {
        Path chart = directory.resolve("c.svg");
        Process process = start(chart);
        try {
            process.getOutputStream().write('e');
            process.getOutputStream().close();
            assertTrue(process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
            assertEquals(TinyKernel.EXIT_STATUS, process.exitValue(), this::output);
            assertEquals(AutoEngine.SAID + "ready\n", output());
        } finally {
            Program.kill(process);
        }
        assertHasAllOfJavisor(chart);
    }

    @Test
    void whenTheUserEndsIt() throws Exception {
        Path chart = directory.resolve("c.svg");
        Process process = start(chart);
        try {
            Await.until(this::output, () -> output().contains("ready"));
            process.destroy();
            assertTrue(process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
            assertEquals(ExitStatus.SIGNAL + HostConstants.SIGTERM, process.exitValue(), this::output);
        } finally {
            Program.kill(process);
        }
        assertHasAllOfJavisor(chart);
    }
}
