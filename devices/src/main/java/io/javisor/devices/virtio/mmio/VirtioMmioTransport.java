package io.javisor.devices.virtio.mmio;

import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.*;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.InterruptStatus;
import io.javisor.devices.virtio.QueueArea;
import io.javisor.devices.virtio.QueueDoorbell;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioFault;
import io.javisor.devices.virtio.VirtioFunction;
import io.javisor.devices.virtio.VirtioQueues;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A virtio device on memory-mapped registers, version 2 (virtio 1.2 §4.2), with one edge-triggered interrupt. See
 * {@link VirtioMmioRegisters} for the table.
 *
 * <p>Registers are accessed by 32 bits at multiples of 4; the configuration space by 8, 16, 32 or 64 bits (§4.2.2.2). Anything else reads as 0 and
 * writes nothing, as does a register against its direction. Shared memory regions read as absent.
 *
 * <p>The transport has no way to tell a driver that a reset takes time, and Linux's driver, unlike that for PCI, does not look: it frees the rings
 * at once. So the write that resets the device, and the one that stops a queue by QueueReady, keep the vCPU until nothing is in flight any
 * more, {@value #RESET_WAIT_MILLIS} ms at most; that is the one place where a vCPU waits for a device. After that the status says the truth to a
 * driver that reads it (§4.2.3.1.1). QueueReset does not wait: its drivers poll.
 */
public final class VirtioMmioTransport implements BusDevice {
    /** How long a vCPU is kept at most. */
    public static final int RESET_WAIT_MILLIS = 2000;

    private final VirtioFunction function;
    private final VirtioQueues queues;
    private final InterruptStatus interrupts;
    private final long resetWaitNanos;

    /**
     * Exposes a device.
     *
     * @param loop the device's event loop; see {@link VirtioFunction}
     * @param line edge-triggered
     * @param counters with as many queues as the device
     */
    public VirtioMmioTransport(
            VirtioDevice<?> device, GuestMemory memory, Executor loop, InterruptLine line, VirtioCounters counters) {
        this(device, memory, loop, line, counters, TimeUnit.MILLISECONDS.toNanos(RESET_WAIT_MILLIS));
    }

    /**
     * As the other, for tests.
     *
     * @param resetWaitNanos how long a vCPU is kept by a reset; 0 where the caller's thread is the loop's
     */
    public VirtioMmioTransport(
            VirtioDevice<?> device,
            GuestMemory memory,
            Executor loop,
            InterruptLine line,
            VirtioCounters counters,
            long resetWaitNanos) {
        interrupts = new InterruptStatus(line, counters);
        function = new VirtioFunction(device, memory, loop, interrupts, counters);
        queues = function.queues();
        this.resetWaitNanos = resetWaitNanos;
    }

    /** What is behind the registers. */
    public VirtioFunction function() {
        return function;
    }

    /** QueueNotify, which all queues have in common: the value is the queue's number (§4.2.2). */
    public List<QueueDoorbell> doorbells() {
        return IntStream.range(0, function.device().queueCount())
                .mapToObj(queue -> new QueueDoorbell(queue, VIRTIO_MMIO_QUEUE_NOTIFY, Integer.BYTES, queue))
                .toList();
    }

    @Override
    public long read(long offset, int size) {
        if (offset >= VIRTIO_MMIO_CONFIG) {
            return function.readConfig(offset - VIRTIO_MMIO_CONFIG, size);
        }
        if (size != Integer.BYTES || (offset & 3) != 0) {
            function.fault(VirtioFault.BAD_ACCESS, offset);
            return 0;
        }
        return Integer.toUnsignedLong(readRegister((int) offset));
    }

    private int readRegister(int offset) {
        return switch (offset) {
            case VIRTIO_MMIO_MAGIC_VALUE -> MAGIC;
            case VIRTIO_MMIO_VERSION -> VERSION;
            case VIRTIO_MMIO_DEVICE_ID -> function.device().deviceId();
            case VIRTIO_MMIO_VENDOR_ID -> VENDOR;
            case VIRTIO_MMIO_DEVICE_FEATURES -> function.deviceFeatures();
            case VIRTIO_MMIO_QUEUE_NUM_MAX -> queues.maxSize();
            case VIRTIO_MMIO_QUEUE_READY -> queues.isReady() ? 1 : 0;
            case VIRTIO_MMIO_INTERRUPT_STATUS -> interrupts.get();
            case VIRTIO_MMIO_STATUS -> function.status();
            case VIRTIO_MMIO_SHM_LEN_LOW,
                    VIRTIO_MMIO_SHM_LEN_HIGH,
                    VIRTIO_MMIO_SHM_BASE_LOW,
                    VIRTIO_MMIO_SHM_BASE_HIGH -> -1;
            case VIRTIO_MMIO_QUEUE_RESET -> queues.isResetting() ? 1 : 0;
            case VIRTIO_MMIO_CONFIG_GENERATION -> function.configGeneration();
            default -> {
                function.fault(isRegister(offset) ? VirtioFault.WRONG_DIRECTION : VirtioFault.BAD_ACCESS, offset);
                yield 0;
            }
        };
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset >= VIRTIO_MMIO_CONFIG) {
            function.writeConfig(offset - VIRTIO_MMIO_CONFIG, size, value);
        } else if (size != Integer.BYTES || (offset & 3) != 0) {
            function.fault(VirtioFault.BAD_ACCESS, offset);
        } else {
            writeRegister((int) offset, (int) value);
        }
    }

    private void writeRegister(int offset, int value) {
        switch (offset) {
            case VIRTIO_MMIO_DEVICE_FEATURES_SEL -> function.selectDeviceFeatures(value);
            case VIRTIO_MMIO_DRIVER_FEATURES -> function.setDriverFeatures(value);
            case VIRTIO_MMIO_DRIVER_FEATURES_SEL -> function.selectDriverFeatures(value);
            case VIRTIO_MMIO_QUEUE_SEL -> queues.select(value);
            case VIRTIO_MMIO_QUEUE_NUM -> queues.setSize(value);
            case VIRTIO_MMIO_QUEUE_READY -> queueReady(value);
            case VIRTIO_MMIO_QUEUE_NOTIFY -> queues.ring(value);
            case VIRTIO_MMIO_INTERRUPT_ACK -> acknowledge(value);
            case VIRTIO_MMIO_STATUS -> status(value);
            case VIRTIO_MMIO_QUEUE_DESC_LOW -> queues.setGpa(QueueArea.DESCRIPTOR, false, value);
            case VIRTIO_MMIO_QUEUE_DESC_HIGH -> queues.setGpa(QueueArea.DESCRIPTOR, true, value);
            case VIRTIO_MMIO_QUEUE_AVAIL_LOW -> queues.setGpa(QueueArea.DRIVER, false, value);
            case VIRTIO_MMIO_QUEUE_AVAIL_HIGH -> queues.setGpa(QueueArea.DRIVER, true, value);
            case VIRTIO_MMIO_QUEUE_USED_LOW -> queues.setGpa(QueueArea.DEVICE, false, value);
            case VIRTIO_MMIO_QUEUE_USED_HIGH -> queues.setGpa(QueueArea.DEVICE, true, value);
            case VIRTIO_MMIO_SHM_SEL -> {} // none to select
            case VIRTIO_MMIO_QUEUE_RESET -> {
                if ((value & 1) != 0) {
                    queues.reset();
                }
            }
            default ->
                function.fault(isRegister(offset) ? VirtioFault.WRONG_DIRECTION : VirtioFault.BAD_ACCESS, offset);
        }
    }

    private void status(int value) {
        function.setStatus(value);
        if (value == 0) {
            awaitReset();
        }
    }

    private void queueReady(int value) {
        if ((value & 1) != 0) {
            queues.enable();
        } else {
            queues.disable();
            awaitReset();
        }
    }

    private void awaitReset() {
        if (resetWaitNanos > 0) {
            boolean _ = function.awaitReset(resetWaitNanos);
        }
    }

    private void acknowledge(int bits) {
        if (interrupts.acknowledge(bits) != 0) {
            function.fault(VirtioFault.BAD_ACKNOWLEDGE, bits);
        }
    }

    /** Whether there is a register at all, for one that was accessed against its direction. */
    private static boolean isRegister(int offset) {
        return switch (offset) {
            case VIRTIO_MMIO_MAGIC_VALUE,
                    VIRTIO_MMIO_VERSION,
                    VIRTIO_MMIO_DEVICE_ID,
                    VIRTIO_MMIO_VENDOR_ID,
                    VIRTIO_MMIO_DEVICE_FEATURES,
                    VIRTIO_MMIO_DEVICE_FEATURES_SEL,
                    VIRTIO_MMIO_DRIVER_FEATURES,
                    VIRTIO_MMIO_DRIVER_FEATURES_SEL,
                    VIRTIO_MMIO_QUEUE_SEL,
                    VIRTIO_MMIO_QUEUE_NUM_MAX,
                    VIRTIO_MMIO_QUEUE_NUM,
                    VIRTIO_MMIO_QUEUE_NOTIFY,
                    VIRTIO_MMIO_INTERRUPT_STATUS,
                    VIRTIO_MMIO_INTERRUPT_ACK,
                    VIRTIO_MMIO_QUEUE_DESC_LOW,
                    VIRTIO_MMIO_QUEUE_DESC_HIGH,
                    VIRTIO_MMIO_QUEUE_AVAIL_LOW,
                    VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
                    VIRTIO_MMIO_QUEUE_USED_LOW,
                    VIRTIO_MMIO_QUEUE_USED_HIGH,
                    VIRTIO_MMIO_SHM_SEL,
                    VIRTIO_MMIO_SHM_LEN_LOW,
                    VIRTIO_MMIO_SHM_LEN_HIGH,
                    VIRTIO_MMIO_SHM_BASE_LOW,
                    VIRTIO_MMIO_SHM_BASE_HIGH,
                    VIRTIO_MMIO_CONFIG_GENERATION -> true;
            default -> false;
        };
    }

    /** The state at this moment. On the loop, while no vCPU runs. */
    public VirtioMmioState save() {
        return new VirtioMmioState(VirtioMmioState.VERSION, interrupts.get(), function.save());
    }

    /** Takes a saved state over; see {@link VirtioFunction#restore}. */
    public void restore(VirtioMmioState state) {
        function.restore(state.function());
        interrupts.restore(state.interruptStatus());
    }
}
