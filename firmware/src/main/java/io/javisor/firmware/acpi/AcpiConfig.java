package io.javisor.firmware.acpi;

import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.layout.BootException;
import io.javisor.firmware.mptable.InterruptSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the ACPI tables tell of the machine. The interrupt inputs are the objects that wire the devices, so the two cannot differ.
 *
 * @param area where the tables go, in 0xE0000 to 0xFFFFF, the only place but the EBDA where an operating system on a PC looks for the
 *     RSDP (ACPI 6.5 §5.2.5.1). It is RAM that the guest may write (the FACS has a lock) and that the memory map must report as reserved
 * @param apicIds local APIC ids, the boot processor's first; their places are the processor UIDs
 * @param localApicGpa where every processor sees its own
 * @param interrupts the wiring of the ISA interrupts, as for the MP table: every one that is not at the pin of its own number,
 *     edge-triggered and active high, gets an override
 * @param sci the system control interrupt; level-triggered
 * @param devices what stands in the DSDT besides the processors
 */
public record AcpiConfig(
        GpaRange area,
        List<Integer> apicIds,
        long localApicGpa,
        IoApic ioApic,
        List<InterruptSource> interrupts,
        GsiInput sci,
        PowerManagement power,
        List<AcpiDevice> devices) {
    private static final GpaRange BIOS_AREA = GpaRange.between(0xE_0000, 0x10_0000);
    private static final int ISA_IRQ_COUNT = 16;

    /** Ids above are for x2APIC structures, and 255 is the broadcast. */
    private static final int APIC_ID_MAX = 254;

    public AcpiConfig {
        apicIds = List.copyOf(apicIds);
        interrupts = List.copyOf(interrupts);
        devices = List.copyOf(devices);
        if (!BIOS_AREA.contains(area)) {
            throw new IllegalArgumentException("ACPI tables at " + area + " are not in " + BIOS_AREA);
        }
        requireApicIds(apicIds);
        if (localApicGpa >>> 32 != 0) {
            throw new IllegalArgumentException("the local APIC at 0x%x is not below 4 GiB".formatted(localApicGpa));
        }
        if (sci.trigger() != GsiInput.Trigger.LEVEL || sci.gsi() >= ISA_IRQ_COUNT) {
            throw new IllegalArgumentException("the SCI is a level-triggered ISA interrupt, not " + sci);
        }
        Set<Integer> irqs = new HashSet<>();
        for (InterruptSource interrupt : interrupts) {
            if (!irqs.add(interrupt.isaIrq())) {
                throw new IllegalArgumentException("two wirings of IRQ " + interrupt.isaIrq());
            }
            if (interrupt.isaIrq() == sci.gsi() && !interrupt.input().equals(sci)) {
                throw new IllegalArgumentException("the SCI is " + sci + " but its IRQ " + interrupt.input());
            }
        }
        Set<String> names = new HashSet<>();
        for (AcpiDevice device : devices) {
            if (!names.add(device.amlName())) {
                throw new IllegalArgumentException("two ACPI devices with the name " + device.amlName());
            }
        }
    }

    /** What the devices add to the FADT's flags. */
    Set<LegacyFeature> legacyFeatures() {
        Set<LegacyFeature> features = EnumSet.noneOf(LegacyFeature.class);
        for (AcpiDevice device : devices) {
            features.addAll(device.legacyFeatures());
        }
        return features;
    }

    /** The ISA interrupts that are not wired as ISA has them, and the SCI, which never is. */
    List<InterruptSource> overrides() {
        List<InterruptSource> overrides = new ArrayList<>();
        for (InterruptSource interrupt : interrupts) {
            if (interrupt.isaIrq() < ISA_IRQ_COUNT
                    && interrupt.isaIrq() != sci.gsi()
                    && !interrupt.input().equals(GsiInput.isa(interrupt.isaIrq()))) {
                overrides.add(interrupt);
            }
        }
        overrides.add(new InterruptSource(sci.gsi(), sci));
        return overrides;
    }

    private static void requireApicIds(List<Integer> apicIds) {
        if (apicIds.isEmpty()) {
            throw new IllegalArgumentException("no processor");
        }
        Set<Integer> seen = new HashSet<>();
        for (int id : apicIds) {
            if (id < 0 || id > APIC_ID_MAX) {
                throw new BootException(
                        "ACPI tables take APIC ids from 0 to %d, not %d (no x2APIC yet)".formatted(APIC_ID_MAX, id));
            }
            if (!seen.add(id)) {
                throw new IllegalArgumentException("two processors with APIC id " + id);
            }
        }
    }
}
