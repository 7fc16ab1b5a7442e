package io.javisor.firmware.layout;

import io.javisor.core.memory.GpaRange;
import java.util.List;
import java.util.stream.Stream;

/** How a guest learns of its processors and interrupts, and where that stands in memory. */
public sealed interface SystemTables {
    /** What is written, range by range. */
    List<BootLayout.Taken> taken();

    /** What boot protocols hand over as the RSDP's address; 0 says that there is none. */
    long rsdpGpa();

    /**
     * The tables of the MultiProcessor Specification 1.4.
     *
     * @param floatingPointerGpa 16-byte aligned, where a guest looks for it (§4): the first KiB of the EBDA, the last KiB of base memory,
     *     or 0xF0000 to 0xFFFFF
     * @param table the configuration table, in memory that is not reported as RAM
     */
    record Mp(long floatingPointerGpa, GpaRange table) implements SystemTables {
        /** Bytes of the floating pointer structure. */
        public static final int FLOATING_POINTER_SIZE = 16;

        public Mp {
            if (floatingPointerGpa % 16 != 0) {
                throw new IllegalArgumentException("boot layout: the MP floating pointer is 16-byte aligned");
            }
        }

        @Override
        public List<BootLayout.Taken> taken() {
            return List.of(
                    new BootLayout.Taken(
                            "the MP floating pointer", new GpaRange(floatingPointerGpa, FLOATING_POINTER_SIZE)),
                    new BootLayout.Taken("the MP table", table));
        }

        @Override
        public long rsdpGpa() {
            return 0;
        }
    }

    /**
     * ACPI's tables.
     *
     * @param area the RSDP first, at a place where guests look for it (ACPI 6.5 §5.2.5.1); in memory that is not reported as RAM
     */
    record Acpi(GpaRange area) implements SystemTables {
        @Override
        public List<BootLayout.Taken> taken() {
            return List.of(new BootLayout.Taken("the ACPI tables", area));
        }

        @Override
        public long rsdpGpa() {
            return area.startGpa();
        }
    }

    /** Both, of one machine: a guest that knows ACPI takes it, and others the MP table. */
    record AcpiAndMp(Acpi acpi, Mp mp) implements SystemTables {
        @Override
        public List<BootLayout.Taken> taken() {
            return Stream.concat(acpi.taken().stream(), mp.taken().stream()).toList();
        }

        @Override
        public long rsdpGpa() {
            return acpi.rsdpGpa();
        }
    }
}
