package io.javisor.firmware.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.LittleEndian;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.GsiInput.Polarity;
import io.javisor.core.irq.GsiInput.Trigger;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.BootException;
import io.javisor.firmware.mptable.InterruptSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the tables as an operating system does: from guest memory, beginning with the search for the RSDP. */
class AcpiTablesTest {
    private static final int MIB = 1 << 20;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16, 255})
    void rsdpLeadsToEveryTable(int processorCount) {
        AcpiTables tables = AcpiTables.build(SampleMachine.full(processorCount));
        MemorySegment memory = MemorySegment.ofArray(new byte[MIB]);
        writeTo(memory, tables);
        long rsdpGpa = search(memory);
        assertEquals(tables.rsdpGpa(), rsdpGpa);
        assertEquals(0, sum(memory, rsdpGpa, 20), "RSDP checksum");
        assertEquals(36, u(memory, rsdpGpa + 20, 4));
        assertEquals(0, sum(memory, rsdpGpa, 36), "RSDP extended checksum");
        assertEquals(2, u(memory, rsdpGpa + 15, 1), "RSDP revision");

        long rsdtGpa = u(memory, rsdpGpa + 16, 4);
        long xsdtGpa = u(memory, rsdpGpa + 24, 8);
        assertTable(memory, "RSDT", rsdtGpa);
        assertTable(memory, "XSDT", xsdtGpa);
        List<Long> byRsdt = entries(memory, rsdtGpa, 4);
        assertEquals(byRsdt, entries(memory, xsdtGpa, 8));
        assertEquals(2, byRsdt.size());
        long fadtGpa = byRsdt.get(0);
        assertTable(memory, "FACP", fadtGpa);
        assertTable(memory, "APIC", byRsdt.get(1));

        long facsGpa = u(memory, fadtGpa + 36, 4);
        assertEquals("FACS", text(memory, facsGpa, 4));
        assertEquals(0, facsGpa % 64);
        assertEquals(64, u(memory, facsGpa + 4, 4));
        assertEquals(2, u(memory, facsGpa + 32, 1), "FACS version");
        assertEquals(0, u(memory, fadtGpa + 132, 8), "X_FIRMWARE_CTRL");
        long dsdtGpa = u(memory, fadtGpa + 40, 4);
        assertEquals(dsdtGpa, u(memory, fadtGpa + 140, 8), "X_DSDT");
        assertTable(memory, "DSDT", dsdtGpa);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255})
    void tablesAreDisjointAndInTheArea(int processorCount) {
        AcpiTables tables = AcpiTables.build(SampleMachine.full(processorCount));
        long end = SampleMachine.AREA.startGpa();
        for (PlacedTable table : tables.tables()) {
            assertTrue(table.gpa() >= end, table.name());
            assertEquals(0, table.gpa() % 16, table.name());
            assertTrue(table.content().isReadOnly());
            end = table.gpa() + table.content().byteSize();
        }
        assertTrue(end <= SampleMachine.AREA.endGpa());
    }

    @Test
    void theLargestMachineLeavesRoomForAnMpTable() {
        AcpiConfig full = SampleMachine.full(254);
        List<AcpiDevice> devices = new ArrayList<>(full.devices());
        for (int i = 0x10; i < 0x20; i++) {
            devices.add(new VirtioMmioNode(i, 0xD000_0000L + i * 0x1000L, 0x1000, GsiInput.isa(5)));
        }
        AcpiConfig largest = withArea(SampleMachine.config(254, devices), GpaRange.between(0xE_0000, 0xF_0000));
        PlacedTable last = AcpiTables.build(largest).tables().getLast();
        assertTrue(last.gpa() + last.content().byteSize() <= 0xF_0000);
    }

    @Test
    void areaMayStartAnywhereAndIsNotExceeded() {
        AcpiConfig config = SampleMachine.full(4);
        AcpiTables whole = AcpiTables.build(config);
        PlacedTable last = whole.tables().getLast();
        long size = last.gpa() + last.content().byteSize() - SampleMachine.AREA.startGpa();
        AcpiTables exact = AcpiTables.build(withArea(config, new GpaRange(0xE_0000, size)));
        assertEquals(whole.rsdpGpa(), exact.rsdpGpa());
        BootException tooSmall = assertThrows(
                BootException.class, () -> AcpiTables.build(withArea(config, new GpaRange(0xE_0000, size - 1))));
        assertEquals(
                "the ACPI tables take %d bytes, but their place 0xe0000-0x%x has %d"
                        .formatted(size, 0xE_0000 + size - 2, size - 1),
                tooSmall.getMessage());
        assertEquals(
                0xF_1240,
                AcpiTables.build(withArea(config, GpaRange.between(0xF_1231, 0x10_0000)))
                        .rsdpGpa());
    }

    @Test
    void fadt() {
        MemorySegment fadt = table(SampleMachine.full(1), "FACP");
        assertEquals(276, fadt.byteSize());
        assertEquals(6, u(fadt, 8, 1), "major version");
        assertEquals(5, u(fadt, 131, 1), "minor version");
        assertEquals(9, u(fadt, 46, 2), "SCI_INT");
        assertEquals(0, u(fadt, 48, 4), "SMI_CMD");
        assertEquals(0, u(fadt, 52, 4), "ACPI_ENABLE to PSTATE_CNT");
        assertEquals(0x600, u(fadt, 56, 4), "PM1a_EVT_BLK");
        assertEquals(0x604, u(fadt, 64, 4), "PM1a_CNT_BLK");
        assertEquals(0x608, u(fadt, 76, 4), "PM_TMR_BLK");
        assertEquals(4, u(fadt, 88, 1), "PM1_EVT_LEN");
        assertEquals(2, u(fadt, 89, 1), "PM1_CNT_LEN");
        assertEquals(4, u(fadt, 91, 1), "PM_TMR_LEN");
        assertEquals(101, u(fadt, 96, 2), "P_LVL2_LAT");
        assertEquals(1001, u(fadt, 98, 2), "P_LVL3_LAT");
        assertEquals(0x32, u(fadt, 108, 1), "CENTURY");
        assertEquals(0b00_0111, u(fadt, 109, 2), "IAPC_BOOT_ARCH: legacy devices, 8042, no VGA");
        assertEquals(0x565, u(fadt, 112, 4), "flags");
        assertGas(fadt, 116, 0xCF9, 8, 1);
        assertEquals(6, u(fadt, 128, 1), "RESET_VALUE");
        assertGas(fadt, 148, 0x600, 32, 3);
        assertGas(fadt, 172, 0x604, 16, 2);
        assertGas(fadt, 208, 0x608, 32, 3);
        int[] absent = {60, 68, 72, 80, 84};
        for (int offset : absent) {
            assertEquals(0, u(fadt, offset, 4), "offset " + offset);
        }
        int[] absentAddresses = {160, 184, 196, 220, 232, 244, 256};
        for (int offset : absentAddresses) {
            assertEquals(0, u(fadt, offset, 8) | u(fadt, offset + 8, 4), "offset " + offset);
        }
        assertEquals("JAVISOR ", text(fadt, 268, 8));
    }

    @Test
    void fadtFollowsTheDevices() {
        MemorySegment bare = table(SampleMachine.bare(1), "FACP");
        assertEquals(0, u(bare, 108, 1), "no CENTURY");
        assertEquals(0b10_0100, u(bare, 109, 2), "no VGA, no RTC");
        MemorySegment screen = table(SampleMachine.config(1, List.of(new Screen())), "FACP");
        assertEquals(0b10_0001, u(screen, 109, 2), "a VGA, no RTC");
    }

    @Test
    void timerOf24Bits() {
        AcpiConfig full = SampleMachine.full(1);
        PowerManagement power = new PowerManagement(0x400, 0x404, 0x408, 24, 7, 0x64, 0xFE);
        MemorySegment fadt = table(
                new AcpiConfig(
                        full.area(),
                        full.apicIds(),
                        full.localApicGpa(),
                        full.ioApic(),
                        full.interrupts(),
                        full.sci(),
                        power,
                        full.devices()),
                "FACP");
        assertEquals(0x465, u(fadt, 112, 4), "flags without TMR_VAL_EXT");
        assertGas(fadt, 116, 0x64, 8, 1);
        assertEquals(0xFE, u(fadt, 128, 1));
    }

    @Test
    void madt() {
        MemorySegment madt = table(SampleMachine.full(2), "APIC");
        assertEquals(0xFEE0_0000L, u(madt, 36, 4));
        assertEquals(1, u(madt, 40, 4), "PCAT_COMPAT");
        assertEquals(
                List.of(
                        "00 08 00 00 01 00 00 00",
                        "00 08 01 01 01 00 00 00",
                        "01 0c 00 00 00 00 c0 fe 00 00 00 00",
                        "02 0a 00 00 02 00 00 00 05 00",
                        "02 0a 00 09 09 00 00 00 0d 00",
                        "04 06 ff 00 00 01"),
                structures(madt));
    }

    @Test
    void madtOfUnorderedApicIds() {
        AcpiConfig bare = SampleMachine.bare(1);
        GsiInput sci = new GsiInput(10, Trigger.LEVEL, Polarity.ACTIVE_LOW);
        MemorySegment madt = table(
                new AcpiConfig(
                        bare.area(),
                        List.of(4, 0, 254),
                        0xFEE0_0000L,
                        new IoApic(7, 0xFEC0_1000L, 24),
                        List.of(
                                new InterruptSource(3, GsiInput.isa(3)),
                                new InterruptSource(5, new GsiInput(5, Trigger.EDGE, Polarity.ACTIVE_LOW)),
                                new InterruptSource(10, sci),
                                new InterruptSource(20, new GsiInput(20, Trigger.LEVEL, Polarity.ACTIVE_LOW))),
                        sci,
                        bare.power(),
                        List.of()),
                "APIC");
        assertEquals(
                List.of(
                        "00 08 00 04 01 00 00 00",
                        "00 08 01 00 01 00 00 00",
                        "00 08 02 fe 01 00 00 00",
                        "01 0c 07 00 00 10 c0 fe 18 00 00 00",
                        "02 0a 00 05 05 00 00 00 07 00",
                        "02 0a 00 0a 0a 00 00 00 0f 00",
                        "04 06 ff 00 00 01"),
                structures(madt));
    }

    @Test
    void softOffNamesTheSleepType() {
        byte[] dsdt = table(SampleMachine.bare(1), "DSDT").toArray(ValueLayout.JAVA_BYTE);
        String s5 = Aml.terms(Aml.name(
                        "\\_S5", Aml.packageOf(Aml.integer(5), Aml.integer(0), Aml.integer(0), Aml.integer(0))))
                .toString();
        assertTrue(AmlTerm.of(dsdt).toString().endsWith(s5));
    }

    @ParameterizedTest
    @CsvSource({"0xDFFFF, 0xF0000", "0xE0000, 0x100001", "0x100000, 0x110000"})
    void areaIsWhereTheRsdpIsLookedFor(String start, String end) {
        GpaRange area = GpaRange.between(Long.decode(start), Long.decode(end));
        assertThrows(IllegalArgumentException.class, () -> withArea(SampleMachine.bare(1), area));
    }

    @Test
    void contradictionsAreRefused() {
        AcpiDevice port = new SerialPortNode(1, 0x3F8, GsiInput.isa(4), false);
        assertThrows(IllegalArgumentException.class, () -> SampleMachine.config(0, List.of()));
        assertThrows(IllegalArgumentException.class, () -> SampleMachine.config(1, List.of(port, port)));
        assertThrows(BootException.class, () -> SampleMachine.bare(256));
        assertThrows(IllegalArgumentException.class, () -> with(List.of(1, 1), SampleMachine.SCI, List.of()));
        assertThrows(IllegalArgumentException.class, () -> with(List.of(0), GsiInput.isa(9), List.of()));
        GsiInput sci20 = new GsiInput(20, Trigger.LEVEL, Polarity.ACTIVE_HIGH);
        assertThrows(IllegalArgumentException.class, () -> with(List.of(0), sci20, List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> with(List.of(0), SampleMachine.SCI, List.of(new InterruptSource(9, GsiInput.isa(9)))));
        assertThrows(
                IllegalArgumentException.class,
                () -> with(
                        List.of(0),
                        SampleMachine.SCI,
                        List.of(new InterruptSource(0, GsiInput.isa(2)), new InterruptSource(0, GsiInput.isa(0)))));
        assertThrows(IllegalArgumentException.class, () -> new IoApic(256, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new SerialPortNode(5, 0x3F8, GsiInput.isa(4), false));
        assertThrows(IllegalArgumentException.class, () -> new VirtioMmioNode(256, 0, 1, GsiInput.isa(4)));
        assertThrows(IllegalArgumentException.class, () -> new PowerManagement(0, 4, 8, 24, 5, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PowerManagement(0xFFFD, 4, 8, 24, 5, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PowerManagement(0x600, 0x604, 0x608, 16, 5, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PowerManagement(0x600, 0x604, 0x608, 24, 8, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PowerManagement(0x600, 0x604, 0x608, 24, 5, 1, 256));
    }

    @Test
    void writesThroughGuestMemory() {
        MemorySegment ram = MemorySegment.ofArray(new byte[2 * MIB]);
        AcpiTables tables = AcpiTables.build(SampleMachine.full(1));
        try (GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)))) {
            tables.writeTo(memory);
        }
        assertEquals(tables.rsdpGpa(), search(ram));
        assertFalse(text(ram, tables.tables().getLast().gpa(), 4).isBlank());
    }

    private static AcpiConfig with(List<Integer> apicIds, GsiInput sci, List<InterruptSource> interrupts) {
        AcpiConfig bare = SampleMachine.bare(1);
        return new AcpiConfig(
                bare.area(), apicIds, bare.localApicGpa(), bare.ioApic(), interrupts, sci, bare.power(), List.of());
    }

    private static AcpiConfig withArea(AcpiConfig config, GpaRange area) {
        return new AcpiConfig(
                area,
                config.apicIds(),
                config.localApicGpa(),
                config.ioApic(),
                config.interrupts(),
                config.sci(),
                config.power(),
                config.devices());
    }

    private static MemorySegment table(AcpiConfig config, String name) {
        return AcpiTables.build(config).tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow()
                .content();
    }

    private static void writeTo(MemorySegment memory, AcpiTables tables) {
        for (PlacedTable table : tables.tables()) {
            MemorySegment.copy(
                    table.content(), 0, memory, table.gpa(), table.content().byteSize());
        }
    }

    /** §5.2.5.1. */
    private static long search(MemorySegment memory) {
        for (long gpa = 0xE_0000; gpa < 0x10_0000; gpa += 16) {
            if (text(memory, gpa, 8).equals("RSD PTR ") && sum(memory, gpa, 20) == 0) {
                return gpa;
            }
        }
        throw new AssertionError("no RSDP");
    }

    private static void assertTable(MemorySegment memory, String signature, long gpa) {
        assertEquals(signature, text(memory, gpa, 4));
        assertEquals(0, sum(memory, gpa, u(memory, gpa + 4, 4)), signature + " checksum");
    }

    private static List<Long> entries(MemorySegment memory, long gpa, int size) {
        List<Long> entries = new ArrayList<>();
        long end = gpa + u(memory, gpa + 4, 4);
        for (long at = gpa + 36; at < end; at += size) {
            entries.add(u(memory, at, size));
        }
        return entries;
    }

    private static List<String> structures(MemorySegment madt) {
        List<String> structures = new ArrayList<>();
        for (long at = 44; at < madt.byteSize(); at += u(madt, at + 1, 1)) {
            byte[] structure = madt.asSlice(at, u(madt, at + 1, 1)).toArray(ValueLayout.JAVA_BYTE);
            structures.add(AmlTerm.of(structure).toString());
        }
        return structures;
    }

    private static void assertGas(MemorySegment table, long offset, int port, int bits, int accessSize) {
        assertEquals(1, u(table, offset, 1), "system I/O");
        assertEquals(bits, u(table, offset + 1, 1));
        assertEquals(0, u(table, offset + 2, 1));
        assertEquals(accessSize, u(table, offset + 3, 1));
        assertEquals(port, u(table, offset + 4, 8));
    }

    private static long u(MemorySegment memory, long offset, int size) {
        return LittleEndian.get(memory, offset, size);
    }

    private static int sum(MemorySegment memory, long gpa, long size) {
        int sum = 0;
        for (long i = 0; i < size; i++) {
            sum += memory.get(ValueLayout.JAVA_BYTE, gpa + i);
        }
        return sum & 0xFF;
    }

    private static String text(MemorySegment memory, long gpa, int size) {
        return new String(memory.asSlice(gpa, size).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    private record Screen() implements AcpiDevice {
        @Override
        public String amlName() {
            return "VGA";
        }

        @Override
        public AmlTerm aml() {
            return Aml.device(amlName());
        }

        @Override
        public Set<LegacyFeature> legacyFeatures() {
            return Set.of(LegacyFeature.LEGACY_DEVICES, LegacyFeature.VGA);
        }
    }
}
