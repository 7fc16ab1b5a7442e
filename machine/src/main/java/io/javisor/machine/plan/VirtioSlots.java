package io.javisor.machine.plan;

import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NamedDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Where virtio devices lie on the MMIO transport: each has a page of registers and an edge-triggered interrupt of its own, in the order of the
 * configuration, and some have memory besides, the second of their ranges.
 */
public final class VirtioSlots {
    private VirtioSlots() {}

    /**
     * The places of {@code devices}, of which there are at most {@link MachineConfig#MAX_VIRTIO_DEVICES}.
     *
     * @param ram where the RAM is
     * @param memorySizes how much memory of its own a device has, by its id; 0 for none
     */
    public static List<DevicePlacement> of(
            List<NamedDevice> devices, List<GpaRange> ram, ToLongFunction<String> memorySizes) {
        List<DevicePlacement> placements = new ArrayList<>(devices.size());
        GpaRange beneath = ram.getLast();
        for (int slot = 0; slot < devices.size(); slot++) {
            NamedDevice device = devices.get(slot);
            List<GpaRange> memory = new ArrayList<>();
            memory.add(new GpaRange(
                    X86MemoryMap.VIRTIO_MMIO_GPA + slot * X86MemoryMap.VIRTIO_MMIO_SLOT_SIZE,
                    X86MemoryMap.VIRTIO_MMIO_SLOT_SIZE));
            long own = memorySizes.applyAsLong(device.id());
            if (own > 0) {
                beneath = X86MemoryMap.deviceMemory(beneath, own);
                memory.add(beneath);
            }
            placements.add(new DevicePlacement(
                    DevicePlacement.Kind.VIRTIO,
                    device.id(),
                    device.config().description(),
                    List.of(),
                    memory,
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
