package io.javisor.devices.virtio.pmem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.BusDevice;
import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.devices.virtio.mmio.VirtioMmioState;
import io.javisor.devices.virtio.queue.QueueFault;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.lang.foreign.Arena;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The device through its registers and ring (virtio 1.2 §5.19). */
class PmemDeviceTest {
    private final Arena arena = Arena.ofConfined();
    private final PmemBench bench = new PmemBench(arena);

    @AfterEach
    void close() {
        bench.device.close();
        arena.close();
    }

    @Test
    void saysWhereItsMemoryIs() {
        assertEquals(27, bench.driver.probe());
        assertEquals(VirtioDriver.RING_FEATURES, bench.driver.offeredFeatures());
        assertEquals(0x4000_0000, bench.driver.readConfig(0, 4));
        assertEquals(1, bench.driver.readConfig(4, 4));
        assertEquals(2 << 20, bench.driver.readConfig(8, 4));
        assertEquals(0, bench.driver.readConfig(12, 4));
        assertEquals(0x40, bench.driver.readConfig(3, 1));
    }

    @Test
    void aFlushSucceeds() {
        DriverQueue queue = bench.start();
        int head = bench.ask(queue, PmemDevice.VIRTIO_PMEM_REQ_TYPE_FLUSH);
        assertEquals(head, queue.poll());
        assertEquals(4, queue.usedLength());
        assertEquals(0, bench.answer());
        assertEquals(1, bench.line.pulses());
        assertEquals(
                Map.of("flushes", 1L, "unsupported", 0L, "malformed", 0L, "dropped_writes", 0L), bench.own.snapshot());
    }

    @Test
    void anotherRequestFails() {
        DriverQueue queue = bench.start();
        int head = bench.ask(queue, 1);
        assertEquals(head, queue.poll());
        assertEquals(PmemDevice.FAILED, bench.answer());
        assertEquals(1, bench.own.unsupported());
    }

    @Test
    void aFullQueueIsServed() {
        DriverQueue queue = bench.start();
        bench.memory.putInt(PmemBench.DATA_GPA, 0);
        for (int i = 0; i < 32; i++) {
            queue.begin();
            queue.readable(PmemBench.DATA_GPA, 4);
            queue.writable(PmemBench.DATA_GPA + 8 + 4L * i, 4);
            assertTrue(queue.commit() >= 0);
        }
        boolean _ = queue.kick();
        assertEquals(32, bench.own.flushes());
    }

    @Test
    void whatIsWrittenThereIsDroppedAndCounted() {
        BusDevice window = bench.device.window(bench.memory);
        window.write(0, 8, -1);
        window.write(PmemBench.PLACE.sizeBytes() - 1, 1, 1);
        assertEquals(0x3C3C_3C3C_3C3C_3C3CL, window.read(0, 8));
        assertEquals(0x3C, window.read(PmemBench.PLACE.sizeBytes() - 1, 1));
        assertEquals(2, bench.own.droppedWrites());
    }

    @Test
    void aQueueIsResetAlone() {
        DriverQueue queue = bench.start();
        int _ = bench.ask(queue, 0);
        assertTrue(bench.driver.resetQueue(0));
        DriverQueue again = bench.driver.setUpQueue(0, 8);
        int head = bench.ask(again, 0);
        assertEquals(head, again.poll());
    }

    @Test
    void aRequestOfBeforeASaveIsServedAfterTheRestore() {
        DriverQueue queue = bench.start();
        bench.transport.function().pause(() -> {});
        int head = bench.ask(queue, 0);
        assertEquals(-1, queue.poll());
        VirtioMmioState registers = bench.transport.save();
        PmemState state = bench.device.save();
        bench.device.restore(state);
        assertEquals(state, bench.device.save());
        bench.transport = bench.newTransport();
        bench.transport.restore(registers);
        assertEquals(head, queue.poll());
        assertEquals(0, bench.answer());
        assertThrows(IllegalArgumentException.class, () -> new PmemState(2));
    }

    // ---- hostile guests ----

    @Test
    void aRequestWithoutATypeOrRoomComesBackEmpty() {
        DriverQueue queue = bench.start();
        queue.begin();
        queue.readable(PmemBench.DATA_GPA, 3);
        queue.writable(PmemBench.DATA_GPA + 8, 4);
        int short3 = queue.commit();
        boolean _ = queue.kick();
        assertEquals(short3, queue.poll());
        assertEquals(0, queue.usedLength());
        queue.begin();
        queue.readable(PmemBench.DATA_GPA, 4);
        queue.writable(PmemBench.DATA_GPA + 8, 3);
        int _ = queue.commit();
        boolean _ = queue.kick();
        assertTrue(queue.poll() >= 0);
        assertEquals(0, queue.usedLength());
        assertEquals(2, bench.own.malformed());
        assertEquals(0, bench.memory.getInt(PmemBench.DATA_GPA + 8));
    }

    /** It can be read by a device, so it can hold a request, and not an answer. */
    @Test
    void itsOwnMemoryHoldsARequestAndNoAnswer() {
        DriverQueue queue = bench.start();
        queue.begin();
        queue.readable(PmemBench.PLACE.startGpa(), 4);
        queue.writable(PmemBench.DATA_GPA + 8, 4);
        int head = queue.commit();
        boolean _ = queue.kick();
        assertEquals(head, queue.poll());
        assertEquals(PmemDevice.FAILED, bench.answer());
        queue.rawDescriptor(7, PmemBench.PLACE.startGpa() + 64, 4, 2, 0);
        queue.rawAvailable(7);
        queue.ring();
        assertEquals(1, bench.counters.queue(0).faults(QueueFault.NOT_RAM));
    }

    @ParameterizedTest
    @EnumSource
    void aBrokenRingIsSeenInACounterAndAResetHelps(QueueFault fault) {
        DriverQueue queue = bench.start();
        switch (fault) {
            case INDEX_JUMP -> queue.rawAvailableIndex(500);
            case BAD_INDEX -> queue.rawAvailable(64);
            case CHAIN_TOO_LONG -> {
                queue.rawDescriptor(3, PmemBench.DATA_GPA, 16, 2 | 1, 4);
                queue.rawDescriptor(4, PmemBench.DATA_GPA, 16, 2 | 1, 3);
                queue.rawAvailable(3);
            }
            case BAD_INDIRECT_TABLE -> {
                queue.rawDescriptor(3, PmemBench.DATA_GPA, 15, 4, 0);
                queue.rawAvailable(3);
            }
            case NOT_RAM -> {
                queue.rawDescriptor(3, PmemBench.RAM_SIZE - 8, 16, 0, 0);
                queue.rawAvailable(3);
            }
            case WRONG_DIRECTION -> {
                queue.rawDescriptor(3, PmemBench.DATA_GPA, 16, 2 | 1, 4);
                queue.rawDescriptor(4, PmemBench.DATA_GPA, 16, 0, 0);
                queue.rawAvailable(3);
            }
        }
        queue.ring();
        assertEquals(1, bench.counters.queue(0).faults(fault));
        assertTrue((bench.driver.status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET) != 0);
        assertTrue(bench.driver.reset());
        bench.driver = bench.newDriver();
        DriverQueue fresh = bench.start();
        int head = bench.ask(fresh, 0);
        assertEquals(head, fresh.poll());
    }
}
