package io.javisor.firmware.acpi;

import java.util.HexFormat;
import java.util.List;

/** The differentiated system description table: what the guest cannot probe (ACPI 6.5 §5.2.11.1). */
final class Dsdt {
    /** From 2 on, integers have 64 bits. */
    private static final int REVISION = 2;

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Dsdt() {}

    static byte[] build(AcpiConfig config) {
        int processorCount = config.apicIds().size();
        List<AcpiDevice> devices = config.devices();
        AmlTerm[] terms = new AmlTerm[processorCount + devices.size()];
        for (int i = 0; i < processorCount; i++) {
            terms[i] = processor(i);
        }
        for (int i = 0; i < devices.size(); i++) {
            terms[processorCount + i] = devices.get(i).aml();
        }
        return new TableWriter("DSDT", REVISION)
                .aml(Aml.scope("\\_SB", terms))
                .aml(softOff(config.power().softOffSleepType()))
                .table();
    }

    /** §7.4.2.6: the types for PM1a_CNT and PM1b_CNT (there is none), and two reserved elements. */
    private static AmlTerm softOff(int sleepType) {
        return Aml.name("\\_S5", Aml.packageOf(Aml.integer(sleepType), Aml.integer(0), Aml.integer(0), Aml.integer(0)));
    }

    /** §8.4: every processor is a device too, tied by its UID to the MADT's. */
    private static AmlTerm processor(int uid) {
        return Aml.device(
                "C" + HEX.toHexDigits(uid, 3),
                Aml.name("_HID", Aml.string("ACPI0007")),
                Aml.name("_UID", Aml.integer(uid)));
    }
}
