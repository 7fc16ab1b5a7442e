package io.javisor.machine.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.Lifecycle;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.machine.host.SerialEnd;
import io.javisor.machine.plan.DevicePlacement;
import io.javisor.machine.plan.MachinePlan;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SerialPortsTest {
    /** Writes A to COM1, B to COM2, C to COM3 and D to COM4, then exits with what comes on COM2. */
    private static final int[] FOUR_PORTS = {
        0x66, 0xBA, 0xF8, 0x03, 0xB0, 'A', 0xEE, //       mov dx, 0x3f8; mov al, 'A'; out dx, al
        0x66, 0xBA, 0xF8, 0x02, 0xB0, 'B', 0xEE, //
        0x66, 0xBA, 0xE8, 0x03, 0xB0, 'C', 0xEE, //
        0x66, 0xBA, 0xE8, 0x02, 0xB0, 'D', 0xEE, //
        0x66, 0xBA, 0xFD, 0x02, //                        mov dx, 0x2fd: the line status
        0xEC, //                                    wait: in al, dx
        0xA8, 0x01, //                                    test al, 1: data ready
        0x74, 0xFB, //                                    jz wait
        0x66, 0xBA, 0xF8, 0x02, //                        mov dx, 0x2f8
        0xEC, //                                          in al, dx
        0xE6, 0xF4, //                                    out 0xf4, al
        0xF4, //                                          hlt
    };

    @TempDir
    private Path directory = Path.of("");

    private MachineConfig config(EngineProvider engine, String sinks) throws IOException {
        return config(sinks).toBuilder().accel(Accel.parse(engine.name())).build();
    }

    private MachineConfig config(String sinks) throws IOException {
        return MachineConfig.builder(CodeKernel.writeTo(directory, FOUR_PORTS))
                .memoryBytes(16 << 20)
                .serial(Stream.of(sinks.strip().split(" +"))
                        .map(sink -> SerialSink.parse(sink.replace("DIR", directory.toString())))
                        .toList())
                .build();
    }

    private static Fd open(Path path, int flags) {
        return Fd.own(path.toString(), Libc.open(path.toString(), flags | HostConstants.O_NOCTTY, 0600));
    }

    @MachineTest
    @Timeout(60)
    void aGuestUsesFourPortsOfFourKinds(EngineProvider engine) throws Exception {
        Files.writeString(directory.resolve("log"), "of an earlier run");
        MachineConfig config = config(engine, "stdio socket:DIR/com2.sock pty file:DIR/log");
        Path socket = directory.resolve("com2.sock");
        try (Fd in = open(Path.of("/dev/null"), HostConstants.O_RDONLY);
                Fd out = open(directory.resolve("out"), HostConstants.O_WRONLY | HostConstants.O_CREAT);
                Machine machine =
                        Machine.create(config, new Console(in.value(), out.value(), ConsoleInputFilter.NONE));
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            List<SerialPortStatus> ports = machine.serialPorts();
            assertEquals(
                    List.of("com1", "com2", "com3", "com4"),
                    ports.stream().map(SerialPortStatus::id).toList());
            try (Fd terminal = open(Path.of(Objects.requireNonNull(ports.get(2).terminal())), HostConstants.O_RDWR)) {
                machine.start();
                assertEquals('C', readByte(terminal));
            }
            assertTrue(client.connect(UnixDomainSocketAddress.of(socket)));
            ByteBuffer scrollback = ByteBuffer.allocate(1);
            assertEquals(1, client.read(scrollback));
            assertEquals('B', scrollback.get(0));
            assertEquals(1, client.write(ByteBuffer.wrap(new byte[] {42})));
            assertEquals(new Outcome.DebugExit(42), machine.await());
            assertEquals("A", Files.readString(directory.resolve("out")));
            assertEquals("D", Files.readString(directory.resolve("log")));
            for (SerialPortStatus port : machine.serialPorts()) {
                assertEquals(1, port.counters().writtenBytes(), port::toString);
                assertEquals(0, port.counters().lostBytes(), port::toString);
            }
            assertEquals(1, machine.serialPorts().get(1).counters().readBytes());
        }
        assertFalse(Files.exists(socket));
    }

    /** COM1 on standard output, in a log and on a socket; COM2, which the guest waits for, on a socket. */
    @MachineTest
    @Timeout(60)
    void aPortWithSeveralEndsGoesOnWithoutStandardOutput(EngineProvider engine) throws Exception {
        SerialSink com1 = new SerialSink.Shared(List.of(
                new SerialSink.Stdio(),
                new SerialSink.Log(directory.resolve("log")),
                new SerialSink.Socket(directory.resolve("com1.sock"))));
        SerialSink com2 = new SerialSink.Socket(directory.resolve("com2.sock"));
        MachineConfig config = config(engine, "stdio").toBuilder()
                .serial(List.of(com1, com2, new SerialSink.Null(), new SerialSink.Null()))
                .build();
        try (Fd in = open(Path.of("/dev/null"), HostConstants.O_RDONLY);
                Fd out = open(directory.resolve("out"), HostConstants.O_WRONLY | HostConstants.O_CREAT);
                Machine machine =
                        Machine.create(config, new Console(in.value(), out.value(), ConsoleInputFilter.NONE));
                SocketChannel first = SocketChannel.open(StandardProtocolFamily.UNIX);
                SocketChannel second = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            List<Lifecycle> states = new CopyOnWriteArrayList<>();
            machine.onStateChange(states::add);
            machine.start();
            assertTrue(first.connect(UnixDomainSocketAddress.of(directory.resolve("com1.sock"))));
            ByteBuffer scrollback = ByteBuffer.allocate(1);
            assertEquals(1, first.read(scrollback));
            assertEquals('A', scrollback.get(0));
            assertTrue(machine.leaveStandard());
            assertEquals("A", Files.readString(directory.resolve("out")));
            machine.pause();
            machine.resume();
            assertTrue(second.connect(UnixDomainSocketAddress.of(directory.resolve("com2.sock"))));
            assertEquals(1, second.write(ByteBuffer.wrap(new byte[] {42})));
            assertEquals(new Outcome.DebugExit(42), machine.await());
            assertEquals("A", Files.readString(directory.resolve("log")));
            assertEquals(1, machine.serialPorts().getFirst().counters().writtenBytes());
            assertEquals(List.of(Lifecycle.RUNNING, Lifecycle.PAUSED, Lifecycle.RUNNING, Lifecycle.STOPPED), states);
        }
        assertFalse(Files.exists(directory.resolve("com1.sock")));
    }

    @MachineTest
    @Timeout(60)
    void standardOutputAloneIsNotLeft(EngineProvider engine) throws Exception {
        try (Machine machine = Machine.create(config(engine, "stdio null"), Console.standard())) {
            assertFalse(machine.leaveStandard());
        }
    }

    @MachineTest
    @Timeout(60)
    void whatCannotBeOpenedLeavesNothingBehind(EngineProvider engine) throws IOException {
        Files.writeString(directory.resolve("log"), "of an earlier run");
        MachineConfig config = config(engine, "socket:DIR/a.sock file:DIR/log pty file:DIR/none/log");
        ConfigException refusal = assertThrows(ConfigException.class, () -> Machine.create(config, Console.standard()));
        assertTrue(refusal.toString().contains("its directory does not exist"), refusal::toString);
        assertFalse(Files.exists(directory.resolve("a.sock")));
        assertEquals("of an earlier run", Files.readString(directory.resolve("log")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DIR                          | is a directory",
                "DIR/none/log                 | its directory does not exist",
                "/proc/sys/kernel/osrelease   | permission denied",
                "DIR/fifo                     | a FIFO that nobody reads",
            })
    void filesThatCannotBeWrittenAreRefused(String file, String reason) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", directory.resolve("fifo").toString())
                        .start()
                        .waitFor());
        SerialSink sink = SerialSink.parse("file:" + file.strip().replace("DIR", directory.toString()));
        ConfigException refusal = assertThrows(ConfigException.class, () -> SerialEnd.open(sink));
        assertTrue(refusal.toString().contains(reason), refusal::toString);
        assertEquals(1, refusal.toString().lines().count());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stdio                | com1                  | ''",
                "null pty             | com1 com2             | 8250.nr_uarts=2",
                "null null null null  | com1 com2 com3 com4   | 8250.nr_uarts=4",
            })
    void thePlanHasOnePortForEachSink(String sinks, String ids, String parameter) throws IOException {
        MachinePlan plan = MachinePlan.dryRun(config(sinks));
        List<DevicePlacement> ports = plan.devices().stream()
                .filter(device -> device.id().startsWith("com"))
                .toList();
        assertEquals(
                List.of(ids.split(" ")), ports.stream().map(DevicePlacement::id).toList());
        assertTrue(ports.getLast()
                .description()
                .endsWith(": " + plan.config().serial().getLast()));
        assertEquals(!parameter.isEmpty(), plan.commandLine().contains("8250.nr_uarts="), plan::commandLine);
        assertTrue(plan.commandLine().contains(parameter), plan::commandLine);
    }

    @Test
    void aParameterOfTheUsersOwnIsLeftAlone() throws IOException {
        MachineConfig own = MachineConfig.builder(CodeKernel.writeTo(directory, FOUR_PORTS))
                .serial(List.of(new SerialSink.Null(), new SerialSink.Null()))
                .commandLine("quiet 8250.nr_uarts=4")
                .build();
        String commandLine = MachinePlan.dryRun(own).commandLine();
        assertTrue(commandLine.contains("nr_uarts=4"), commandLine);
        assertFalse(commandLine.contains("nr_uarts=2"), commandLine);
    }

    private static int readByte(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(1);
            assertEquals(1, Libc.read(fd.value(), buffer.address(), 1));
            return buffer.get(ValueLayout.JAVA_BYTE, 0);
        }
    }
}
