package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.io.AsyncFiles;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * A process that writes numbered records to a disk by its driver, flushes, and prints the number of the last write of each completed flush, until it is killed.
 * Which slot a record goes to follows from its number, so that {@link FlushedWritesIT} knows what must be there.
 */
final class FlushedWritesVictim {
    static final int SLOTS = 256;
    static final int SLOT_SIZE = 4096;
    private static final int DEPTH = 8;

    private FlushedWritesVictim() {}

    static int slot(int number) {
        return Integer.remainderUnsigned(number * 0x9E37_79B1, SLOTS);
    }

    /** A record: its number, then bytes that follow from it. */
    static byte[] contents(int number) {
        byte[] bytes = new byte[SLOT_SIZE];
        new Random(number).nextBytes(bytes);
        ByteBuffer.wrap(bytes).putInt(0, number);
        return bytes;
    }

    /** Arguments: the image, the engine, the first record's number. */
    public static void main(String[] arguments) throws Exception {
        GuestMemory memory =
                new GuestMemory(List.of(new GuestMemory.Region(0, Arena.global().allocate(1 << 20, 4096))));
        EventLoop loop = EventLoop.start("victim/io-loop");
        BlockDevice device = new BlockDevice(
                "disk0",
                BlockDeviceConfig.of(SLOTS * SLOT_SIZE),
                new AsyncFiles(loop, new WorkerPool("victim/worker", 2, 64), AsyncFiles.Engine.valueOf(arguments[1])),
                Fd.own("image", Libc.open(arguments[0], HostConstants.O_RDWR, 0)),
                System::nanoTime,
                loop,
                new TokenLevels(),
                new BlockCounters());
        VirtioMmioTransport transport =
                new VirtioMmioTransport(device, memory, loop, InterruptLine.UNCONNECTED, new VirtioCounters(1));
        write(new DiskDriver(transport, memory, 0x1000, DiskDriver.ALL_FEATURES, 1), Integer.parseInt(arguments[2]));
    }

    /** Batches of writes side by side, each batch in different slots, then a flush. */
    private static void write(DiskDriver disk, int first) throws Exception {
        OutputStream out = System.out;
        int next = first;
        while (true) {
            int batch = 0;
            while (batch < DEPTH) {
                long gpa = 0x8_0000 + (long) SLOT_SIZE * batch;
                disk.memory.copyIn(contents(next), 0, gpa, SLOT_SIZE);
                int sector = slot(next) * (SLOT_SIZE / SECTOR_SIZE);
                int _ = disk.commit(0, batch, VIRTIO_BLK_T_OUT, sector, gpa, SLOT_SIZE, false);
                batch++;
                next++;
            }
            await(disk, batch);
            int _ = disk.commit(0, 0, VIRTIO_BLK_T_FLUSH, 0, 0, 0, false);
            await(disk, 1);
            out.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, next - 1).array());
            out.flush();
        }
    }

    private static void await(DiskDriver disk, int count) {
        boolean _ = disk.queues[0].kick();
        for (int left = count; left > 0; ) {
            int head = disk.queues[0].poll();
            if (head >= 0) {
                if (disk.status(0, disk.requestOf(0, head)) != VIRTIO_BLK_S_OK) {
                    throw new IllegalStateException("refused");
                }
                left--;
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
