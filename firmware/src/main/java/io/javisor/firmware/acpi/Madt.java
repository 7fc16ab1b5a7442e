package io.javisor.firmware.acpi;

import io.javisor.core.irq.GsiInput;
import io.javisor.firmware.mptable.InterruptSource;

/** The multiple APIC description table (ACPI 6.5 §5.2.12). */
final class Madt {
    private static final int REVISION = 6;

    /** Two 8259s besides the APICs. */
    private static final int PCAT_COMPAT = 1;

    private static final int LOCAL_APIC = 0;
    private static final int IO_APIC = 1;
    private static final int INTERRUPT_SOURCE_OVERRIDE = 2;
    private static final int LOCAL_APIC_NMI = 4;

    private static final int LOCAL_APIC_ENABLED = 1;

    /** MPS INTI flags (table 5.26). */
    private static final int POLARITY_ACTIVE_HIGH = 1;

    private static final int POLARITY_ACTIVE_LOW = 3;
    private static final int TRIGGER_EDGE = 1 << 2;
    private static final int TRIGGER_LEVEL = 3 << 2;

    private static final int ISA_BUS = 0;
    private static final int ALL_PROCESSORS = 0xFF;
    private static final int NMI_LINT = 1;

    private Madt() {}

    static byte[] build(AcpiConfig config) {
        TableWriter table =
                new TableWriter("APIC", REVISION).u32(config.localApicGpa()).u32(PCAT_COMPAT);
        int uid = 0;
        for (int apicId : config.apicIds()) {
            // §5.2.12.2
            table.u8(LOCAL_APIC).u8(8).u8(uid++).u8(apicId).u32(LOCAL_APIC_ENABLED);
        }
        IoApic ioApic = config.ioApic();
        // §5.2.12.3
        table.u8(IO_APIC).u8(12).u8(ioApic.id()).u8(0).u32(ioApic.gpa()).u32(ioApic.gsiBase());
        for (InterruptSource override : config.overrides()) {
            // §5.2.12.5
            GsiInput input = override.input();
            table.u8(INTERRUPT_SOURCE_OVERRIDE).u8(10).u8(ISA_BUS).u8(override.isaIrq());
            table.u32(input.gsi()).u16(flags(input));
        }
        // §5.2.12.7
        table.u8(LOCAL_APIC_NMI).u8(6).u8(ALL_PROCESSORS).u16(0).u8(NMI_LINT);
        return table.table();
    }

    private static int flags(GsiInput input) {
        int polarity =
                switch (input.polarity()) {
                    case ACTIVE_HIGH -> POLARITY_ACTIVE_HIGH;
                    case ACTIVE_LOW -> POLARITY_ACTIVE_LOW;
                };
        int trigger =
                switch (input.trigger()) {
                    case EDGE -> TRIGGER_EDGE;
                    case LEVEL -> TRIGGER_LEVEL;
                };
        return polarity | trigger;
    }
}
