package io.javisor.machine;

import io.javisor.core.irq.GsiInput;
import java.util.ArrayList;
import java.util.List;

/**
 * Where virtio devices lie on the MMIO transport: each has a page of registers and an edge-triggered interrupt of its own, in the order of the
 * configuration.
 */
final class VirtioSlots {
    private VirtioSlots() {}

    /**
     * The places of {@code devices}.
     *
     * @throws ConfigException if there are more devices than places
     */
    static List<DevicePlacement> of(List<NamedDevice> devices) {
        requireRoom(devices.size());
        List<DevicePlacement> placements = new ArrayList<>(devices.size());
        for (int slot = 0; slot < devices.size(); slot++) {
            NamedDevice device = devices.get(slot);
            placements.add(new DevicePlacement(
                    DevicePlacement.Kind.VIRTIO,
                    device.id(),
                    device.config().description(),
                    List.of(),
                    List.of(new DevicePlacement.Memory(
                            X86MemoryMap.VIRTIO_MMIO_GPA + slot * X86MemoryMap.VIRTIO_MMIO_SLOT_SIZE,
                            X86MemoryMap.VIRTIO_MMIO_SLOT_SIZE)),
                    GsiInput.isa(X86MemoryMap.VIRTIO_MMIO_GSIS.get(slot))));
        }
        return placements;
    }

    /** Throws a {@link ConfigException} unless a machine has room for that many devices. */
    static void requireRoom(int count) {
        int slots = X86MemoryMap.VIRTIO_MMIO_GSIS.size();
        if (count > slots) {
            throw new ConfigException(
                    count + " virtio devices are too many: a machine has interrupts for " + slots + "; leave some out");
        }
    }

    /** What tells a Linux without ACPI of a device (Documentation/admin-guide/kernel-parameters.txt, virtio_mmio.device). */
    static String kernelParameter(DevicePlacement device) {
        DevicePlacement.Memory registers = device.memory().getFirst();
        GsiInput input = device.requireInterrupt();
        return "virtio_mmio.device=%dK@0x%x:%d"
                .formatted(registers.sizeBytes() >> 10, registers.startGpa(), input.gsi());
    }
}
