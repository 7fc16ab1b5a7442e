package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockProtocol.*;

import io.javisor.core.host.Fd;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.PulseLine;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.FakeTime;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;

/**
 * A disk, its transport and memory over a {@link FakeFile}, all on the test's thread. A test may make the device anew with another configuration, and
 * start a driver as often as it likes.
 */
final class BlockBench {
    static final int SECTORS = 256;
    static final int SIZE = SECTORS * SECTOR_SIZE;
    /** Memory that no driver's rings lie in, to the end of the MiB. */
    static final long DATA = 0x8_0000;

    final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(1 << 20, 4096))));
    final FakeTime time = new FakeTime(0);
    VirtioCounters registers = new VirtioCounters(1);
    FakeFile file = new FakeFile(0, 1, (token, result) -> {});
    BlockDevice device;
    VirtioMmioTransport transport;
    private final PulseLine line = new PulseLine();
    private final BlockCounters counted = new BlockCounters();
    private final TokenLevels levels = new TokenLevels();

    BlockBench() {
        device = newDevice(BlockDeviceConfig.of(SIZE));
        transport = newTransport();
    }

    /** The device is another from now on, over another file; memory, limits and counters stay. */
    void make(BlockDeviceConfig config) {
        registers = new VirtioCounters(config.queueCount());
        device = newDevice(config);
        transport = newTransport();
    }

    private BlockDevice newDevice(BlockDeviceConfig config) {
        return new BlockDevice("disk0", config, this::open, Fd.own("a test", 1 << 30), time, time, levels, counted);
    }

    private FakeFile open(Fd fd, int depth, AsyncFileBackend.Completion completion) {
        file = new FakeFile(SIZE, depth, completion);
        return file;
    }

    private VirtioMmioTransport newTransport() {
        return new VirtioMmioTransport(device, memory, Runnable::run, line, registers, 0);
    }

    DiskDriver start() {
        return start(DiskDriver.ALL_FEATURES);
    }

    DiskDriver start(long features) {
        return new DiskDriver(transport, memory, 0x1000, features, device.queueCount());
    }

    long count(String name) {
        return Objects.requireNonNull(counted.snapshot().get(name), name);
    }
}
