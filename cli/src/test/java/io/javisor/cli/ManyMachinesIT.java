package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import io.javisor.testkit.guest.IdleKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fifty machines go through their lives together, and nothing stays of them. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class ManyMachinesIT {
    private static final int MACHINES = 50;

    /** At once: each start takes a processor for a third of a second. */
    private static final int STARTS_AT_ONCE = 3;

    /** For a command about all of them: the first one that a machine is asked loads the classes of an answer in its process. */
    private static final int ALL_SECONDS = 300;

    @Test
    void fiftyMachines() throws Exception {
        List<String> names =
                IntStream.range(0, MACHINES).mapToObj("m%02d"::formatted).toList();
        try (MachineHome home = new MachineHome()) {
            Path kernel = IdleKernel.writeTo(home.directory());
            startAll(home, kernel, names);
            assertStates(home, names, "running");
            // One JVM and its supervisor each, and no more.
            assertEquals(2 * MACHINES, home.processes().size());
            long pid = home.registry.find("m00").status().pid();
            List<String> before = settledFiles(pid);

            String[] pause = withNames("pause", names);
            String[] resume = withNames("resume", names);
            assertEquals(String.join("\n", names) + "\n", home.succeed(ALL_SECONDS, pause));
            assertStates(home, names, "paused");
            assertEquals(String.join("\n", names) + "\n", home.succeed(ALL_SECONDS, resume));
            assertStates(home, names, "running");
            // The second time round a machine's process holds no more than the first.
            assertEquals(String.join("\n", names) + "\n", home.succeed(ALL_SECONDS, pause));
            List<String> first = settledFiles(pid);
            assertEquals(String.join("\n", names) + "\n", home.succeed(ALL_SECONDS, resume));
            assertEquals(String.join("\n", names) + "\n", home.succeed(ALL_SECONDS, pause));
            assertEquals(String.join("\n", names) + "\n", home.succeed(ALL_SECONDS, resume));
            assertEquals(first, settledFiles(pid));
            assertTrue(first.size() <= before.size() + 12, () -> before + " grew to " + first); // the control socket's

            assertEquals(String.join("\n", names) + "\n", home.succeed(ALL_SECONDS, withNames("kill", names)));
            assertStates(home, names, "stopped (0)");
            home.awaitNoProcess();
            assertEquals(String.join("\n", names) + "\n", home.succeed(ALL_SECONDS, withNames("rm", names)));
            assertEquals("", home.succeed("ps", "-a", "-q"));
            for (Path root : List.of(home.state, home.runtime)) {
                try (Stream<Path> left = Files.list(root.resolve("javisor").resolve(".id"))) {
                    assertEquals(List.of(), left.toList());
                }
            }
        }
    }

    private static void startAll(MachineHome home, Path kernel, List<String> names) throws Exception {
        List<Program> starting = new ArrayList<>();
        try {
            for (int i = 0; i < names.size() + STARTS_AT_ONCE; i++) {
                if (i >= STARTS_AT_ONCE) {
                    Program.Result started = starting.get(i - STARTS_AT_ONCE).awaitEnd(Await.TIMEOUT_SECONDS);
                    assertEquals("", started.err());
                    assertEquals(names.get(i - STARTS_AT_ONCE) + "\n", started.out());
                }
                if (i < names.size()) {
                    starting.add(Program.start(home.command(
                            "run", "-d", "--name", names.get(i), "-m", "4M", "--kernel", kernel.toString())));
                }
            }
        } finally {
            for (Program program : starting) {
                program.close();
            }
        }
    }

    private static String[] withNames(String command, List<String> names) {
        return Stream.concat(Stream.of(command), names.stream()).toArray(String[]::new);
    }

    private static void assertStates(MachineHome home, List<String> names, String state) throws Exception {
        String expected = String.join(
                "", names.stream().map(name -> name + " " + state + "\n").toList());
        assertEquals(expected, home.succeed(ALL_SECONDS, "ps", "-a", "--format", "{{name}} {{state}}"));
    }

    /** Once the ends of connections have been closed on both sides. */
    private static List<String> settledFiles(long pid) throws Exception {
        List<String> files = openFiles(pid);
        while (true) {
            Thread.sleep(300);
            List<String> next = openFiles(pid);
            if (next.equals(files)) {
                return files;
            }
            files = next;
        }
    }

    /** What a process's descriptors lead to, without the numbers of sockets and pipes. */
    private static List<String> openFiles(long pid) throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    files.add(Files.readSymbolicLink(descriptor).toString().replaceAll("\\[[0-9]+]", ""));
                } catch (NoSuchFileException e) {
                    // Closed since: a connection's end.
                }
            }
        }
        files.sort(null);
        return files;
    }
}
