package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code javisor console}, as a person uses it, on a machine of {@code javisor run --serial socket:PATH}. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ConsoleIT {
    private static final String CTRL_A = "\001";

    @TempDir
    private Path directory = Path.of("");

    private Path socket = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private Program machine;

    @BeforeEach
    void startMachine() throws Exception {
        socket = directory.resolve("com1.sock");
        machine = Program.start(List.of(
                Checkout.LAUNCHER.toString(),
                "run",
                "--memory",
                TinyKernel.MEMORY_MIB + "M",
                "--kernel",
                TinyKernel.writeTo(directory).toString(),
                "--serial",
                "socket:" + socket,
                "--serial",
                "pty"));
        Await.until(
                () -> "the socket",
                () -> Files.exists(socket) || !machine.process().isAlive());
    }

    @AfterEach
    void stopMachine() throws Exception {
        machine.close();
    }

    private TerminalSession attach(String... options) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(List.of("console", socket.toString()));
        arguments.addAll(List.of(options));
        TerminalSession session = TerminalSession.launch(directory, arguments);
        session.pty().await("attached to " + socket);
        session.pty().await("ready"); // from the scrollback, if need be
        return session;
    }

    private void assertMachineEnds(int status) throws Exception {
        Program.Result result = machine.awaitEnd(Await.TIMEOUT_SECONDS);
        assertEquals(status, result.status(), result::toString);
        assertTrue(result.err().contains("javisor: com2 is on /dev/pts/"), result::toString);
        assertFalse(Files.exists(socket), "the socket is removed");
    }

    @Test
    void keysGoToTheGuestAndTheEscapesLeaveAndReturn() throws Exception {
        try (TerminalSession session = attach()) {
            session.assertRaw();
            session.pty().type("\003");
            session.pty().await("C");
            session.pty().type(CTRL_A + "a");
            session.pty().await("A");
            session.pty().type(CTRL_A + "h");
            session.pty().await("Ctrl-A d");
            session.pty().type(CTRL_A + "d");
            session.pty().await("detached");
            session.assertEnds(0);
        }
        assertTrue(machine.process().isAlive());
        Files.delete(directory.resolve("status"));
        try (TerminalSession session = attach()) {
            session.pty().type("\024e");
            session.pty().await("the machine has ended");
            session.assertEnds(0);
        }
        assertMachineEnds(TinyKernel.EXIT_STATUS);
    }

    @Test
    void aWatcherSendsNothing() throws Exception {
        try (TerminalSession watcher = attach("--ro")) {
            watcher.pty().type("q");
            Path second = Files.createDirectory(directory.resolve("second"));
            try (TerminalSession other = TerminalSession.launch(second, List.of("console", socket.toString()))) {
                other.pty().await("ready");
                other.pty().type("\007");
                watcher.pty().await("G");
                watcher.pty().type(CTRL_A + "d");
                watcher.assertEnds(0);
                other.pty().type("q");
                other.assertEnds(0);
            }
        }
        assertMachineEnds(0);
    }

    @Test
    void theTerminalIsRestoredWhenTheJavaVirtualMachineIsKilled() throws Exception {
        try (TerminalSession session = attach()) {
            TerminalSession.kill(session.jvm());
            session.assertEnds(128 + HostConstants.SIGKILL);
        }
        assertTrue(machine.process().isAlive());
    }

    @Test
    void asAFilterItEndsWithTheMachine() throws Exception {
        Path out = directory.resolve("out");
        Process console = new ProcessBuilder(Checkout.LAUNCHER.toString(), "console", socket.toString())
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            console.getOutputStream().write("\010\011q".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            console.getOutputStream().close();
            assertTrue(console.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
            assertEquals(0, console.exitValue());
            assertEquals("ready\nHI", Files.readString(out));
        } finally {
            Program.kill(console);
        }
        assertMachineEnds(0);
    }
}
