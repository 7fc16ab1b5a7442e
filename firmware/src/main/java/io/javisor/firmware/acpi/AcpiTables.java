package io.javisor.firmware.acpi;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.BootException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * All ACPI tables of a machine, linked and placed: RSDP, FACS, DSDT, FADT, MADT, RSDT and XSDT.
 *
 * @param tables ascending and disjoint, all in the configured area
 * @param rsdpGpa where the RSDP is, for boot protocols that hand it over
 */
public record AcpiTables(List<PlacedTable> tables, long rsdpGpa) {
    /** §5.2.5.1: the RSDP is on a 16-byte boundary; the tables need none, but like one. */
    private static final int ALIGNMENT = 16;

    private static final int RSDP_SIZE = 36;
    private static final int RSDP_V1_SIZE = 20;
    private static final int RSDP_CHECKSUM_OFFSET = 8;
    private static final int RSDP_EXTENDED_CHECKSUM_OFFSET = 32;
    private static final int RSDP_REVISION = 2;

    private static final int ROOT_TABLE_REVISION = 1;

    public AcpiTables {
        tables = List.copyOf(tables);
    }

    /**
     * Makes the tables.
     *
     * @throws BootException if they do not fit into the area
     */
    public static AcpiTables build(AcpiConfig config) {
        Placement placement = new Placement(config.area());
        long rsdpGpa = placement.reserve(RSDP_SIZE, ALIGNMENT);
        long facsGpa = placement.add("FACS", Fadt.facs(), Fadt.FACS_ALIGNMENT);
        long dsdtGpa = placement.add("DSDT", Dsdt.build(config), ALIGNMENT);
        List<Long> listed = new ArrayList<>();
        listed.add(placement.add("FACP", Fadt.build(config, facsGpa, dsdtGpa), ALIGNMENT));
        listed.add(placement.add("APIC", Madt.build(config), ALIGNMENT));
        long rsdtGpa = placement.add("RSDT", rootTable("RSDT", listed, 4), ALIGNMENT);
        long xsdtGpa = placement.add("XSDT", rootTable("XSDT", listed, 8), ALIGNMENT);
        placement.requireFit();
        placement.tables.addFirst(placed("RSDP", rsdpGpa, rsdp(rsdtGpa, xsdtGpa)));
        return new AcpiTables(placement.tables, rsdpGpa);
    }

    /** Writes all tables. */
    public void writeTo(GuestMemory memory) {
        for (PlacedTable table : tables) {
            memory.copyIn(table.content(), 0, table.gpa(), table.content().byteSize());
        }
    }

    /** §5.2.5.3. */
    private static byte[] rsdp(long rsdtGpa, long xsdtGpa) {
        byte[] rsdp = new TableWriter()
                .text("RSD PTR ")
                .u8(0) // checksum
                .text(TableWriter.OEM_ID)
                .u8(RSDP_REVISION)
                .u32(rsdtGpa)
                .u32(RSDP_SIZE)
                .u64(xsdtGpa)
                .u8(0) // extended checksum
                .zeros(3)
                .bytes();
        TableWriter.putChecksum(rsdp, RSDP_CHECKSUM_OFFSET, RSDP_V1_SIZE);
        TableWriter.putChecksum(rsdp, RSDP_EXTENDED_CHECKSUM_OFFSET, RSDP_SIZE);
        return rsdp;
    }

    /** §5.2.7 and §5.2.8: the two differ in the width of their entries. */
    private static byte[] rootTable(String signature, List<Long> listed, int entrySize) {
        TableWriter table = new TableWriter(signature, ROOT_TABLE_REVISION);
        for (long gpa : listed) {
            if (entrySize == 4) {
                table.u32(gpa);
            } else {
                table.u64(gpa);
            }
        }
        return table.table();
    }

    private static PlacedTable placed(String name, long gpa, byte[] content) {
        return new PlacedTable(name, gpa, MemorySegment.ofArray(content).asReadOnly());
    }

    /** One table after the other, from the start of the area. */
    private static final class Placement {
        private final GpaRange area;
        private final List<PlacedTable> tables = new ArrayList<>();
        private long nextGpa;

        Placement(GpaRange area) {
            this.area = area;
            nextGpa = area.startGpa();
        }

        long reserve(int sizeBytes, int alignment) {
            long gpa = (nextGpa + alignment - 1) & -alignment;
            nextGpa = gpa + sizeBytes;
            return gpa;
        }

        long add(String name, byte[] content, int alignment) {
            long gpa = reserve(content.length, alignment);
            tables.add(placed(name, gpa, content));
            return gpa;
        }

        void requireFit() {
            if (nextGpa > area.endGpa()) {
                throw new BootException("the ACPI tables take %d bytes, but their place %s has %d"
                        .formatted(nextGpa - area.startGpa(), area, area.sizeBytes()));
            }
        }
    }
}
