package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher on a terminal: which keys go where, and that the terminal is given back however javisor ends. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class TerminalIT {
    private static final String CTRL_A = "\001";

    @TempDir
    private Path directory = Path.of("");

    @Test
    void restoredWhenTheGuestPowersOff() throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            session.pty().type("q");
            session.assertEnds(0);
        }
    }

    @Test
    void restoredWhenTheGuestExits() throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            session.pty().type("e");
            session.assertEnds(TinyKernel.EXIT_STATUS);
        }
    }

    /** One session for all keys: those that end, stop or edit in cooked mode are the guest's. */
    @Test
    void everyKeyButTheEscapesGoesToTheGuest() throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            Pty pty = session.pty();
            for (char letter : "CZ\\DSQVXHJM".toCharArray()) {
                pty.type(String.valueOf((char) (letter - 0x40)));
                pty.await(String.valueOf(letter));
            }
            pty.type(CTRL_A + "a");
            pty.await("A");
            pty.type(CTRL_A + "h");
            for (String escape : new String[] {"Ctrl-A x", "Ctrl-A b", "Ctrl-A a", "Ctrl-A h"}) {
                pty.await(escape);
            }
            pty.type("\003");
            pty.await("C");
            session.assertRaw();
            pty.type(CTRL_A + "x");
            session.assertEnds(0);
        }
    }

    @Test
    void restoredWhenTheJavaVirtualMachineIsKilled() throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            TerminalSession.kill(session.jvm());
            session.assertEnds(128 + HostConstants.SIGKILL);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {HostConstants.SIGTERM, HostConstants.SIGINT, HostConstants.SIGHUP})
    void restoredWhenTheLauncherIsToldToEnd(int signal) throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            TerminalSession.signal(session.launcher(), signal);
            session.assertEnds(128 + signal);
        }
    }

    @Test
    void restoredWhenTheLauncherIsKilled() throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            ProcessHandle jvm = session.jvm();
            TerminalSession.kill(session.launcher());
            assertEquals(128 + HostConstants.SIGKILL, session.awaitStatus());
            TerminalSession.awaitEnd(jvm);
            session.assertRestored();
        }
    }

    /** The Java virtual machine needs a while until it can ask the kernel to be told of the launcher's end. */
    @Test
    void restoredWhenTheLauncherIsKilledTooEarly() throws Exception {
        try (TerminalSession session = TerminalSession.launch(directory)) {
            ProcessHandle jvm = session.jvm();
            TerminalSession.kill(session.launcher());
            TerminalSession.awaitEnd(jvm);
            session.assertRestored();
        }
    }

    @Test
    void endsWithItsTerminal() throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            ProcessHandle jvm = session.jvm();
            ProcessHandle launcher = session.launcher();
            session.pty().hangUp();
            TerminalSession.awaitEnd(jvm);
            TerminalSession.awaitEnd(launcher);
        }
    }

    @Test
    void aTerminalThatNobodyReadsDoesNotHoldTheEnd() throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            Pty pty = session.pty();
            pty.type("f");
            pty.awaitFull();
            pty.type(CTRL_A + "x");
            session.assertEnds(0);
            int before = pty.text().length();
            pty.read();
            int printed = pty.text().length() - before;
            assertTrue(printed < TinyKernel.FLOOD_SIZE, "all " + printed + " bytes fit: the test tests nothing");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fq", CTRL_A + "h" + CTRL_A + "x"})
    void aStoppedTerminalDoesNotHoldTheEnd(String keys) throws Exception {
        try (TerminalSession session = TerminalSession.start(directory)) {
            session.pty().stopOutput();
            session.pty().type(keys);
            session.assertEnds(0);
            session.pty().startOutput();
        }
    }

    /** Without a terminal on both sides there is nothing to save, and no key is an escape. */
    @Test
    void outputToAFileLeavesTheTerminalAlone() throws Exception {
        try (Pty pty = Pty.open()) {
            String _ = pty.stty("sane"); // not raw, so that raw would show
            String before = pty.stty("-g");
            Process process = new ProcessBuilder(
                            Checkout.LAUNCHER.toString(),
                            "run",
                            "--memory",
                            TinyKernel.MEMORY_MIB + "M",
                            "--kernel",
                            TinyKernel.writeTo(directory).toString())
                    .redirectInput(pty.file())
                    .redirectOutput(directory.resolve("out").toFile())
                    .redirectError(pty.file())
                    .start();
            try {
                pty.type(CTRL_A + "q\n");
                assertTrue(process.waitFor(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
                assertEquals(0, process.exitValue());
                assertEquals("ready\nA", java.nio.file.Files.readString(directory.resolve("out")));
                assertEquals(before, pty.stty("-g"));
                assertFalse(pty.text().replace(AutoEngine.SAID.strip(), "").contains("javisor"), pty::text);
            } finally {
                Program.kill(process);
            }
        }
    }
}
