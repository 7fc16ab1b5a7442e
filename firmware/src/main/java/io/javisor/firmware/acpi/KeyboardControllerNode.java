package io.javisor.firmware.acpi;

import io.javisor.core.irq.GsiInput;
import java.util.Set;

/**
 * An i8042 with a keyboard, without a mouse: {@code PNP0303}.
 *
 * @param input the keyboard's interrupt, of ISA
 */
public record KeyboardControllerNode(GsiInput input) implements AcpiDevice {
    private static final int DATA_PORT = 0x60;
    private static final int COMMAND_PORT = 0x64;

    @Override
    public String amlName() {
        return "KBD";
    }

    @Override
    public AmlTerm aml() {
        return Aml.device(
                amlName(),
                Aml.name("_HID", Aml.eisaId("PNP0303")),
                Aml.name(
                        "_CRS",
                        new ResourceTemplate()
                                .io(DATA_PORT, 1)
                                .io(COMMAND_PORT, 1)
                                .irq(input)
                                .build()));
    }

    @Override
    public Set<LegacyFeature> legacyFeatures() {
        return Set.of(LegacyFeature.LEGACY_DEVICES, LegacyFeature.KEYBOARD_CONTROLLER);
    }
}
