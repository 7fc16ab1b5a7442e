package io.javisor.firmware.acpi;

/**
 * The port by which a guest reports its panic: {@code QEMU0001}, with the methods {@code RDPT} and {@code WRPT} that its specification asks
 * for (QEMU docs/specs/pvpanic, "ACPI Interface").
 *
 * @param port one byte wide
 */
public record PvpanicNode(int port) implements AcpiDevice {
    /** Present, enabled, shown, functioning (ACPI 6.5 §6.3.7). */
    private static final int STA_PRESENT = 0xF;

    @Override
    public String amlName() {
        return "PEVT";
    }

    @Override
    public AmlTerm aml() {
        return Aml.device(
                amlName(),
                Aml.name("_HID", Aml.string("QEMU0001")),
                Aml.name("_STA", Aml.integer(STA_PRESENT)),
                Aml.name("_CRS", new ResourceTemplate().io(port, 1).build()),
                Aml.systemIoRegion("PEOR", port, 1),
                Aml.byteField("PEOR", Aml.fieldUnit("PEPT", 8)),
                Aml.method("RDPT", 0, Aml.returnOf(Aml.reference("PEPT"))),
                Aml.method("WRPT", 1, Aml.store(Aml.argument(0), Aml.reference("PEPT"))));
    }
}
