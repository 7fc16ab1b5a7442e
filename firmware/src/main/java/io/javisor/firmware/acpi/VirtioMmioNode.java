package io.javisor.firmware.acpi;

import io.javisor.core.irq.GsiInput;

/**
 * A virtio device on the MMIO transport: {@code LNRO0005}, the id that Linux's virtio_mmio driver knows.
 *
 * @param index 0 to 255; also the {@code _UID}
 * @param startGpa its registers
 * @param sizeBytes of the registers
 * @param input its interrupt
 */
public record VirtioMmioNode(int index, long startGpa, long sizeBytes, GsiInput input) implements AcpiDevice {
    public VirtioMmioNode {
        if (index < 0 || index > 0xFF) {
            throw new IllegalArgumentException("virtio device " + index + " is not 0 to 255");
        }
    }

    @Override
    public String amlName() {
        return "VR%02X".formatted(index);
    }

    @Override
    public AmlTerm aml() {
        return Aml.device(
                amlName(),
                Aml.name("_HID", Aml.string("LNRO0005")),
                Aml.name("_UID", Aml.integer(index)),
                // Its DMA is coherent (ACPI 6.5 §6.2.17).
                Aml.name("_CCA", Aml.integer(1)),
                Aml.name(
                        "_CRS",
                        new ResourceTemplate()
                                .memory(startGpa, sizeBytes)
                                .interrupt(input)
                                .build()));
    }
}
