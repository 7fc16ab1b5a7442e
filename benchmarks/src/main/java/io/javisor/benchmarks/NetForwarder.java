package io.javisor.benchmarks;

import io.javisor.core.event.EventFd;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Registration;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.core.net.NetInterfaces;
import io.javisor.devices.backend.LoopHostEvents;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.net.MacAddress;
import io.javisor.devices.virtio.net.NetCounters;
import io.javisor.devices.virtio.net.NetDevice;
import io.javisor.devices.virtio.net.NetDeviceConfig;
import io.javisor.devices.virtio.net.NetProtocol;
import io.javisor.devices.virtio.net.backend.TapBackend;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A card on a tap as a machine wires it, and a driver in place of a guest, which agrees to all that the card offers and sends each frame back to its sender:
 * doorbells come by eventfds on the event loop, interrupts go by writes to one. The driver runs on the loop's thread too, as a C forwarder has one thread.
 */
final class NetForwarder implements AutoCloseable {
    private static final int QUEUE_SIZE = 256;
    /** As Linux' driver has them for frames of an Ethernet. */
    private static final int BUFFER_SIZE = 1536;

    private static final int DESTINATION = NetProtocol.HEADER_SIZE;
    private static final int SOURCE = DESTINATION + MacAddress.SIZE;
    private static final long RESET_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final GuestMemory memory =
            GuestMemory.allocate(List.of(new GpaRange(0, 4 << 20)), MemoryBackingConfig.DEFAULT);
    private final EventLoop loop = EventLoop.start("net/io-loop");
    private final WorkerPool workers = new WorkerPool("net/worker", 1, 4);
    private final EventFd interrupt = EventFd.create("interrupt");
    private final List<EventFd> doorbells =
            List.of(EventFd.create("receive doorbell"), EventFd.create("transmit doorbell"));
    private final List<Registration> registrations;
    private final Fd tap;
    private final TapBackend backend;
    private final NetDevice device;
    private final VirtioMmioTransport transport;
    private final VirtioDriver driver;

    // The loop's, as the driver is.
    private final DriverQueue receive;
    private final DriverQueue transmit;
    private final long[] received = new long[QUEUE_SIZE];
    private final long[] sent = new long[QUEUE_SIZE];

    NetForwarder(String tapName) {
        tap = open(tapName);
        LoopHostEvents events = new LoopHostEvents(loop, workers);
        backend = new TapBackend(tapName, List.of(tap), events);
        NetDeviceConfig config = new NetDeviceConfig(MacAddress.parse("52:54:00:00:00:01"), 1500);
        NetCounters counters = new NetCounters(backend.queuePairs());
        device = onLoop(() -> new NetDevice("net0", config, backend, events, counters));
        transport = new VirtioMmioTransport(device, memory, loop, new Line(), new VirtioCounters(device.queueCount()));
        registrations = List.of(listen(0), listen(1));
        driver = new VirtioDriver(transport, memory, 0x1000);
        driver.doorbellsBy(index -> doorbells.get(index).signal());
        long _ = driver.initialize(~0L);
        receive = driver.setUpQueue(0, QUEUE_SIZE);
        transmit = driver.setUpQueue(1, QUEUE_SIZE);
        transmit.disableInterrupts();
        for (int i = 0; i < QUEUE_SIZE; i++) {
            post(driver.allocate(BUFFER_SIZE, 64));
        }
        driver.driverOk();
        boolean _ = receive.kick();
    }

    private static Fd open(String name) {
        Fd fd = Fd.own(name, Libc.open("/dev/net/tun", HostConstants.O_RDWR | HostConstants.O_NONBLOCK, 0));
        try (NetInterfaces interfaces = new NetInterfaces()) {
            int _ = Libc.check("TUNSETIFF(" + name + ")", interfaces.openTap(fd.value(), name, false));
        }
        return fd;
    }

    private Registration listen(int queue) {
        EventFd doorbell = doorbells.get(queue);
        return loop.register(doorbell.fd(), HostConstants.EPOLLIN, _ -> {
            long _ = doorbell.drain();
            transport.function().queueNotified(queue);
        });
    }

    private final class Line implements InterruptLine {
        private final Runnable handler = NetForwarder.this::handle;

        @Override
        public void raise() {
            interrupt.signal();
            loop.execute(handler);
        }

        @Override
        public void lower() {}
    }

    /** What a driver's interrupt handler does. */
    private void handle() {
        int _ = driver.takeInterrupt();
        do {
            for (int head = receive.poll(); head >= 0; head = receive.poll()) {
                sendBack(received[head], receive.usedLength());
            }
        } while (receive.enableInterrupts());
        boolean _ = transmit.kick();
        for (int head = transmit.poll(); head >= 0; head = transmit.poll()) {
            post(sent[head]);
        }
        boolean _ = receive.kick();
    }

    private void sendBack(long buffer, int length) {
        // Two bytes of one address with two of the other, three times.
        for (int i = 0; i < MacAddress.SIZE; i += Short.BYTES) {
            short to = memory.getShort(buffer + DESTINATION + i);
            memory.putShort(buffer + DESTINATION + i, memory.getShort(buffer + SOURCE + i));
            memory.putShort(buffer + SOURCE + i, to);
        }
        transmit.begin();
        transmit.readable(buffer, length);
        sent[transmit.commit()] = buffer;
    }

    private void post(long buffer) {
        receive.begin();
        receive.writable(buffer, BUFFER_SIZE);
        received[receive.commit()] = buffer;
    }

    /** CPU time of the loop's thread so far. */
    double cpuNanos() {
        return onLoop(() -> ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }

    private <T> T onLoop(Supplier<T> action) {
        return CompletableFuture.supplyAsync(action, loop).join();
    }

    @Override
    public void close() {
        boolean _ = transport.function().reset(RESET_NANOS);
        boolean _ = onLoop(() -> {
            device.close();
            backend.close();
            registrations.forEach(Registration::close);
            return true;
        });
        loop.close();
        workers.close();
        tap.close();
        doorbells.forEach(EventFd::close);
        interrupt.close();
        memory.close();
    }
}
