package io.javisor.firmware.acpi;

import java.util.Set;

/** A device that the DSDT describes under {@code \_SB}. */
public interface AcpiDevice {
    /** Its name segment in AML, which no other device has. */
    String amlName();

    /** The whole {@code Device () { … }}. */
    AmlTerm aml();

    /** What it adds to the FADT's flags. */
    default Set<LegacyFeature> legacyFeatures() {
        return Set.of();
    }
}
