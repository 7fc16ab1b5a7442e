package io.javisor.machine.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Timers;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.ExposedDevice;
import io.javisor.devices.virtio.QueueDoorbell;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioFunction;
import io.javisor.devices.virtio.mmio.VirtioMmioDevice;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.rng.EntropySource;
import io.javisor.devices.virtio.rng.RngCounters;
import io.javisor.devices.virtio.rng.RngDevice;
import io.javisor.devices.virtio.rng.RngState;
import io.javisor.machine.plan.DevicePlacement;
import io.javisor.testkit.Await;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import io.javisor.testkit.guest.RecordingDevice;
import io.javisor.testkit.guest.RecordingDevice.Access;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;

/** Binding by a transport that rings elsewhere than virtio-mmio's does, and otherwise. */
@Timeout(60)
class VirtioBinderTest {
    private static final long REGISTERS_GPA = 0xD000_0000L;
    private static final long BELLS_OFFSET = 0x2004;
    private static final long DATA_GPA = 0x8_0000;
    private static final int SIZE = 64;
    private static final DevicePlacement PLACE =
            new DevicePlacement(DevicePlacement.Kind.VIRTIO, "rng0", "entropy", List.of(), null);

    private static final String RING = """
        1000: bb 04 20 00 d0         ; mov ebx,0xd0002004
        1005: 66 c7 03 00 00         ; mov WORD PTR [rbx],0x0
        100a: f4                     ; hlt
        """;

    private final RngCounters served = new RngCounters();
    private final List<String> closed = new ArrayList<>();

    private RngDevice device(Timers timers) {
        return new RngDevice("rng0", 0, EntropySource.GETRANDOM, System::nanoTime, timers, new TokenLevels(), served);
    }

    @MachineTest
    void aDoorbellOfAnyTransportReachesItsQueueAndIsTakenBack(EngineProvider engine) throws Exception {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                        .memory(new GpaRange(0, 1 << 20))
                        .code(RING)
                        .build();
                EventLoop loop = EventLoop.start("test/io-loop")) {
            RecordingDevice bus = guest.recordMemory(REGISTERS_GPA + BELLS_OFFSET, 4);
            RngDevice device = device(loop);
            VirtioMmioTransport registers = new VirtioMmioTransport(
                    device, guest.memory(), loop, InterruptLine.UNCONNECTED, new VirtioCounters(1));
            FarBells far = new FarBells(new VirtioMmioDevice<>(device, registers, loop));
            try (VirtioBinder binder = new VirtioBinder(
                    guest.vm(),
                    loop,
                    (_, _) -> new VirtioBinder.Shown(far, REGISTERS_GPA, () -> closed.add("wires")))) {
                ExposedDevice<?> bound = binder.bind(device, PLACE);
                ask(new VirtioDriver(registers, guest.memory(), 0x1_0000), bound);
                assertEquals(0, served.requests(), "nobody has rung");
                guest.run();
                guest.awaitExit(VcpuExit.HALT);
                Await.until("the request is served", () -> served.requests() == 1);
                assertEquals(List.of(), bus.accesses());
            }
            assertEquals(List.of("wires", "device"), closed);
            guest.reset();
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(List.of(Access.write(0, 2, 0)), bus.accesses());
        }
    }

    /** A request that lies in the queue after the device has looked at it for the first time. */
    private static void ask(VirtioDriver driver, ExposedDevice<?> device) throws InterruptedException {
        long _ = driver.initialize(VirtioDriver.RING_FEATURES);
        DriverQueue queue = driver.setUpQueue(0, 16, 0);
        driver.driverOk();
        boolean _ = device.onLoop("nothing", () -> true); // what came before it is done
        queue.begin();
        queue.writable(DATA_GPA, SIZE);
        int _ = queue.commit();
        boolean _ = queue.publish();
    }

    @MachineTest
    void aDeviceThatCannotBeShownIsClosedOnTheLoop(EngineProvider engine) {
        FakeTime time = new FakeTime(0);
        try (TinyGuest guest = TinyGuest.longMode(engine).code(RING).build();
                EventLoop loop = EventLoop.start("test/io-loop");
                VirtioBinder binder = new VirtioBinder(guest.vm(), loop, (_, _) -> {
                    throw new IllegalStateException("no line left");
                })) {
            RngDevice device = device(time);
            assertEquals(1, time.open());
            assertThrows(IllegalStateException.class, () -> binder.bind(device, PLACE));
            CountDownLatch later = new CountDownLatch(1);
            loop.execute(later::countDown);
            Await.latch(later);
            assertEquals(0, time.open(), "its timer");
        }
    }

    /** Doorbells as a function on PCI has them: 16 bits, away from the other registers (virtio 1.2 §4.1.4.4). */
    private final class FarBells implements ExposedDevice<VirtioMmioDevice.State<RngState>> {
        private final VirtioMmioDevice<RngState> device;

        FarBells(VirtioMmioDevice<RngState> device) {
            this.device = device;
        }

        @Override
        public List<QueueDoorbell> doorbells() {
            return List.of(new QueueDoorbell(0, BELLS_OFFSET, Short.BYTES, 0));
        }

        @Override
        public VirtioFunction function() {
            return device.function();
        }

        @Override
        public <R> R onLoop(String what, Supplier<R> task) throws InterruptedException {
            return device.onLoop(what, task);
        }

        @Override
        public String id() {
            return device.id();
        }

        @Override
        public String kind() {
            return device.kind();
        }

        @Override
        public void reset() {
            device.reset();
        }

        @Override
        public VirtioMmioDevice.State<RngState> save() {
            return device.save();
        }

        @Override
        public void restore(VirtioMmioDevice.State<RngState> state) {
            device.restore(state);
        }

        @Override
        public DeviceStatistics statistics() {
            return device.statistics();
        }

        @Override
        public void close() {
            device.close();
            closed.add("device");
        }
    }
}
