package io.javisor.devices.virtio.mmio;

import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_ACKNOWLEDGE;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_FEATURES_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET;
import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.VIRTIO_MMIO_INTERRUPT_STATUS;
import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_NOTIFY;
import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.VIRTIO_MMIO_STATUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.EchoDevice;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.QueueRegistersState;
import io.javisor.devices.virtio.QueuedExecutor;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioFunctionState;
import io.javisor.testkit.FuzzBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any sequence of accesses, writes to guest memory, turns of the loop, resets that take time, and snapshots: the status is one that a device can be
 * in, a device is active only with an agreement, an interrupt that is pending was pulsed, a snapshot is the same again, and a reset at the end
 * leaves a device that works like a new one.
 */
class VirtioMmioFuzzTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int WRITE_WORD = 2;
    private static final int POKE = 3;
    private static final int TURN = 4;
    private static final int SNAPSHOT = 5;
    private static final int HOLD = 6;
    private static final int RELEASE = 7;
    private static final int START = 8;
    private static final int OPERATIONS = 9;

    private static final int RAM_SIZE = 0x4000;
    private static final int QUEUE_SIZE = 4;
    private static final int DESCRIPTOR_GPA = 0x1000;
    private static final int AVAILABLE_GPA = 0x1100;
    private static final int USED_GPA = 0x1200;

    static Stream<byte[]> seeds() {
        return Stream.of(
                // Active, a request of one descriptor, doorbell, acknowledged, reset.
                FuzzBytes.of(
                        START,
                        TURN,
                        POKE,
                        0x01,
                        0x10,
                        0x20,
                        POKE,
                        0x08,
                        0x10,
                        0x10,
                        POKE,
                        0x0C,
                        0x10,
                        2,
                        POKE,
                        0x02,
                        0x11,
                        1,
                        WRITE_WORD,
                        0x14,
                        0,
                        0,
                        0,
                        0,
                        TURN,
                        READ,
                        0x60,
                        0,
                        2,
                        WRITE_WORD,
                        0x19,
                        1,
                        0,
                        0,
                        0,
                        SNAPSHOT,
                        WRITE_WORD,
                        0x1C,
                        0,
                        0,
                        0,
                        0,
                        TURN),
                // A reset that takes time, with writes meanwhile.
                FuzzBytes.of(
                        START,
                        TURN,
                        HOLD,
                        WRITE_WORD,
                        0x1C,
                        0,
                        0,
                        0,
                        0,
                        TURN,
                        WRITE_WORD,
                        0x1C,
                        1,
                        0,
                        0,
                        0,
                        SNAPSHOT,
                        RELEASE,
                        WRITE_WORD,
                        0x1C,
                        1,
                        0,
                        0,
                        0,
                        WRITE_WORD,
                        0x1C,
                        3,
                        0,
                        0,
                        0),
                // A queue that is stopped and reset.
                FuzzBytes.of(
                        START,
                        TURN,
                        WRITE_WORD,
                        0x11,
                        0,
                        0,
                        0,
                        0,
                        TURN,
                        WRITE_WORD,
                        0x11,
                        1,
                        0,
                        0,
                        0,
                        TURN,
                        WRITE_WORD,
                        0x30,
                        1,
                        0,
                        0,
                        0,
                        TURN),
                // Odd widths.
                FuzzBytes.of(READ, 0, 0, 0, READ, 0x70, 0, 1, WRITE, 0x70, 0, 0, 0xFF, READ, 0x00, 0x01, 3));
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsItsInvariants(byte[] bytes) {
        FuzzBytes input = new FuzzBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            Bench bench = new Bench(arena.allocate(RAM_SIZE, 4096));
            while (input.more()) {
                bench.step(input);
                bench.check();
            }
            bench.end();
        }
    }

    private static final class Bench {
        private final GuestMemory memory;
        private final PulseLine line = new PulseLine();
        private final VirtioCounters counters = new VirtioCounters(2);
        private QueuedExecutor loop = new QueuedExecutor();
        private EchoDevice device = new EchoDevice(2, QUEUE_SIZE);
        private VirtioMmioTransport transport;

        Bench(MemorySegment ram) {
            memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
            transport = transport();
        }

        private VirtioMmioTransport transport() {
            return new VirtioMmioTransport(device, memory, loop, line, counters, 0);
        }

        void step(FuzzBytes input) {
            switch (input.u8() % OPERATIONS) {
                case READ -> {
                    int offset = input.u16() & 0xFFF;
                    long _ = transport.read(offset, 1 << (input.u8() & 3));
                }
                case WRITE -> {
                    int offset = input.u16() & 0xFFF;
                    int size = 1 << (input.u8() & 3);
                    transport.write(offset, size, size == 8 ? input.u32() << 32 | input.u32() : input.value(size));
                }
                case WRITE_WORD -> transport.write(input.u8() % 64 * 4L, 4, input.u32());
                case POKE -> {
                    int gpa = input.u16() % RAM_SIZE;
                    memory.putByte(gpa, (byte) input.u8());
                }
                case TURN -> turn();
                case SNAPSHOT -> snapshot();
                case HOLD -> device.holdingResets = true;
                case RELEASE -> release();
                default -> start();
            }
        }

        private void turn() {
            loop.run();
        }

        private void release() {
            device.holdingResets = false;
            device.endResets();
        }

        private void snapshot() {
            turn();
            VirtioMmioState state = transport.save();
            EchoDevice before = device;
            device = new EchoDevice(2, QUEUE_SIZE);
            device.holding = before.holding;
            device.restore(before.save());
            loop = new QueuedExecutor();
            transport = transport();
            transport.restore(state);
            check();
            // It has looked at its queues since: what it found there, with an interrupt or a fault, is all that may
            // have changed.
            VirtioFunctionState was = state.function();
            VirtioFunctionState is = transport.save().function();
            assertEquals(was.status(), is.status() & ~(VIRTIO_CONFIG_S_NEEDS_RESET & ~was.status()));
            assertEquals(was.driverFeatures(), is.driverFeatures());
            assertEquals(was.queueSelect(), is.queueSelect());
            for (int i = 0; i < 2; i++) {
                QueueRegistersState queueWas = was.queues().get(i);
                QueueRegistersState queueIs = is.queues().get(i);
                assertEquals(queueWas.size(), queueIs.size());
                assertEquals(queueWas.ready(), queueIs.ready());
                assertEquals(queueWas.stopped(), queueIs.stopped());
                assertEquals(queueWas.deviceGpa(), queueIs.deviceGpa());
            }
        }

        private void write(int offset, int value) {
            transport.write(offset, 4, Integer.toUnsignedLong(value));
        }

        /** A driver by the book, so that inputs get far. */
        private void start() {
            write(VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
            write(VirtioMmioRegisters.VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
            write(VirtioMmioRegisters.VIRTIO_MMIO_DRIVER_FEATURES, 1 | 1 << 8);
            int negotiated = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | VIRTIO_CONFIG_S_FEATURES_OK;
            write(VIRTIO_MMIO_STATUS, negotiated);
            write(VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_NUM, QUEUE_SIZE);
            write(VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_DESC_LOW, DESCRIPTOR_GPA);
            write(VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_AVAIL_LOW, AVAILABLE_GPA);
            write(VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_USED_LOW, USED_GPA);
            write(VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_READY, 1);
            write(VIRTIO_MMIO_STATUS, negotiated | VIRTIO_CONFIG_S_DRIVER_OK);
        }

        void check() {
            int status = (int) transport.read(VIRTIO_MMIO_STATUS, 4);
            assertEquals(0, status & ~0xCF, "bits that nobody has");
            assertTrue(!has(status, VIRTIO_CONFIG_S_DRIVER) || has(status, VIRTIO_CONFIG_S_ACKNOWLEDGE));
            assertTrue(!has(status, VIRTIO_CONFIG_S_FEATURES_OK) || has(status, VIRTIO_CONFIG_S_DRIVER));
            assertTrue(!has(status, VIRTIO_CONFIG_S_DRIVER_OK) || has(status, VIRTIO_CONFIG_S_FEATURES_OK));
            assertTrue(!has(status, VIRTIO_CONFIG_S_NEEDS_RESET) || has(status, VIRTIO_CONFIG_S_DRIVER_OK));
            long features = transport.function().negotiatedFeatures();
            assertEquals(has(status, VIRTIO_CONFIG_S_FEATURES_OK), features != 0);
            assertEquals(0, features & ~(device.features() | io.javisor.devices.virtio.VirtioFunction.COMMON_FEATURES));
            if (device.link != null) {
                assertTrue(has(status, VIRTIO_CONFIG_S_DRIVER_OK), "active without DRIVER_OK");
            }
            if (transport.read(VIRTIO_MMIO_INTERRUPT_STATUS, 4) != 0) {
                assertTrue(line.pulses() > 0);
            }
            assertEquals(counters.interrupts(), line.pulses());
        }

        private static boolean has(int status, int bit) {
            return (status & bit) != 0;
        }

        /** Whatever came before, a reset makes it new. */
        void end() {
            release();
            turn();
            write(VIRTIO_MMIO_STATUS, 0);
            turn();
            assertEquals(0, transport.read(VIRTIO_MMIO_STATUS, 4));
            assertEquals(0, transport.read(VIRTIO_MMIO_INTERRUPT_STATUS, 4));
            memory.fill(0, RAM_SIZE, (byte) 0);
            memory.putLong(DESCRIPTOR_GPA, 0x2000);
            memory.putLong(DESCRIPTOR_GPA + 8, 16L | 2L << 32);
            memory.putShort(AVAILABLE_GPA + 2, (short) 1);
            start();
            turn();
            assertTrue(device.link != null);
            assertEquals(1, memory.getShort(USED_GPA + 2));
            int pulses = line.takePulses();
            assertTrue(pulses > 0);
            write(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
            turn();
        }
    }
}
