package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.UnixSocket;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.devices.backend.LoopHostEvents;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.net.MacAddress;
import io.javisor.devices.virtio.net.NetBackend;
import io.javisor.devices.virtio.net.NetCounters;
import io.javisor.devices.virtio.net.NetDevice;
import io.javisor.devices.virtio.net.NetDeviceConfig;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.NetConfig;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import io.javisor.testkit.host.NetNamespace;
import io.javisor.testkit.junit.TapTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A real passt in a network namespace of the test's, a network device on it, and a driver that plays a guest: nothing leaves the namespace, whose default
 * route leads nowhere.
 */
@TapTest
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UserNetworkTest {
    private static final byte[] MAC = {2, 0, 0, 0, 0, 9};
    private static final int HEADER = 12;
    private static final int QUEUE_SIZE = 64;
    private static final int BUFFER_SIZE = 1526;
    private static final int MEMORY_SIZE = 1 << 20;
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    @TempDir
    private Path scripts = Path.of("");

    private final NetNamespace namespace;
    private final Set<String> directoriesBefore = directories();
    private final List<AutoCloseable> opened = new ArrayList<>();

    UserNetworkTest() throws Exception {
        namespace = NetNamespace.create();
        try {
            namespace.run("ip", "link", "set", "lo", "up");
            namespace.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
            namespace.run("ip", "link", "set", "v0", "up");
            namespace.run("ip", "link", "set", "v1", "up");
            namespace.run("ip", "addr", "add", "10.77.0.5/24", "dev", "v0");
            namespace.run("ip", "addr", "add", "10.88.0.1/32", "dev", "lo");
            namespace.run("ip", "route", "add", "default", "via", "10.77.0.1");
        } catch (Exception | Error e) {
            namespace.close();
            throw e;
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        namespace.close();
        assertEquals(directoriesBefore, directories());
    }

    private static Set<String> directories() {
        try (Stream<Path> all = Files.list(Path.of("/tmp"))) {
            return all.map(Path::toString)
                    .filter(path -> path.contains("javisor-passt-"))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private PasstProcess passt(String config) throws Exception {
        return passt("passt", config);
    }

    private PasstProcess passt(String program, String config) throws Exception {
        return passt(program, config, new HostNameServers(List.of("10.77.0.2"), List.of()));
    }

    /** What a dry run is told of it. */
    private String checked(String program, String config) {
        NetConfig.User user = (NetConfig.User) NetConfig.parse(config).attachment();
        HostNameServers servers = new HostNameServers(List.of("10.77.0.2"), List.of());
        return String.valueOf(assertThrows(
                        ConfigException.class,
                        () -> namespace.call(() -> {
                            PasstProcess.check(program, user, servers);
                            return "fine";
                        }))
                .getMessage());
    }

    private PasstProcess passt(String program, String config, HostNameServers servers) throws Exception {
        NetConfig.User user = (NetConfig.User) NetConfig.parse(config).attachment();
        return namespace.call(() -> PasstProcess.start(program, user, servers));
    }

    /** A line that nobody watches: the driver polls. */
    private static final class NoLine implements InterruptLine {
        @Override
        public void raise() {}

        @Override
        public void lower() {}

        @Override
        public void pulse() {}
    }

    /** A guest on passt. */
    private final class Guest {
        final EventLoop loop = add(EventLoop.start("test/io-loop"));
        final WorkerPool workers = add(new WorkerPool("test/worker", 1, 2));
        final GuestMemory memory =
                add(GuestMemory.allocate(List.of(new GpaRange(0, MEMORY_SIZE)), MemoryBackingConfig.DEFAULT));
        final NetCounters counters = new NetCounters(1);
        final NetDevice device;
        final VirtioDriver driver;
        final TinyTcp host = new TinyTcp(MAC);
        private final DriverQueue rx;
        private final DriverQueue tx;
        private final long txGpa;
        private final long[] gpas = new long[QUEUE_SIZE];

        Guest(PasstProcess passt) throws Exception {
            LoopHostEvents events = new LoopHostEvents(loop, workers);
            NetBackend backend = new NetEnd.User(NetConfig.parse("user"), passt).newBackend("net0", events);
            opened.add(backend);
            device = new NetDevice(
                    "net0", new NetDeviceConfig(MacAddress.parse("02:00:00:00:00:09"), 0), backend, events, counters);
            VirtioMmioTransport transport =
                    new VirtioMmioTransport(device, memory, loop, new NoLine(), new VirtioCounters(3));
            opened.add(() -> {
                assertTrue(transport.function().reset(WAIT_NANOS));
                onLoop(() -> {
                    device.close();
                    return 0;
                });
            });
            driver = new VirtioDriver(transport, memory, 0x1000);
            long _ = driver.initialize(-1);
            rx = driver.setUpQueue(0, QUEUE_SIZE);
            tx = driver.setUpQueue(1, QUEUE_SIZE);
            for (int i = 0; i < QUEUE_SIZE; i++) {
                post(driver.allocate(BUFFER_SIZE, 8));
            }
            txGpa = driver.allocate(4096, 8);
            driver.driverOk();
            boolean _ = rx.kick();
        }

        private <T extends AutoCloseable> T add(T resource) {
            opened.add(resource);
            return resource;
        }

        <T> T onLoop(Callable<T> task) throws Exception {
            FutureTask<T> future = new FutureTask<>(task);
            loop.execute(future);
            return future.get(20, TimeUnit.SECONDS);
        }

        private void post(long gpa) {
            rx.begin();
            rx.writable(gpa, BUFFER_SIZE);
            gpas[rx.commit()] = gpa;
        }

        void send(byte[] frame) {
            await("a sent frame to come back", () -> tx.inFlight() == 0 || tx.poll() >= 0);
            memory.fill(txGpa, HEADER, (byte) 0);
            memory.copyIn(frame, 0, txGpa + HEADER, frame.length);
            tx.begin();
            tx.readable(txGpa, HEADER + frame.length);
            assertTrue(tx.commit() >= 0);
            boolean _ = tx.kick();
        }

        byte @Nullable [] receive() {
            int head = rx.poll();
            if (head < 0) {
                return null;
            }
            byte[] frame = new byte[rx.usedLength() - HEADER];
            memory.copyOut(gpas[head] + HEADER, frame, 0, frame.length);
            post(gpas[head]);
            boolean _ = rx.kick();
            return frame;
        }

        /** Answers what comes, until it is so. */
        void serve(String what, BooleanSupplier until) {
            await(what, () -> {
                byte[] frame = receive();
                if (frame != null) {
                    byte[] answer = host.answer(frame);
                    if (answer != null) {
                        send(answer);
                    }
                }
                return until.getAsBoolean();
            });
        }

        void getAddress() {
            send(host.discover());
            serve("a DHCP offer", () -> !Arrays.equals(new byte[4], host.address()));
        }
    }

    private static void await(String what, BooleanSupplier until) {
        long end = System.nanoTime() + WAIT_NANOS;
        while (!until.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "waited in vain for " + what);
            Thread.onSpinWait();
        }
    }

    private Guest guest(PasstProcess passt) throws Exception {
        opened.add(passt);
        return new Guest(passt);
    }

    @Test
    void aGuestGetsAnAddressByDhcp() throws Exception {
        Guest guest = guest(passt("user"));
        guest.getAddress();
        assertArrayEquals(new byte[] {10, 77, 0, 5}, guest.host.address());
        assertArrayEquals(new byte[] {10, 77, 0, 1}, guest.host.option(3), "the gateway");
        assertArrayEquals(new byte[] {-1, -1, -1, 0}, guest.host.option(1), "the netmask");
        assertTrue(guest.host.option(6) != null, "a name server");
        assertEquals(1, guest.counters.sent(0).frames());
        assertTrue(guest.counters.received(0).frames() >= 1);
    }

    @ParameterizedTest
    @CsvSource({"user, false", "'user,host-loopback=on', true"})
    void theHostsLoopbackIsReachedOnlyWhereThatIsAskedFor(String config, boolean reached) throws Exception {
        Guest guest = guest(passt(config));
        guest.getAddress();
        try (ServerSocket loopback = namespace.call(() -> new ServerSocket(5000, 8, InetAddress.getLoopbackAddress()));
                ServerSocket elsewhere =
                        namespace.call(() -> new ServerSocket(5001, 8, InetAddress.getByName("10.88.0.1")))) {
            int port = 40_000;
            // By the gateway's address, and as only a hostile guest's frames have them.
            for (byte[] target : List.of(new byte[] {10, 77, 0, 1}, new byte[] {127, 0, 0, 1}, new byte[4])) {
                guest.send(guest.host.syn(target, port++, 5000));
            }
            guest.send(guest.host.syn(new byte[] {10, 88, 0, 1}, port, 5001));
            elsewhere.setSoTimeout(20_000);
            elsewhere.accept().close(); // passt connects in the order of the frames
            loopback.setSoTimeout(reached ? 20_000 : 1000);
            if (reached) {
                loopback.accept().close();
            } else {
                assertThrows(
                        SocketTimeoutException.class, () -> loopback.accept().close());
                assertEquals(2, guest.counters.sent(0).drops());
            }
        }
    }

    @Test
    void aNameServerOnTheHostsLoopbackIsReplacedByThoseBehindIt() throws Exception {
        Guest guest = guest(
                passt("passt", "user", new HostNameServers(List.of("127.0.0.53"), List.of("10.77.0.3", "10.77.0.4"))));
        guest.getAddress();
        assertArrayEquals(new byte[] {10, 77, 0, 3, 10, 77, 0, 4}, guest.host.option(6));
    }

    @Test
    void aPublishedPortLeadsIntoTheGuest() throws Exception {
        Guest guest = guest(passt("user,publish=127.0.0.1:8080:80,publish=8081:81"));
        guest.getAddress();
        for (int port : new int[] {8080, 8081}) {
            int before = guest.host.echoedBytes();
            byte[] text = ("hello on " + port).getBytes(StandardCharsets.US_ASCII);
            try (Socket socket = namespace.call(() -> new Socket())) {
                namespace.call(() -> {
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5000);
                    socket.getOutputStream().write(text);
                    return 0;
                });
                guest.serve("a connection's bytes", () -> guest.host.echoedBytes() == before + text.length);
                socket.setSoTimeout(10_000);
                assertArrayEquals(text, socket.getInputStream().readNBytes(text.length));
            }
        }
        assertEquals(2, guest.host.accepted());
    }

    @Test
    void whenPasstDiesTheLinkGoesDownAndTheGuestLivesOn() throws Exception {
        PasstProcess passt = passt("user");
        Guest guest = guest(passt);
        guest.getAddress();
        assertTrue(guest.device.isLinkUp());
        assertTrue(passt.handle().destroyForcibly());
        await("the link to go down", () -> !guest.device.isLinkUp());
        assertEquals(0, guest.driver.readConfig(6, 2));
        for (int i = 0; i < 100; i++) {
            guest.send(guest.host.discover());
        }
        await("the frames", () -> guest.counters.sent(0).drops() >= 99);
        assertEquals(1, guest.counters.linkChanges());
        assertEquals(1, guest.counters.backendErrors());
    }

    @Test
    void passtEndsWithItsConnectionAndLeavesNothing() throws Exception {
        PasstProcess passt = passt("user");
        assertEquals(directoriesBefore, directories(), "its directory is gone as soon as it is connected");
        ProcessHandle process = passt.handle();
        assertTrue(process.isAlive());
        passt.socket().close(); // as the kernel does when this process is killed
        assertFalse(process.onExit().get(10, TimeUnit.SECONDS).isAlive());
        passt.close();
    }

    @Test
    void withoutPasstThereIsOneLine() {
        ConfigException e = assertThrows(ConfigException.class, () -> passt("no-such-passt", "user"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("network: passt is not installed; run: sudo apt-get install passt"), message);
        assertEquals(1, message.lines().count());
        assertEquals(message, checked("no-such-passt", "user"));
    }

    @ParameterizedTest
    @CsvSource({
        "publish=8080:80, port 8080 (tcp) of this host",
        "publish=127.0.0.1:8080:80, port 8080 (tcp) of 127.0.0.1",
        "publish=5353:53/udp, port 5353 (udp) of this host"
    })
    void aPortThatIsBusyIsNamed(String option, String port) throws Exception {
        List<AutoCloseable> others = namespace.call(() -> List.of(
                new ServerSocket(8080, 1, InetAddress.ofLiteral("127.0.0.1")),
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 5353))));
        try {
            ConfigException e = assertThrows(ConfigException.class, () -> passt("user," + option));
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("network: " + port + " can't be published: Address already in use"), message);
            assertTrue(
                    message.endsWith(
                            "; choose another, publish=[ADDRESS:]HOSTPORT:GUESTPORT[/tcp|udp], or end what has it"),
                    message);
            assertEquals(message, checked("passt", "user," + option));
        } finally {
            for (AutoCloseable other : others) {
                other.close();
            }
        }
    }

    @Test
    void anAddressThatIsNotTheHostsIsNamed() {
        ConfigException e = assertThrows(ConfigException.class, () -> passt("user,publish=10.9.9.9:8080:80"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("network: port 8080 (tcp) of 10.9.9.9 can't be published: "), message);
    }

    @Test
    void whatPasstRefusesIsSaidInItsWords() {
        ConfigException e = assertThrows(ConfigException.class, () -> passt("user,publish=8080:80,publish=8080:81"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("network: passt ends at once, with status 1: "), message);
    }

    private Path program(String lines) throws IOException {
        Path program = Files.writeString(scripts.resolve("passt"), "#!/bin/sh\n" + lines);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return program;
    }

    /** What another user's processes could change is a directory with nothing in it. */
    @Test
    void rootGivesAnEmptyDirectoryAway() throws Exception {
        Path program = program("""
            while [ "$1" != --socket ]; do shift; done
            own=$(dirname "$2"); outer=$(dirname "$own")
            echo "$(stat -c %U:%a "$own") '$(ls -A "$own")' $(stat -c %U:%a "$outer") '$(ls -A "$outer")'"
            exit 1
            """);
        ConfigException e =
                assertThrows(ConfigException.class, () -> passt(program.toString(), "user,host-loopback=on"));
        assertEquals("network: passt ends at once, with status 1: nobody:700 '' root:711 'own'", e.getMessage());
    }

    @Test
    void ofAFloodOfWordsTheLastAreKept() throws Exception {
        Path program = program("yes 'word after word' | head -c 1000000; echo; echo the end; exit 1");
        ConfigException e =
                assertThrows(ConfigException.class, () -> passt(program.toString(), "user,host-loopback=on"));
        assertEquals("network: passt ends at once, with status 1: the end", e.getMessage());
        PasstLog log = new PasstLog(new ByteArrayInputStream(new byte[1_000_000]));
        String _ = log.lastWords(true);
        assertTrue(log.text().length() <= PasstLog.MAX_BYTES);
    }

    @Test
    void anothersSocketInItsPlaceIsRefused() throws Exception {
        Process passt = new ProcessBuilder("sleep", "60").start();
        Path path = scripts.resolve("socket");
        try (Fd _ = UnixSocket.listen(path.toString(), 0600)) {
            PasstLog log = new PasstLog(passt.getInputStream());
            ConfigException e = assertThrows(ConfigException.class, () -> PasstProcess.awaitSocket(passt, path, log));
            assertEquals(
                    "network: not passt but process " + ProcessHandle.current().pid() + " listens on passt's socket",
                    e.getMessage());
        } finally {
            passt.destroyForcibly();
        }
    }

    @Test
    void aProgramThatIsNoPasstIsNotWaitedFor() {
        ConfigException e = assertThrows(ConfigException.class, () -> passt("true", "user,host-loopback=on"));
        assertEquals("network: passt ends at once, with status 0: nothing", e.getMessage());
    }
}
