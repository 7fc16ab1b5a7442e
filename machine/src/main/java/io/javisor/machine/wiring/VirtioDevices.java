package io.javisor.machine.wiring;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.event.EventLoop;
import io.javisor.core.irq.InterruptChips;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.ExposedDevice;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.balloon.BalloonDevice;
import io.javisor.devices.virtio.block.BlockDevice;
import io.javisor.devices.virtio.pmem.PmemDevice;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.host.DiskFile;
import io.javisor.machine.host.HostResources;
import io.javisor.machine.plan.MachinePlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The virtio devices of one life of a machine: made, bound to it, and at hand for those that are changed while the guest runs. */
public final class VirtioDevices implements AutoCloseable {
    /** What a life gives its devices. */
    public record Wiring(
            EngineVm vm,
            InterruptChips chips,
            AddressBus deviceMemory,
            GuestMemory memory,
            EventLoop loop,
            VirtioSources sources,
            HostResources host) {}

    private final VirtioBinder binder;
    private final List<ExposedDevice<?>> all = new ArrayList<>();
    private final Disks disks = new Disks();
    private @Nullable Balloon balloon;

    /** Makes and connects all of the plan. */
    public VirtioDevices(MachinePlan plan, Wiring wiring) {
        binder = new VirtioBinder(
                wiring.vm(),
                wiring.loop(),
                new MmioWires(wiring.deviceMemory(), wiring.chips(), wiring.memory(), wiring.loop(), wiring.sources()));
        try {
            for (NamedDevice named : plan.config().devices()) {
                String id = named.id();
                VirtioDevice<?> device = wiring.sources().newDevice(id);
                ExposedDevice<?> exposed = binder.bind(device, plan.placement(id));
                all.add(exposed);
                DiskFile file = wiring.host().disk(id);
                if (file != null && device instanceof BlockDevice disk) {
                    disks.add(disk, exposed, file);
                }
                if (device instanceof PmemDevice pmem) {
                    GpaRange place = pmem.place();
                    AddressBus.Claim _ = wiring.deviceMemory()
                            .register(
                                    id + " memory", place.startGpa(), place.sizeBytes(), pmem.window(wiring.memory()));
                }
                if (device instanceof BalloonDevice present) {
                    balloon = new Balloon(present, exposed, wiring.memory().sizeBytes());
                }
            }
        } catch (RuntimeException | Error e) {
            try {
                binder.close();
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** All, in the order of the configuration. */
    public List<ExposedDevice<?>> all() {
        return Collections.unmodifiableList(all);
    }

    public Disks disks() {
        return disks;
    }

    /** The balloon; null if there is none. */
    public @Nullable Balloon balloon() {
        return balloon;
    }

    /**
     * The balloon.
     *
     * @throws ConfigException if there is none
     */
    public Balloon requireBalloon() {
        Balloon present = balloon;
        if (present == null) {
            throw new ConfigException("this machine has no balloon");
        }
        return present;
    }

    /** Resets every device and waits for what is in flight, then takes doorbells and interrupts back. No vCPU runs any more. */
    @Override
    public void close() {
        binder.close();
    }
}
