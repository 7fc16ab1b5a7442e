package io.javisor.machine.plan;

import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NamedDevice;
import java.util.ArrayList;
import java.util.List;

/**
 * Where virtio devices lie on the MMIO transport: each has a page of registers and an edge-triggered interrupt of its own, in the order of the
 * configuration.
 */
public final class VirtioSlots {
    private VirtioSlots() {}

    /**
     * The places of {@code devices}, of which there are at most {@link MachineConfig#MAX_VIRTIO_DEVICES}.
     */
    public static List<DevicePlacement> of(List<NamedDevice> devices) {
        List<DevicePlacement> placements = new ArrayList<>(devices.size());
        for (int slot = 0; slot < devices.size(); slot++) {
            NamedDevice device = devices.get(slot);
            placements.add(new DevicePlacement(
                    DevicePlacement.Kind.VIRTIO,
                    device.id(),
                    device.config().description(),
                    List.of(),
                    List.of(new GpaRange(
                            X86MemoryMap.VIRTIO_MMIO_GPA + slot * X86MemoryMap.VIRTIO_MMIO_SLOT_SIZE,
                            X86MemoryMap.VIRTIO_MMIO_SLOT_SIZE)),
                    GsiInput.isa(X86MemoryMap.VIRTIO_MMIO_GSIS.get(slot))));
        }
        return placements;
    }

    /** What tells a Linux without ACPI of a device (Documentation/admin-guide/kernel-parameters.txt, virtio_mmio.device). */
    static String kernelParameter(DevicePlacement device) {
        GpaRange registers = device.memory().getFirst();
        GsiInput input = device.requireInterrupt();
        return "virtio_mmio.device=%dK@0x%x:%d"
                .formatted(registers.sizeBytes() >> 10, registers.startGpa(), input.gsi());
    }
}
