package io.javisor.machine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.Lifecycle;
import io.javisor.machine.Machine;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.CloudInitConfig;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DebugConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.GdbConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.StitchedDiskConfig;
import io.javisor.machine.config.TraceConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A dry run refuses what a run would, and neither leaves nor disturbs anything. */
class DryRunTest {
    private static final byte[] USER_DATA = "#cloud-config\n{}\n".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path directory = Path.of("");

    private Path kernel = directory;

    @BeforeEach
    void makeKernel() throws IOException {
        kernel = CodeKernel.writeTo(directory, 0xEB, 0xFE); // jmp to itself
    }

    private MachineConfig config(Consumer<MachineConfig.Builder> change) {
        MachineConfig.Builder builder =
                MachineConfig.builder(kernel).memoryBytes(16 << 20).serial(List.of(new SerialSink.Null()));
        change.accept(builder);
        return builder.build();
    }

    private static String refusal(Runnable run) {
        String message =
                String.valueOf(assertThrows(ConfigException.class, run::run).getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    /** Both say the same. */
    private void refused(String reason, Consumer<MachineConfig.Builder> change) throws IOException {
        MachineConfig config = config(change.andThen(builder -> builder.accel(Accel.SOFTWARE)));
        Map<Path, String> before = files();
        String message = refusal(() -> MachinePlan.dryRun(config));
        assertEquals(before, files());
        assertTrue(message.contains(reason), message);
        assertEquals(
                message,
                refusal(() -> Machine.create(config, new Console(0, 1, ConsoleInputFilter.NONE))
                        .close()));
    }

    /** What there is, with what tells whether it was changed. */
    private Map<Path, String> files() throws IOException {
        Map<Path, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.toList()) {
                all.put(
                        path,
                        Files.readAttributes(path, "unix:ino,size,ctime", LinkOption.NOFOLLOW_LINKS)
                                .toString());
            }
        }
        return all;
    }

    @Test
    void everyFileIsOpened() throws IOException {
        Path none = directory.resolve("none");
        refused("kernel " + none + " does not exist", builder -> builder.boot(KernelBoot.of(none)));
        refused("initrd " + none + " does not exist", builder -> builder.initrd(none));
        refused("disk " + none + " does not exist", builder -> builder.add(DiskConfig.of(none)));
        Path image = Files.write(directory.resolve("a.img"), new byte[4096]);
        refused(
                "image file " + none + " does not exist",
                builder -> builder.add(new StitchedDiskConfig(List.of(image, none), "")));
        Path qcow2 = Files.write(directory.resolve("b.img"), new byte[] {'Q', 'F', 'I', (byte) 0xFB, 0, 0, 0, 3});
        refused(
                "disk " + qcow2 + " is a qcow2 image",
                builder -> builder.add(DiskConfig.of(image)).add(DiskConfig.of(qcow2)));
        refused("cloud-init user-data " + none + " does not exist", builder -> builder.add(new CloudInitConfig(none)));
        refused(
                "cloud-init user-data " + directory + " is a directory",
                builder -> builder.add(new CloudInitConfig(directory)));
        Path words = Files.writeString(directory.resolve("words"), "no user-data\n");
        refused("user-data", builder -> builder.add(new CloudInitConfig(words)));
    }

    @Test
    void everyPlaceIsLookedAt() throws IOException {
        Path nowhere = directory.resolve("none/file");
        refused(
                "serial file " + nowhere + " can't be made: its directory does not exist",
                builder -> builder.serial(List.of(new SerialSink.ToFile(nowhere))));
        refused(
                "serial file " + directory + " is a directory",
                builder -> builder.serial(List.of(new SerialSink.ToFile(directory))));
        refused(
                "serial socket " + nowhere + " can't be made: there is no directory",
                builder -> builder.serial(List.of(new SerialSink.Null(), new SerialSink.Socket(nowhere))));
        refused(
                "serial socket " + kernel + " exists and is not a socket",
                builder -> builder.serial(List.of(new SerialSink.Socket(kernel))));
        refused(
                "gdb socket " + kernel + " exists and is not a socket",
                builder -> builder.debug(debug -> debug.withGdb(GdbConfig.parse("unix:" + kernel))));
        refused(
                "trace " + nowhere + " can't be made: its directory does not exist",
                builder -> builder.debug(debug -> debug.withTrace(TraceConfig.parse(nowhere.toString()))));
        Path socket = directory.resolve("s");
        try (Fd _ = UnixSocket.listen(socket.toString(), 0600)) {
            refused(
                    "serial socket " + socket + " is in use by a process that runs",
                    builder -> builder.serial(List.of(new SerialSink.Socket(socket))));
            refused(
                    "trace " + socket + " is a FIFO that nobody reads, or a socket",
                    builder -> builder.debug(debug -> debug.withTrace(TraceConfig.parse(socket.toString()))));
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int port = taken.getLocalPort();
            refused(
                    "gdb can't listen on port " + port,
                    builder -> builder.debug(debug -> debug.withGdb(GdbConfig.parse("tcp:" + port))));
            refused(
                    "network: port " + port + " (tcp) of 127.0.0.1 can't be published",
                    builder -> builder.add(NetConfig.parse("user,publish=127.0.0.1:" + port + ":80")));
        }
    }

    /** Of files what a run would empty stays, of sockets what it would remove; a FIFO's reader sees no end. */
    @Test
    void nothingIsLeftBehindOrChanged() throws Exception {
        Path image = Files.write(directory.resolve("a.img"), new byte[4096]);
        Path old = Files.writeString(directory.resolve("old"), "of an earlier run");
        Path stale = directory.resolve("stale");
        UnixSocket.listen(stale.toString(), 0600).close();
        Path userData = Files.write(directory.resolve("user-data"), USER_DATA);
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        MachineConfig config = config(builder -> builder.accel(Accel.SOFTWARE)
                .serial(List.of(
                        new SerialSink.ToFile(directory.resolve("new")),
                        new SerialSink.ToFile(old),
                        new SerialSink.Socket(directory.resolve("new.sock")),
                        new SerialSink.Socket(stale)))
                .add(DiskConfig.of(image))
                .add(new CloudInitConfig(userData))
                .debug(_ -> new DebugConfig(
                        TraceConfig.parse(fifo.toString()), GdbConfig.parse("unix:" + directory.resolve("gdb.sock")))));
        Map<Path, String> before = files();
        try (Fd reader = Fd.own(
                        "fifo", Libc.open(fifo.toString(), HostConstants.O_RDONLY | HostConstants.O_NONBLOCK, 0));
                Fd writer = Fd.own("fifo", Libc.open(fifo.toString(), HostConstants.O_WRONLY, 0));
                Arena arena = Arena.ofConfined()) {
            MachinePlan plan = MachinePlan.dryRun(config);
            assertTrue(
                    plan.devices().stream().anyMatch(device -> device.id().equals("disk1")),
                    () -> plan.devices().toString());
            assertEquals(
                    -Errno.EAGAIN, Libc.read(reader.value(), arena.allocate(1).address(), 1));
            assertFalse(writer.toString().contains("closed"));
        }
        assertEquals(before, files());
    }

    /** All that it has is in use, and it does not learn that somebody asked. */
    @MachineTest
    @Timeout(60)
    void besideARunningMachineNothingIsDisturbed(EngineProvider engine) throws Exception {
        Path image = Files.write(directory.resolve("a.img"), new byte[4096]);
        MachineConfig running = config(builder -> builder.accel(Accel.parse(engine.name()))
                .serial(List.of(new SerialSink.Socket(directory.resolve("com1.sock"))))
                .debug(debug -> debug.withGdb(GdbConfig.parse("unix:" + directory.resolve("gdb.sock"))))
                .add(DiskConfig.parse(image + ",readonly")));
        MachineConfig other = config(builder -> builder.add(DiskConfig.parse(image + ",readonly")));
        MachineConfig writer = config(builder -> builder.add(DiskConfig.of(image)));
        MachineConfig debugged = config(builder -> builder.debug(_ -> running.debug()));
        try (Machine machine = Machine.create(running, new Console(0, 1, ConsoleInputFilter.NONE))) {
            machine.start();
            MachinePlan _ = MachinePlan.dryRun(other);
            assertTrue(refusal(() -> MachinePlan.dryRun(writer)).contains("is in use by another machine"));
            assertTrue(refusal(() -> MachinePlan.dryRun(debugged)).contains("is in use by a process that runs"));
            assertTrue(refusal(() -> MachinePlan.dryRun(running)).contains("is in use by a process that runs"));
            assertEquals(Lifecycle.RUNNING, machine.state());
        }
    }
}
