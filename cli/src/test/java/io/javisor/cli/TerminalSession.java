package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import io.javisor.testkit.host.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code javisor}, mostly {@code run} with a {@link TinyKernel}, in a terminal of its own, under a shell, as a person has it: session leader and
 * owner of the terminal is the shell, which goes on when javisor ends.
 */
final class TerminalSession implements AutoCloseable {
    private static final Path LAUNCHER = Checkout.LAUNCHER;

    /** Writes javisor's status to a file, and goes on reading the terminal as a shell does. */
    private static final String SHELL = """
        file=$1; shift
        "$@"
        echo $? >"$file.part"
        mv "$file.part" "$file"
        read -r _
        """;

    private final Pty pty = Pty.open();
    private final Path statusFile;
    private final String settings;
    private final Process shell;
    private final List<ProcessHandle> processes = new ArrayList<>();

    private TerminalSession(Path directory, Map<String, String> environment, List<String> arguments)
            throws IOException, InterruptedException {
        statusFile = directory.resolve("status");
        try {
            // Settings that nobody would restore by accident.
            String _ = pty.stty(
                    "sane", "intr", "^X", "erase", "^H", "-onlcr", "-echoe", "-ixany", "rows", "31", "cols", "97");
            settings = pty.stty("-g");
            // A shell can't trap a signal that was ignored when it started, as under nohup.
            List<String> command = new ArrayList<>(List.of(
                    "env",
                    "--default-signal=HUP,INT,QUIT,TERM",
                    "setsid",
                    "--ctty",
                    "sh",
                    "-c",
                    SHELL,
                    "sh",
                    statusFile.toString(),
                    LAUNCHER.toString()));
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(pty.file())
                    .redirectOutput(pty.file())
                    .redirectError(pty.file());
            builder.environment().putAll(environment);
            shell = builder.start();
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            pty.close();
            throw e;
        }
    }

    /** Starts javisor, without waiting for anything. */
    static TerminalSession launch(Path directory) throws IOException, InterruptedException {
        Path kernel = TinyKernel.writeTo(directory);
        return launch(
                directory, List.of("run", "--memory", TinyKernel.MEMORY_MIB + "M", "--kernel", kernel.toString()));
    }

    /** Starts javisor with other arguments. */
    static TerminalSession launch(Path directory, List<String> arguments) throws IOException, InterruptedException {
        return launch(directory, Map.of(), arguments);
    }

    /** Starts javisor with other arguments, and more in its environment. */
    static TerminalSession launch(Path directory, Map<String, String> environment, List<String> arguments)
            throws IOException, InterruptedException {
        return new TerminalSession(directory, environment, arguments);
    }

    /** Starts javisor and waits until its guest runs. The terminal is raw then. */
    static TerminalSession start(Path directory) throws IOException, InterruptedException {
        TerminalSession session = launch(directory);
        try {
            session.pty.await("ready");
            session.assertRaw();
            return session;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    Pty pty() {
        return pty;
    }

    ProcessHandle shell() {
        return shell.toHandle();
    }

    /** The launcher's process, when there is one. */
    ProcessHandle launcher() throws InterruptedException {
        return awaitChild(shell.toHandle(), "");
    }

    /** The Java virtual machine, as soon as it is that program. */
    ProcessHandle jvm() throws InterruptedException {
        return awaitChild(launcher(), "/bin/java");
    }

    private ProcessHandle awaitChild(ProcessHandle parent, String program) throws InterruptedException {
        List<ProcessHandle> found = new ArrayList<>();
        Await.until(() -> "a child " + program + " of process " + parent.pid(), () -> {
            parent.children()
                    .filter(child -> child.info().command().orElse("").endsWith(program))
                    .forEach(found::add);
            return !found.isEmpty();
        });
        processes.addAll(found);
        return found.getFirst();
    }

    static void signal(ProcessHandle process, int signal) {
        Posix.signal(process.pid(), signal);
    }

    static void kill(ProcessHandle process) {
        signal(process, HostConstants.SIGKILL);
    }

    static void awaitEnd(ProcessHandle process) {
        var _ = process.onExit()
                .orTimeout(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** What the shell sees as javisor's exit status, once it has ended. */
    int awaitStatus() throws IOException, InterruptedException {
        Await.until(() -> "the end of javisor; the terminal shows: " + pty.text(), () -> Files.exists(statusFile));
        return Integer.parseInt(Files.readString(statusFile).strip());
    }

    /** Keys arrive at once and unchanged, and nothing is changed on output. */
    void assertRaw() throws IOException, InterruptedException {
        assertNotEquals(settings, pty.stty("-g"));
        List<String> words = List.of(pty.stty("-a").split("[;\\s]+"));
        for (String off : new String[] {"-icanon", "-isig", "-echo", "-ixon", "-icrnl", "-opost"}) {
            assertTrue(words.contains(off), () -> "no " + off + " in " + words);
        }
    }

    /** The terminal is as it was before javisor started. */
    void assertRestored() throws IOException, InterruptedException {
        assertEquals(settings, pty.stty("-g"));
    }

    /** javisor ends with {@code status}, the terminal is as before, and nothing of javisor runs any more. */
    void assertEnds(int status) throws IOException, InterruptedException {
        assertEquals(status, awaitStatus());
        assertRestored();
        Await.until(
                () -> "the end of " + shell.children().toList(),
                () -> shell.children().findAny().isEmpty());
    }

    @Override
    public void close() {
        Program.kill(shell);
        processes.forEach(ProcessHandle::destroyForcibly); // such as one whose parent is gone
        pty.close();
    }
}
