package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.HEADER_SIZE;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.net.backend.TapBackend;
import io.javisor.testkit.driver.VirtioDriver;
import io.javisor.testkit.host.SocketPair;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A network device, its transport, memory and driver, all on the test's thread. Its taps are datagram sockets unless a test has better: a frame with its
 * header is a message.
 */
public final class NetBench implements AutoCloseable {
    public static final MacAddress MAC = MacAddress.parse("52:54:00:12:34:56");
    static final long ALL = -1L;
    static final int MEMORY_SIZE = 16 << 20;

    private static final long DRIVER_GPA = 0x1000;
    private static final int BUFFER_SIZE = 70_000;

    final Arena arena = Arena.ofShared();
    final MemorySegment ram = arena.allocate(MEMORY_SIZE, 4096);
    final GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
    final PolledEvents events = new PolledEvents();
    final RecordingTapControl control = new RecordingTapControl();
    final PulseLine line = new PulseLine();
    final MemorySegment io = arena.allocate(BUFFER_SIZE, 8);
    final NetCounters counters;
    final VirtioCounters virtioCounters;
    /** The device's; a test that has it turn leaves it empty. */
    Executor loop = Runnable::run;

    NetDevice device;
    VirtioMmioTransport transport;
    VirtioDriver driver;
    private final NetDeviceConfig config;
    private final List<Fd> near;
    private final List<Fd> far;
    private final Function<PolledEvents, NetBackend> newBackend;
    private NetBackend backend;

    /** Those of the device as it is now: a driver outlives a snapshot. */
    private final BusDevice registers = new BusDevice() {
        @Override
        public long read(long offset, int size) {
            return transport.read(offset, size);
        }

        @Override
        public void write(long offset, int size, long value) {
            transport.write(offset, size, value);
        }
    };

    /** Over as many datagram sockets as there are pairs. */
    NetBench(int pairs) {
        this(Stream.generate(SocketPair::datagram).limit(pairs).toList());
    }

    private NetBench(List<SocketPair> cables) {
        this(
                cables.stream().map(SocketPair::left).toList(),
                cables.stream().map(SocketPair::right).toList(),
                new NetDeviceConfig(MAC, 1500),
                null);
    }

    /**
     * Over any backend.
     *
     * @param near what it uses
     * @param far the other end of each, or one for all
     * @param backend makes it; null for that of a tap which is told nothing
     */
    NetBench(
            List<Fd> near, List<Fd> far, NetDeviceConfig config, @Nullable Function<PolledEvents, NetBackend> backend) {
        this.near = near;
        this.far = far;
        this.config = config;
        this.newBackend = backend == null ? polled -> new TapBackend("tap", near, polled, control) : backend;
        this.backend = newBackend.apply(events);
        counters = new NetCounters(near.size());
        virtioCounters = new VirtioCounters(2 * near.size() + 1);
        device = newDevice();
        transport = newTransport();
        driver = new VirtioDriver(registers, memory, DRIVER_GPA);
    }

    private NetDevice newDevice() {
        return new NetDevice("net0", config, backend, events, counters);
    }

    VirtioMmioTransport newTransport() {
        return new VirtioMmioTransport(device, memory, task -> loop.execute(task), line, virtioCounters, 0);
    }

    /** A new driver, with fresh memory. */
    VirtioDriver newDriver() {
        driver = new VirtioDriver(registers, memory, DRIVER_GPA);
        return driver;
    }

    /** As {@link #replaceDevice}, with a new backend. */
    void replaceBackend() {
        device.close();
        backend.close();
        backend = newBackend.apply(events);
        device = newDevice();
        transport = newTransport();
    }

    /** The device is another from now on, over the same backend. */
    void replaceDevice() {
        device.close();
        device = newDevice();
        transport = newTransport();
    }

    // ---- the driver ----

    /** Brings up what the device offers of {@code features}, with queues of that size, and no buffers yet. */
    Guest start(long features, int queueSize) {
        return new Guest(this, features, queueSize);
    }

    // ---- the cable's other end ----

    /** Sends a message on the far end of a cable; false if it is full. */
    boolean send(int pair, byte[] message) {
        MemorySegment.copy(message, 0, io, ValueLayout.JAVA_BYTE, 0, message.length);
        long result = Libc.write(far(pair).value(), io.address(), message.length);
        if (result == -Errno.EAGAIN) {
            return false;
        }
        if (result != message.length) {
            throw new AssertionError("write: " + result);
        }
        return true;
    }

    /** What came out at the far end, or null. */
    byte @Nullable [] receive(int pair) {
        return receive(far(pair));
    }

    byte @Nullable [] receive(Fd fd) {
        long result = Libc.read(fd.value(), io.address(), BUFFER_SIZE);
        if (result == -Errno.EAGAIN) {
            return null;
        }
        if (result < 0) {
            throw new AssertionError("read: " + Errno.describe((int) -result));
        }
        return io.asSlice(0, result).toArray(ValueLayout.JAVA_BYTE);
    }

    /** What passed the first pair, as the guest's frames. */
    NetQueueCounters sent() {
        return counters.sent(0);
    }

    /** What passed the first pair, as the guest is sent. */
    NetQueueCounters received() {
        return counters.received(0);
    }

    Fd far(int pair) {
        return far.get(pair);
    }

    // ---- frames ----

    /** A header without anything, and a frame of that length to {@link #MAC} whose content is the number's. */
    public static byte[] frame(int number, int length) {
        byte[] message = new byte[HEADER_SIZE + length];
        for (int i = 0; i < 6; i++) {
            message[HEADER_SIZE + i] = (byte) MacAddress.octet(MAC.value(), i);
            message[HEADER_SIZE + 6 + i] = (byte) (i == 0 ? 2 : i);
        }
        message[HEADER_SIZE + 12] = (byte) 0x88; // local experimental EtherType
        message[HEADER_SIZE + 13] = (byte) 0xB5;
        int value = number * 31;
        for (int i = HEADER_SIZE + 14; i < message.length; i++) {
            message[i] = (byte) (value + i * 7 + (i >>> 8));
        }
        if (length >= 18) {
            message[HEADER_SIZE + 14] = (byte) number;
            message[HEADER_SIZE + 15] = (byte) (number >>> 8);
            message[HEADER_SIZE + 16] = (byte) (number >>> 16);
            message[HEADER_SIZE + 17] = (byte) (number >>> 24);
        }
        return message;
    }

    /** Without its header. */
    public static byte[] body(byte[] message) {
        return Arrays.copyOfRange(message, HEADER_SIZE, message.length);
    }

    @Override
    public void close() {
        transport.function().reset(0);
        device.close();
        backend.close();
        if (events.time.open() != 0 || events.open() != 0) {
            throw new AssertionError(events.time.open() + " timers and " + events.open() + " watches left");
        }
        near.forEach(Fd::close);
        far.forEach(Fd::close);
        arena.close();
    }
}
