package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a checkout where nothing is built, with a Maven that is a script. */
class LauncherBuildTest {
    @TempDir
    private Path directory = Path.of("");

    private Process start(String maven) throws Exception {
        Path launcher = executable("javisor", Files.readString(Checkout.LAUNCHER));
        Files.writeString(directory.resolve("pom.xml"), "<project/>");
        Path _ = executable("mvnw", "#!/bin/sh\n" + maven);
        ProcessBuilder builder = new ProcessBuilder(launcher.toString(), "--version");
        builder.environment().put("JAVISOR_JAVA_HOME", System.getProperty("java.home"));
        builder.redirectErrorStream(true);
        builder.redirectOutput(directory.resolve("output").toFile());
        return builder.start();
    }

    private Path executable(String name, String content) throws Exception {
        Path file = Files.writeString(directory.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    /** Whoever starts javisor by a program ends it by a signal to its process alone. */
    @Test
    void aSignalEndsTheBuildToo() throws Exception {
        Path pids = directory.resolve("pids");
        Process launcher = start("sleep 600 & echo $$ $! >pids.new && mv pids.new pids; wait\n");
        try {
            Await.until("Maven", () -> Files.exists(pids));
            List<String> maven = List.of(Files.readString(pids).strip().split(" "));
            assertEquals(2, maven.size());
            launcher.destroy(); // TERM
            assertTrue(launcher.waitFor(10, TimeUnit.SECONDS));
            assertEquals(143, launcher.exitValue());
            for (String pid : maven) {
                Await.until("its end", () -> hasEnded(pid));
            }
            assertFalse(Files.exists(directory.resolve("cli/target/build.pid")));
        } finally {
            launcher.destroyForcibly();
        }
    }

    /** One that nobody has waited for has no arguments any more. */
    private static boolean hasEnded(String pid) {
        try {
            return Files.readString(Path.of("/proc", pid, "cmdline")).isEmpty();
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void aFailureIsToldInOneLine() throws Exception {
        Process launcher = start("echo '[ERROR] no such thing'; exit 1\n");
        assertTrue(launcher.waitFor(10, TimeUnit.SECONDS));
        assertEquals(125, launcher.exitValue());
        String output = Files.readString(directory.resolve("output"));
        assertTrue(output.contains("javisor: the build failed: no such thing (all of it: "), output);
        assertFalse(Files.exists(directory.resolve("cli/target/build.pid")));
    }
}
