package io.javisor.testkit.driver;

import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_ACKNOWLEDGE;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_FEATURES_OK;
import static io.javisor.devices.virtio.mmio.VirtioMmioRegisters.*;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.queue.QueueConfig;
import io.javisor.devices.virtio.queue.SplitRingLayout;
import java.util.function.IntConsumer;

/**
 * A driver of a device on virtio-mmio, which sees what a guest sees: registers and memory. It finds the device, negotiates, sets up
 * queues, rings doorbells, takes interrupts and resets, by the book (virtio 1.2 §3.1, §4.2.3); and {@link #write32} lets it do anything else.
 *
 * <pre>{@code
 * VirtioDriver driver = new VirtioDriver(transport, memory, 0x10000);
 * driver.initialize(wantedFeatures);
 * DriverQueue queue = driver.setUpQueue(0, 64);
 * driver.driverOk();
 * }</pre>
 *
 * <p>Its rings and buffers come from guest memory, from {@code startGpa} on, one after the other. A device on an event loop answers when it likes:
 * then poll, or wait for the line.
 */
public final class VirtioDriver {
    /** The features of the rings that every queue of this driver can. */
    public static final long RING_FEATURES = VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1)
            | VirtioFeature.mask(VirtioFeature.VIRTIO_F_INDIRECT_DESC)
            | VirtioFeature.mask(VirtioFeature.VIRTIO_F_EVENT_IDX)
            | VirtioFeature.mask(VirtioFeature.VIRTIO_F_RING_RESET);

    private static final int RING_ALIGNMENT = 64;

    private final BusDevice transport;
    private final GuestMemory memory;
    private long freeGpa;
    private long features;
    private IntConsumer doorbell = index -> write32(VIRTIO_MMIO_QUEUE_NOTIFY, index);

    /**
     * A driver that has touched nothing yet.
     *
     * @param startGpa memory from here on, to the end of its region, is the driver's
     */
    public VirtioDriver(BusDevice transport, GuestMemory memory, long startGpa) {
        this.transport = transport;
        this.memory = memory;
        this.freeGpa = startGpa;
    }

    /** Rings doorbells another way than by the register, as an ioeventfd does; for queues that are set up from now on. */
    public void doorbellsBy(IntConsumer newDoorbell) {
        doorbell = newDoorbell;
    }

    // ---- registers ----

    public int read32(int offset) {
        return (int) transport.read(offset, Integer.BYTES);
    }

    public void write32(int offset, int value) {
        transport.write(offset, Integer.BYTES, Integer.toUnsignedLong(value));
    }

    /** Reads the configuration space: {@code size} 1, 2, 4 or 8. */
    public long readConfig(int offset, int size) {
        return transport.read((long) VIRTIO_MMIO_CONFIG + offset, size);
    }

    public void writeConfig(int offset, int size, long value) {
        transport.write((long) VIRTIO_MMIO_CONFIG + offset, size, value);
    }

    public int status() {
        return read32(VIRTIO_MMIO_STATUS);
    }

    public void addStatus(int bits) {
        write32(VIRTIO_MMIO_STATUS, status() | bits);
    }

    // ---- by the book ----

    /**
     * Finds the device.
     *
     * @return its id
     * @throws IllegalStateException if there is no device of version 2
     */
    public int probe() {
        int magic = read32(VIRTIO_MMIO_MAGIC_VALUE);
        int version = read32(VIRTIO_MMIO_VERSION);
        if (magic != MAGIC || version != VERSION) {
            throw new IllegalStateException("magic 0x" + Integer.toHexString(magic) + ", version " + version);
        }
        return read32(VIRTIO_MMIO_DEVICE_ID);
    }

    /** All features that the device offers. */
    public long offeredFeatures() {
        write32(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
        long low = Integer.toUnsignedLong(read32(VIRTIO_MMIO_DEVICE_FEATURES));
        write32(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
        return low | (long) read32(VIRTIO_MMIO_DEVICE_FEATURES) << Integer.SIZE;
    }

    /** Writes the features that the driver wants, whether offered or not. */
    public void writeFeatures(long wanted) {
        write32(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
        write32(VIRTIO_MMIO_DRIVER_FEATURES, (int) wanted);
        write32(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
        write32(VIRTIO_MMIO_DRIVER_FEATURES, (int) (wanted >>> Integer.SIZE));
        features = wanted;
    }

    /**
     * Resets, acknowledges and negotiates, up to FEATURES_OK.
     *
     * @param wanted what is taken of it is what the device offers too
     * @return what was agreed on
     * @throws IllegalStateException if there is no device, or it refuses
     */
    public long initialize(long wanted) {
        int _ = probe();
        write32(VIRTIO_MMIO_STATUS, 0);
        addStatus(VIRTIO_CONFIG_S_ACKNOWLEDGE);
        addStatus(VIRTIO_CONFIG_S_DRIVER);
        writeFeatures(offeredFeatures() & wanted);
        addStatus(VIRTIO_CONFIG_S_FEATURES_OK);
        if ((status() & VIRTIO_CONFIG_S_FEATURES_OK) == 0) {
            throw new IllegalStateException("the device refuses features 0x" + Long.toHexString(features));
        }
        return features;
    }

    /** What this driver wrote last. */
    public long features() {
        return features;
    }

    /** Sets up a queue without indirect tables. */
    public DriverQueue setUpQueue(int index, int size) {
        return setUpQueue(index, size, 0);
    }

    /**
     * Sets up a queue and makes it ready.
     *
     * @param size a power of two
     * @param tableCapacity the most pieces of an indirect chain; 0 for no such chains
     * @throws IllegalStateException if the device has it not, or does not make it ready
     */
    public DriverQueue setUpQueue(int index, int size, int tableCapacity) {
        write32(VIRTIO_MMIO_QUEUE_SEL, index);
        int max = read32(VIRTIO_MMIO_QUEUE_NUM_MAX);
        if (size > max) {
            throw new IllegalStateException("queue " + index + " has at most " + max + " descriptors");
        }
        QueueConfig config = new QueueConfig(
                size,
                allocate(SplitRingLayout.descriptorTableSize(size), RING_ALIGNMENT),
                allocate(SplitRingLayout.availableRingSize(size, true), RING_ALIGNMENT),
                allocate(SplitRingLayout.usedRingSize(size, true), RING_ALIGNMENT));
        long tables = tableCapacity == 0
                ? 0
                : allocate((long) size * tableCapacity * SplitRingLayout.DESC_SIZE, RING_ALIGNMENT);
        writeQueue(index, config);
        write32(VIRTIO_MMIO_QUEUE_READY, 1);
        if (read32(VIRTIO_MMIO_QUEUE_READY) != 1) {
            throw new IllegalStateException("queue " + index + " does not become ready");
        }
        return new DriverQueue(memory, index, config, tables, tableCapacity, features, doorbell);
    }

    /** Writes a queue's registers, whatever they say, and does not make it ready. */
    public void writeQueue(int index, QueueConfig config) {
        write32(VIRTIO_MMIO_QUEUE_SEL, index);
        write32(VIRTIO_MMIO_QUEUE_NUM, config.size());
        write64(VIRTIO_MMIO_QUEUE_DESC_LOW, config.descriptorGpa());
        write64(VIRTIO_MMIO_QUEUE_AVAIL_LOW, config.driverGpa());
        write64(VIRTIO_MMIO_QUEUE_USED_LOW, config.deviceGpa());
    }

    private void write64(int lowOffset, long value) {
        write32(lowOffset, (int) value);
        write32(lowOffset + Integer.BYTES, (int) (value >>> Integer.SIZE));
    }

    /** The device may work from now on. */
    public void driverOk() {
        addStatus(VIRTIO_CONFIG_S_DRIVER_OK);
    }

    /** Reads and acknowledges the interrupt. Returns the bits of its status. */
    public int takeInterrupt() {
        int pending = read32(VIRTIO_MMIO_INTERRUPT_STATUS);
        if (pending != 0) {
            write32(VIRTIO_MMIO_INTERRUPT_ACK, pending);
        }
        return pending;
    }

    /** Resets the device. Returns whether that is done; if not, {@link #status} is to be read until it is 0. */
    public boolean reset() {
        write32(VIRTIO_MMIO_STATUS, 0);
        return status() == 0;
    }

    /** Resets one queue (virtio 1.2 §2.6.1). Returns whether that is done; if not, ask {@link #isQueueReset}. */
    public boolean resetQueue(int index) {
        write32(VIRTIO_MMIO_QUEUE_SEL, index);
        write32(VIRTIO_MMIO_QUEUE_RESET, 1);
        return isQueueReset(index);
    }

    /** Whether the reset of a queue is done. */
    public boolean isQueueReset(int index) {
        write32(VIRTIO_MMIO_QUEUE_SEL, index);
        return read32(VIRTIO_MMIO_QUEUE_RESET) == 0 && read32(VIRTIO_MMIO_QUEUE_READY) == 0;
    }

    // ---- memory ----

    /**
     * Takes guest memory, which is zeroed.
     *
     * @param alignment a power of two
     * @throws io.javisor.core.memory.GuestMemoryException if there is no more
     */
    public long allocate(long sizeBytes, int alignment) {
        long gpa = (freeGpa + alignment - 1) & -alignment;
        memory.fill(gpa, sizeBytes, (byte) 0);
        freeGpa = gpa + sizeBytes;
        return gpa;
    }

    /** The guest's memory. */
    public GuestMemory memory() {
        return memory;
    }
}
