package io.javisor.machine.wiring;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.event.EventLoop;
import io.javisor.core.host.Cleanup;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.InterruptChips;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.Device;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioFunction;
import io.javisor.devices.virtio.balloon.BalloonCounters;
import io.javisor.devices.virtio.balloon.BalloonDevice;
import io.javisor.devices.virtio.balloon.BalloonSettings;
import io.javisor.devices.virtio.block.BlockCounters;
import io.javisor.devices.virtio.block.BlockDevice;
import io.javisor.devices.virtio.mmio.VirtioMmioDevice;
import io.javisor.devices.virtio.mmio.VirtioMmioRegisters;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.devices.virtio.rng.EntropySource;
import io.javisor.devices.virtio.rng.RngCounters;
import io.javisor.devices.virtio.rng.RngDevice;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.CloudInitConfig;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MemorySize;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.VirtioDeviceConfig;
import io.javisor.machine.host.DiskFile;
import io.javisor.machine.host.HostResources;
import io.javisor.machine.plan.DevicePlacement;
import io.javisor.machine.plan.MachinePlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The virtio devices of one life of a machine: made, put on the bus, their doorbells and interrupts wired to the engine. A doorbell wakes the event
 * loop and no vCPU's thread.
 */
public final class VirtioDevices implements AutoCloseable {
    /** What a life gives its devices. */
    public record Wiring(
            EngineVm vm,
            InterruptChips chips,
            AddressBus deviceMemory,
            GuestMemory memory,
            EventLoop loop,
            HostEvents events,
            VirtioTotals statistics,
            TokenLevels limits,
            AsyncFileBackend.Opener files,
            NetLinks net,
            HostResources host) {}

    private record Disk(BlockDevice device, DiskFile file) {}

    private @Nullable BalloonDevice balloon;
    private final Map<String, VirtioMmioDevice<?>> whole = new HashMap<>(); // by id
    private final List<Device<?>> devices;

    private final Wiring wiring;
    private final Map<String, Disk> disks = new HashMap<>();
    private final Cleanup cleanup = new Cleanup();

    /**
     * Makes and connects all of the plan.
     *
     * @param devices they are added to it
     */
    public VirtioDevices(MachinePlan plan, Wiring wiring, List<Device<?>> devices) {
        this.wiring = wiring;
        this.devices = devices;
        try {
            for (NamedDevice device : plan.config().devices()) {
                connect(device, plan.placement(device.id()));
            }
        } catch (RuntimeException | Error e) {
            cleanup.closeAfter(e);
            throw e;
        }
    }

    private VirtioDevice<?> make(VirtioDeviceConfig config, String id) {
        return switch (config) {
            case RngConfig(long bytesPerSecond) ->
                new RngDevice(
                        id,
                        bytesPerSecond,
                        EntropySource.GETRANDOM,
                        System::nanoTime,
                        wiring.events(),
                        wiring.limits(),
                        wiring.statistics().own(id, RngCounters.class, RngCounters::new));
            case DiskConfig _ -> disk(id);
            case CloudInitConfig _ -> disk(id);
            case NetConfig _ -> wiring.net().newDevice(id);
            case BalloonConfig wanted -> balloon(wanted, id);
        };
    }

    private BalloonDevice balloon(BalloonConfig config, String id) {
        BalloonSettings settings = new BalloonSettings(
                (int) (config.sizeBytes() / MemorySize.PAGE_SIZE),
                config.deflateOnOom(),
                config.freePageReporting(),
                config.statisticsSeconds() > 0);
        BalloonDevice made = new BalloonDevice(
                id,
                settings,
                config.statisticsSeconds(),
                wiring.events(),
                wiring.statistics().own(id, BalloonCounters.class, BalloonCounters::new));
        balloon = made;
        return made;
    }

    private BlockDevice disk(String id) {
        DiskFile file = wiring.host().disk(id);
        BlockDevice device = new BlockDevice(
                id,
                file.device(),
                wiring.files(),
                file.fd(),
                System::nanoTime,
                wiring.events(),
                wiring.limits(),
                wiring.statistics().own(id, BlockCounters.class, BlockCounters::new));
        disks.put(id, new Disk(device, file));
        return device;
    }

    private void connect(NamedDevice named, DevicePlacement placement) {
        connect(make(named.config(), named.id()), placement);
    }

    /** In this order, so that what is closed last first goes: quiesce, doorbells, interrupt, device. */
    private <S> void connect(VirtioDevice<S> device, DevicePlacement placement) {
        // What is made between the device and its connection to the loop does not fail, but for the line.
        ConnectedLine line;
        try {
            line = wiring.chips().connect(placement.requireInterrupt());
        } catch (RuntimeException | Error e) {
            wiring.loop().execute(device::close);
            throw e;
        }
        VirtioMmioTransport transport = new VirtioMmioTransport(
                device,
                wiring.memory(),
                wiring.loop(),
                line,
                wiring.statistics().of(device));
        VirtioMmioDevice<S> joined = cleanup.add(new VirtioMmioDevice<>(device, transport, wiring.loop()));
        cleanup.add(line);
        VirtioFunction function = transport.function();
        GpaRange registers = placement.memory().getFirst();
        AddressBus.Claim _ = cleanup.add(
                wiring.deviceMemory().register(placement.id(), registers.startGpa(), registers.sizeBytes(), transport));
        for (int queue = 0; queue < device.queueCount(); queue++) {
            connectDoorbell(function, registers.startGpa(), queue);
        }
        cleanup.add(joined::reset);
        devices.add(joined);
        whole.put(device.id(), joined);
    }

    private void connectDoorbell(VirtioFunction function, long registersGpa, int queue) {
        String name = "doorbell " + queue + " of " + function.device().id();
        long notifyGpa = registersGpa + VirtioMmioRegisters.VIRTIO_MMIO_QUEUE_NOTIFY;
        cleanup.add(wiring.vm()
                .bindDoorbell(
                        name, notifyGpa, Integer.BYTES, queue, wiring.loop(), () -> function.queueNotified(queue)));
    }

    /**
     * Makes a disk larger while it runs, and tells its driver.
     *
     * @throws ConfigException if there is no such disk, or it can't have that size
     */
    public void growDisk(String id, long newSizeBytes) throws InterruptedException {
        Disk disk = requireDisk(id);
        disk.file().grow(newSizeBytes);
        tellDriver(disk, newSizeBytes);
    }

    /**
     * As {@link #growDisk}, to the size that its file has got.
     *
     * @param atItsPath whether that must be the file that its path leads to by now
     * @throws ConfigException if there is no such disk, its file has not grown in whole blocks, or is not at its path
     */
    public void remeasureDisk(String id, boolean atItsPath) throws InterruptedException {
        Disk disk = requireDisk(id);
        if (atItsPath) {
            disk.file().requireAtItsPath();
        }
        tellDriver(disk, disk.file().remeasure());
    }

    /**
     * Asks the guest for memory, of which it has a balloon of that size then.
     *
     * @throws ConfigException if there is no balloon, or it can't have that size
     */
    public void setBalloon(long sizeBytes) throws InterruptedException {
        BalloonConfig.requireSize(sizeBytes, wiring.memory().sizeBytes());
        BalloonDevice device = requireBalloon();
        boolean _ = onLoop(device, "size", () -> {
            device.setTarget((int) (sizeBytes / MemorySize.PAGE_SIZE));
            return true;
        });
    }

    /**
     * Asks the guest for its memory's statistics so often from now on.
     *
     * @param seconds at least 1
     * @throws ConfigException if there is no balloon, or it has no statistics
     */
    public void setBalloonStatistics(int seconds) throws InterruptedException {
        BalloonDevice device = requireBalloon();
        if (device.pollSeconds() == 0) {
            throw new ConfigException("the balloon has no statistics; they are asked for before the machine starts");
        }
        boolean _ = onLoop(device, "statistics", () -> {
            device.setPollSeconds(seconds);
            return true;
        });
    }

    /** The balloon at this moment; null if there is none. */
    public @Nullable BalloonView balloon() {
        BalloonDevice present = balloon;
        return present == null ? null : BalloonView.of(present);
    }

    private <R> R onLoop(VirtioDevice<?> device, String what, Supplier<R> task) throws InterruptedException {
        return Objects.requireNonNull(whole.get(device.id())).onLoop(what, task);
    }

    private BalloonDevice requireBalloon() {
        BalloonDevice present = balloon;
        if (present == null) {
            throw new ConfigException("this machine has no balloon");
        }
        return present;
    }

    private Disk requireDisk(String id) {
        Disk disk = disks.get(id);
        if (disk == null) {
            throw new ConfigException("there is no disk '" + id + "'; this machine has "
                    + (disks.isEmpty()
                            ? "none"
                            : String.join(", ", disks.keySet().stream().sorted().toList())));
        }
        return disk;
    }

    private void tellDriver(Disk disk, long newSizeBytes) throws InterruptedException {
        boolean _ = onLoop(disk.device(), "resize", () -> {
            disk.device().resize(newSizeBytes);
            return true;
        });
    }

    /** Resets every device and waits for what is in flight, then takes doorbells and interrupts back. No vCPU runs any more. */
    @Override
    public void close() {
        cleanup.close();
    }
}
