package io.javisor.firmware.acpi;

import io.javisor.core.irq.GsiInput;
import java.util.Set;

/**
 * A 16550A on ISA: {@code PNP0501}, eight ports.
 *
 * @param number 1 to 4, as in COM1; also the {@code _UID}
 * @param port the first of its ports
 * @param input its interrupt, of ISA
 * @param shared whether another port has the same interrupt
 */
public record SerialPortNode(int number, int port, GsiInput input, boolean shared) implements AcpiDevice {
    private static final int PORT_COUNT = 8;

    public SerialPortNode {
        if (number < 1 || number > 4) {
            throw new IllegalArgumentException("serial port number " + number + " is not 1 to 4");
        }
    }

    @Override
    public String amlName() {
        return "COM" + number;
    }

    @Override
    public AmlTerm aml() {
        return Aml.device(
                amlName(),
                Aml.name("_HID", Aml.eisaId("PNP0501")),
                Aml.name("_UID", Aml.integer(number)),
                Aml.name(
                        "_CRS",
                        new ResourceTemplate()
                                .io(port, PORT_COUNT)
                                .irq(input, shared)
                                .build()));
    }

    @Override
    public Set<LegacyFeature> legacyFeatures() {
        return Set.of(LegacyFeature.LEGACY_DEVICES);
    }
}
