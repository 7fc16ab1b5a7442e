package io.javisor.firmware.acpi;

import io.javisor.core.irq.GsiInput;
import java.util.Set;

/**
 * A CMOS clock: {@code PNP0B00}, ports 0x70 and 0x71.
 *
 * @param input its interrupt, of ISA
 */
public record CmosRtcNode(GsiInput input) implements AcpiDevice {
    private static final int INDEX_PORT = 0x70;
    private static final int PORT_COUNT = 2;

    @Override
    public String amlName() {
        return "RTC";
    }

    @Override
    public AmlTerm aml() {
        return Aml.device(
                amlName(),
                Aml.name("_HID", Aml.eisaId("PNP0B00")),
                Aml.name(
                        "_CRS",
                        new ResourceTemplate()
                                .io(INDEX_PORT, PORT_COUNT)
                                .irq(input)
                                .build()));
    }

    @Override
    public Set<LegacyFeature> legacyFeatures() {
        return Set.of(LegacyFeature.CMOS_RTC);
    }
}
