package io.javisor.container.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.agent.AgentProcess;
import io.javisor.api.Fault;
import io.javisor.container.control.OutputHub;
import io.javisor.container.guest.AgentMachine;
import io.javisor.container.store.OutputKind;
import io.javisor.container.store.OutputLogReader;
import io.javisor.container.store.OutputRecord;
import io.javisor.container.store.SparseFile;
import io.javisor.core.host.HostConstants;
import io.javisor.manager.live.LiveMachine;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.Places;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import io.javisor.oci.store.RootFiles;
import io.javisor.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers in real machines, by the engine that this host has. Each boot takes seconds. */
class RunningContainerIT {
    @TempDir
    private static Path shared = Path.of("");

    private static AgentMachine.@Nullable Boot boot;

    @TempDir
    private Path directory = Path.of("");

    private Registry registry = new Registry(new Places(Path.of(""), Path.of("")), InstantSource.system());
    private @Nullable MachineEntry entry;

    @BeforeAll
    static void makeGuest() throws IOException {
        boot = AgentMachine.files(shared);
    }

    @BeforeEach
    void setUp() {
        registry = new Registry(new Places(directory.resolve("s"), directory.resolve("r")), InstantSource.system());
    }

    @AfterEach
    void nothingIsLeftInTheRuntimeDirectory() throws IOException {
        MachineEntry present = entry;
        if (present != null) {
            try (Stream<Path> files = Files.list(present.runtimeDirectory())) {
                assertEquals(
                        List.of(),
                        files.filter(file -> !file.endsWith("state")) // says whose it is
                                .toList());
            }
        }
    }

    /** What becomes of one. */
    private record Ran(ContainerEnd end, String output, String errors) {}

    private MachineEntry made(boolean removed) {
        MachineEntry made = registry.createContainer("box", "{}", RestartPolicy.NO, removed);
        entry = made;
        return made;
    }

    private Ran run(MachineEntry container, Specs specs, Script script) throws Exception {
        AgentMachine.Boot guest = Objects.requireNonNull(boot);
        ContainerSetup setup = new ContainerSetup(
                container,
                specs.spec(),
                new RootFiles(guest.image(), List.of()),
                new GuestFiles(guest.kernel(), guest.initrd(), shared.resolve("kernels")),
                shared.resolve("cache"));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        CompletableFuture<Void> done = new CompletableFuture<>();
        try (LiveMachine live = LiveMachine.of(registry, container)) {
            live.starting();
            ContainerEnd end = ContainerRun.run(live, setup, new ContainerRun.Watcher() {
                @Override
                public void warn(String line) {
                    throw new AssertionError(line);
                }

                @Override
                public ContainerRun.TerminalRoom made(RunningContainer running) {
                    OutputHub.Attachment _ = running.output()
                            .attach(
                                    (bytes, length) -> output.write(bytes, 0, length),
                                    (bytes, length) -> errors.write(bytes, 0, length));
                    return ContainerRun.TerminalRoom.UNKNOWN;
                }

                @Override
                public void runs(RunningContainer running) {
                    assertEquals(MachinePhase.RUNNING, container.status().phase());
                    CompletableFuture<Void> _ = CompletableFuture.runAsync(
                                    () -> {
                                        try {
                                            script.play(running, output);
                                        } catch (Exception e) {
                                            throw new IllegalStateException(e);
                                        }
                                    },
                                    Thread::startVirtualThread)
                            .whenComplete((_, failure) -> {
                                if (failure == null) {
                                    boolean _ = done.complete(null);
                                } else {
                                    boolean _ = done.completeExceptionally(failure);
                                    running.kill();
                                }
                            });
                }
            });
            if (end.hasRun()) {
                Void _ = done.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
            }
            live.ended(end.status(), end.reason());
            return new Ran(end, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
        }
    }

    /** What is done while one runs. */
    private interface Script {
        Script NONE = (_, _) -> {};

        void play(RunningContainer running, ByteArrayOutputStream output) throws Exception;
    }

    private static Specs shell(String script) {
        return Specs.running("sh", "-c", script);
    }

    private static String all(AgentProcess process) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (process.output().read(buffer.clear()) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static void awaitOutput(ByteArrayOutputStream output, String wanted) {
        Await.until(() -> output.toString(StandardCharsets.UTF_8).contains(wanted));
    }

    @Test
    void whatItWritesComesApartAndIsLoggedAndItsStatusIsItsOwn() throws Exception {
        MachineEntry container = made(true);
        Ran ran = run(
                container,
                shell("echo out; echo err >&2; hostname; cat /etc/hostname; dd if=/dev/zero bs=64k count=128"
                        + " 2>/dev/null | tr '\\0' x; exit 7"),
                Script.NONE);
        assertEquals(7, ran.end.status());
        assertEquals(new ContainerEnd(7, false, "exited", "", true), ran.end);
        String begin = "out\n" + container.id() + "\n" + container.id() + "\n";
        assertEquals(begin + "x".repeat(128 << 16), ran.output, "not a byte is lost");
        assertEquals("err\n", ran.errors);
        List<OutputRecord> records = new ArrayList<>();
        try (OutputLogReader log = OutputLogReader.open(container.outputLog())) {
            boolean _ = log.read(records::add);
        }
        assertEquals(
                ran.output.length(),
                records.stream()
                        .filter(record -> record.kind() == OutputKind.STDOUT)
                        .mapToInt(record -> record.bytes().length)
                        .sum());
        assertEquals(
                List.of("err\n"),
                records.stream()
                        .filter(record -> record.kind() == OutputKind.STDERR)
                        .map(record -> new String(record.bytes(), StandardCharsets.UTF_8))
                        .toList());
        assertEquals(7, container.status().exitStatus());
        assertTrue(SparseFile.dataBytes(container.writableDisk()) < 5 << 20, "a container takes little of the disk");
    }

    @Test
    void itsProcessesAreAskedAndItIsPausedAndEndsByASignal() throws Exception {
        MachineEntry container = made(true);
        Ran ran = run(
                container,
                shell("trap 'echo term; exit 3' TERM; trap 'echo usr1' USR1; echo up; read line; echo got $line;"
                                + " while :; do sleep 0.1; done")
                        .interactive(),
                (running, output) -> {
                    awaitOutput(output, "up\n");
                    int _ = running.first().input().write(ByteBuffer.wrap("words\n".getBytes(StandardCharsets.UTF_8)));
                    awaitOutput(output, "got words\n");
                    AgentProcess further =
                            running.exec(Specs.process("sh", "-c", "echo $PPID; cat /proc/1/comm"), 0, 0);
                    assertEquals("0\nsh\n", all(further));
                    assertEquals(
                            0,
                            further.exit()
                                    .get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS)
                                    .status());
                    further.acknowledge();
                    assertTrue(running.statistics().getOrDefault("memory.current", 0L) > 0);
                    running.machine().pause();
                    assertEquals(MachinePhase.PAUSED, container.status().phase());
                    Fault paused = assertThrows(Fault.class, () -> running.signal(HostConstants.SIGTERM));
                    assertEquals("container box is paused; to let it go on: javisor resume box", paused.getMessage());
                    running.machine().resume();
                    running.signal(10); // SIGUSR1
                    awaitOutput(output, "usr1\n");
                    running.signal(HostConstants.SIGTERM);
                });
        assertEquals(3, ran.end.status());
        assertTrue(ran.output.endsWith("term\n"), ran.output);
    }

    @Test
    void whatWasSyncedBeforeItsMachineWentIsThereAfterwards() throws Exception {
        MachineEntry container = made(false);
        Ran first = run(
                container,
                shell("trap '' TERM; echo kept > /kept; sync /kept; echo synced; while :; do sleep 0.1; done"),
                (running, output) -> {
                    awaitOutput(output, "synced\n");
                    running.machine().powerOff(); // nothing is written back
                });
        assertEquals(ContainerEnd.FAILED, first.end.status());
        assertTrue(
                first.end.message().startsWith("the container's machine ended before its process: it was switched off"),
                first.end.message());
        Ran second =
                run(container, shell("cat /kept; trap '' TERM; while :; do sleep 0.1; done"), (running, output) -> {
                    awaitOutput(output, "kept\n");
                    running.kill();
                });
        assertEquals(new ContainerEnd(137, false, "ended by signal 9", "", true), second.end);
    }

    @Test
    void whatCantBeRunIsSaidWithDockersStatus() throws Exception {
        Ran ran = run(made(true), Specs.running("no-such-program").readOnly(), Script.NONE);
        assertEquals(127, ran.end.status());
        assertFalse(ran.end.hasRun());
        assertEquals("exec: \"no-such-program\": executable file not found in $PATH", ran.end.message());
        assertFalse(Files.exists(Objects.requireNonNull(entry).writableDisk()), "nothing can be written");
    }
}
