package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.Places;
import io.javisor.manager.registry.Registry;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A user's place for machines, of a test's own, with a {@link TinyKernel}. When it is closed, no process of its machines is left. */
final class MachineHome implements AutoCloseable {
    private final Path directory = Files.createTempDirectory(Path.of("/tmp"), "jv"); // short, for sockets
    final Path kernel = TinyKernel.writeTo(directory);
    final Path state = directory.resolve("s");
    final Path runtime = Files.createDirectory(directory.resolve("r"));
    final Registry registry =
            new Registry(new Places(state.resolve("javisor"), runtime.resolve("javisor")), InstantSource.system());

    MachineHome() throws IOException {}

    Path directory() {
        return directory;
    }

    Map<String, String> environment() {
        return Map.of("XDG_STATE_HOME", state.toString(), "XDG_RUNTIME_DIR", runtime.toString());
    }

    /** The launcher's command in this place. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add("env");
        environment().forEach((name, value) -> command.add(name + "=" + value));
        command.add(Checkout.LAUNCHER.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** As {@link #command}, of the classes under test: takes no package, and longer to start. */
    List<String> unpackaged(String... arguments) {
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        environment().forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "@" + Checkout.DIRECTORY.resolve("cli/src/main/launcher/jvm.options"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    Program.Result javisor(String... arguments) throws IOException, InterruptedException {
        return javisor(Await.TIMEOUT_SECONDS, arguments);
    }

    /** For a command that may take longer. */
    Program.Result javisor(int seconds, String... arguments) throws IOException, InterruptedException {
        try (Program program = Program.start(command(arguments))) {
            return program.awaitEnd(seconds);
        }
    }

    /** The machine's guest shuts itself down within {@link GuestSession#SHUTDOWN_SECONDS}. */
    void stop(String name) throws IOException, InterruptedException {
        String limit = Integer.toString(GuestSession.SHUTDOWN_SECONDS);
        Program.Result result = javisor(2 * GuestSession.SHUTDOWN_SECONDS, "stop", "--timeout", limit, name);
        assertEquals(new Program.Result(0, name + "\n", ""), result);
        String last = succeed("logs", "--tail", "10", name);
        assertTrue(last.contains("reboot: Power down"), last);
    }

    /** Runs a command that has nothing to complain of. Returns what it prints. */
    String succeed(String... arguments) throws IOException, InterruptedException {
        return succeed(Await.TIMEOUT_SECONDS, arguments);
    }

    /** As above, for a command that may take longer. */
    String succeed(int seconds, String... arguments) throws IOException, InterruptedException {
        Program.Result result = javisor(seconds, arguments);
        assertEquals("", result.err());
        assertEquals(0, result.status(), result::toString);
        return result.out();
    }

    /** Starts a tiny machine, detached. */
    MachineEntry start(String name, String... options) throws IOException, InterruptedException {
        assertEquals(name + "\n", succeed(runDetached(name, options)));
        return registry.find(name);
    }

    String[] runDetached(String name, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "run",
                "--detach",
                "--name",
                name,
                "--memory",
                TinyKernel.MEMORY_MIB + "M",
                "--kernel",
                kernel.toString()));
        arguments.addAll(List.of(options));
        return arguments.toArray(String[]::new);
    }

    /** What a client of the console sees until {@code end} comes. */
    static String talk(MachineEntry machine, String keys, String end) throws IOException {
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertTrue(client.connect(UnixDomainSocketAddress.of(machine.consoleSocket("com1"))));
            int _ = client.write(ByteBuffer.wrap(keys.getBytes(StandardCharsets.US_ASCII)));
            StringBuilder seen = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (seen.indexOf(end) < 0 && client.read(buffer.clear()) >= 0) {
                seen.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
            }
            return seen.toString();
        }
    }

    /** The processes that have this place in their environment. */
    List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses().filter(this::isOurs).toList();
    }

    /** What has let go of its machine may still be ending. */
    void awaitNoProcess() throws InterruptedException {
        Await.until(() -> "the end of " + processes(), () -> processes().isEmpty());
    }

    private boolean isOurs(ProcessHandle process) {
        try {
            return process.pid() != ProcessHandle.current().pid()
                    && new String(
                                    Files.readAllBytes(Path.of("/proc/" + process.pid() + "/environ")),
                                    StandardCharsets.ISO_8859_1)
                            .contains("XDG_STATE_HOME=" + state + "\0");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        // Supervisors first, or they start what is killed again.
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Await.TIMEOUT_SECONDS);
        while (!processes().isEmpty() && System.nanoTime() < end) {
            processes().stream()
                    .sorted(Comparator.comparing(
                            process -> process.info().command().orElse("").endsWith("java")))
                    .forEach(ProcessHandle::destroyForcibly);
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(path);
                }
            }
        }
    }
}
