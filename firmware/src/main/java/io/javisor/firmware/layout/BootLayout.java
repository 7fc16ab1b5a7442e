package io.javisor.firmware.layout;

import io.javisor.core.memory.GpaRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the machine wants the boot's own data: every guest-physical address that this module writes to on its own account. The
 * machine's memory map decides; this module only checks that the ranges are disjoint and holds kernels off them.
 *
 * @param gdtGpa the global descriptor table, {@value #GDT_SIZE} bytes
 * @param pvhStartInfo start_info, the module list and the memory map of the PVH protocol
 * @param zeroPageGpa {@code struct boot_params}, one page, page-aligned
 * @param bootStack the stack of the first instructions; the stack pointer starts at its end, which is 16-byte aligned
 * @param pageTables identity map of the 64-bit entry, page-aligned, {@value #PAGE_TABLES_SIZE} bytes or more
 * @param commandLine the command line with its NUL; its size is the limit. Below 4 GiB
 * @param systemTables the tables that tell the guest of its processors and interrupts
 * @param initrdFloorGpa initrds go at or above it, page-aligned
 * @param initrdCeilingGpa initrds end at or below it; at most 4 GiB
 */
public record BootLayout(
        long gdtGpa,
        GpaRange pvhStartInfo,
        long zeroPageGpa,
        GpaRange bootStack,
        GpaRange pageTables,
        GpaRange commandLine,
        SystemTables systemTables,
        long initrdFloorGpa,
        long initrdCeilingGpa) {
    /** Bytes of the descriptor table: six slots. */
    public static final int GDT_SIZE = 6 * 8;

    /** Bytes of the zero page. */
    public static final int ZERO_PAGE_SIZE = 0x1000;

    /** Bytes of the page tables: one PML4, one page-directory-pointer table, four page directories. */
    public static final int PAGE_TABLES_SIZE = 6 * 0x1000;

    private static final long FOUR_GIB = 1L << 32;

    /** A range that is taken, and by what. */
    public record Taken(String what, GpaRange range) {}

    public BootLayout {
        require(zeroPageGpa % 0x1000 == 0, "the zero page is page-aligned");
        require(pageTables.startGpa() % 0x1000 == 0, "the page tables are page-aligned");
        require(pageTables.sizeBytes() >= PAGE_TABLES_SIZE, "the page tables take six pages");
        require(bootStack.endGpa() % 16 == 0, "the stack pointer is 16-byte aligned");
        require(initrdFloorGpa % 0x1000 == 0, "the initrd's floor is page-aligned");
        require(initrdCeilingGpa <= FOUR_GIB && initrdCeilingGpa > initrdFloorGpa, "the initrd's ceiling is no room");
        List<Taken> taken = taken(gdtGpa, pvhStartInfo, zeroPageGpa, bootStack, pageTables, commandLine, systemTables);
        for (int i = 0; i < taken.size(); i++) {
            require(taken.get(i).range().endGpa() <= FOUR_GIB, taken.get(i).what() + " is below 4 GiB");
            for (int j = 0; j < i; j++) {
                require(
                        !taken.get(i).range().overlaps(taken.get(j).range()),
                        taken.get(i).what() + " and " + taken.get(j).what() + " are disjoint");
            }
        }
    }

    /** All that the boot writes besides kernel and initrd. */
    public List<Taken> taken() {
        return taken(gdtGpa, pvhStartInfo, zeroPageGpa, bootStack, pageTables, commandLine, systemTables);
    }

    /** What the boot writes by every protocol that enters protected mode, with data that has no place of its own: the GDT and the tables. */
    public List<Taken> alwaysTaken() {
        List<Taken> taken = new ArrayList<>(List.of(new Taken("the GDT", new GpaRange(gdtGpa, GDT_SIZE))));
        taken.addAll(systemTables.taken());
        return List.copyOf(taken);
    }

    private static List<Taken> taken(
            long gdtGpa,
            GpaRange pvhStartInfo,
            long zeroPageGpa,
            GpaRange bootStack,
            GpaRange pageTables,
            GpaRange commandLine,
            SystemTables systemTables) {
        List<Taken> taken = new ArrayList<>(List.of(
                new Taken("the GDT", new GpaRange(gdtGpa, GDT_SIZE)),
                new Taken("the PVH start info", pvhStartInfo),
                new Taken("the zero page", new GpaRange(zeroPageGpa, ZERO_PAGE_SIZE)),
                new Taken("the boot stack", bootStack),
                new Taken("the boot page tables", pageTables),
                new Taken("the command line", commandLine)));
        taken.addAll(systemTables.taken());
        return List.copyOf(taken);
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException("boot layout: " + rule);
        }
    }
}
