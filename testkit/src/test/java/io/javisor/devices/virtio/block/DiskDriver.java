package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.memory.GuestMemory;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;

/** What a guest's block driver does: requests on the rings of a disk. */
final class DiskDriver {
    static final long ALL_FEATURES = ~0L;

    /** Beyond any status that a device gives. */
    static final int UNTOUCHED = 0xAA;

    final BusDevice transport;
    final VirtioDriver driver;
    final GuestMemory memory;
    final DriverQueue[] queues;
    private final long headersGpa;
    private final int[] requestOfHead;
    private long statusGpaOfLast;

    DiskDriver(BusDevice transport, GuestMemory memory, long startGpa, long features, int queueCount) {
        this(transport, memory, startGpa, features, queueCount, 64);
    }

    DiskDriver(BusDevice transport, GuestMemory memory, long startGpa, long features, int queueCount, int size) {
        this.transport = transport;
        this.memory = memory;
        driver = new VirtioDriver(transport, memory, startGpa);
        long _ = driver.initialize(features);
        queues = new DriverQueue[queueCount];
        for (int i = 0; i < queueCount; i++) {
            queues[i] = driver.setUpQueue(i, size, 64);
        }
        headersGpa = driver.allocate(32L * size * queueCount, 32);
        requestOfHead = new int[size * queueCount];
        driver.driverOk();
    }

    /** Where the header (16 bytes) and status (at 16) of a request lie. */
    long headerGpa(int queue, int request) {
        return headersGpa + 32L * (queue * queues[queue].config().size() + request);
    }

    void header(int queue, int request, int type, long sector) {
        long gpa = headerGpa(queue, request);
        memory.putInt(gpa, type);
        memory.putInt(gpa + 4, 0);
        memory.putLong(gpa + HEADER_SECTOR_OFFSET, sector);
        memory.putByte(gpa + HEADER_SIZE, (byte) UNTOUCHED);
        statusGpaOfLast = gpa + HEADER_SIZE;
    }

    int status(int queue, int request) {
        return memory.getByte(headerGpa(queue, request) + HEADER_SIZE) & 0xFF;
    }

    /** Commits a request of one piece of data; {@code writable} says in which direction. Returns the head, or -1. */
    int commit(int queue, int request, int type, long sector, long dataGpa, int size, boolean writable) {
        header(queue, request, type, sector);
        DriverQueue ring = queues[queue];
        ring.begin();
        ring.readable(headerGpa(queue, request), HEADER_SIZE);
        if (size > 0 && writable) {
            ring.writable(dataGpa, size);
        } else if (size > 0) {
            ring.readable(dataGpa, size);
        }
        ring.writable(headerGpa(queue, request) + HEADER_SIZE, 1);
        int head = ring.commit();
        if (head >= 0) {
            requestOfHead[queue * ring.config().size() + head] = request;
        }
        return head;
    }

    /** The request of a head that was polled. */
    int requestOf(int queue, int head) {
        return requestOfHead[queue * queues[queue].config().size() + head];
    }

    /** One request on queue 0 that completes at once; its status. */
    int ask(int type, long sector, long dataGpa, int size, boolean writable) {
        int head = commit(0, 0, type, sector, dataGpa, size, writable);
        boolean _ = queues[0].kick();
        int done = queues[0].poll();
        if (done != head) {
            throw new IllegalStateException("not completed: " + head + ", but " + done);
        }
        return memory.getByte(statusGpaOfLast) & 0xFF;
    }

    int read(long sector, long gpa, int size) {
        return ask(VIRTIO_BLK_T_IN, sector, gpa, size, true);
    }

    int write(long sector, long gpa, int size) {
        return ask(VIRTIO_BLK_T_OUT, sector, gpa, size, false);
    }

    int flush() {
        return ask(VIRTIO_BLK_T_FLUSH, 0, 0, 0, false);
    }

    /** A discard or write-zeroes request of one range, whose 16 bytes lie at {@code gpa}. */
    int range(int type, long gpa, long sector, int sectors, int flags) {
        memory.putLong(gpa, sector);
        memory.putInt(gpa + RANGE_NUM_SECTORS_OFFSET, sectors);
        memory.putInt(gpa + RANGE_FLAGS_OFFSET, flags);
        return ask(type, 0, gpa, RANGE_SIZE, false);
    }
}
