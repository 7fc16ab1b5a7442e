package io.javisor.firmware.cpu;

import io.javisor.core.memory.GuestMemory;
import java.lang.foreign.MemorySegment;

/**
 * Four-level page tables that map the first 4 GiB to themselves in pages of 2 MiB (Intel SDM vol. 3 §4.5). Pages of 1 GiB would take
 * two tables instead of six, but not every CPU template has them. The range covers every place where the boot protocols put something.
 */
final class IdentityMap {
    private static final int TABLE_SIZE = 0x1000;
    private static final int ENTRIES_PER_TABLE = 512;
    private static final int DIRECTORY_COUNT = 4;
    private static final int PAGE_SHIFT = 21;
    private static final long PRESENT = 1;
    private static final long WRITABLE = 1 << 1;
    private static final long LARGE_PAGE = 1 << 7;

    private IdentityMap() {}

    /** Writes the PML4 at {@code tablesGpa}, and the other five tables after it. */
    static void write(GuestMemory memory, long tablesGpa) {
        int pdpt = ENTRIES_PER_TABLE;
        int directories = pdpt + ENTRIES_PER_TABLE;
        // Built apart and copied at once: thousands of checked stores would show in the start-up time of a cold JVM.
        long[] entries = new long[directories + DIRECTORY_COUNT * ENTRIES_PER_TABLE];
        entries[0] = tablesGpa + TABLE_SIZE | PRESENT | WRITABLE;
        for (int i = 0; i < DIRECTORY_COUNT; i++) {
            entries[pdpt + i] = tablesGpa + (2L + i) * TABLE_SIZE | PRESENT | WRITABLE;
        }
        for (int i = 0; i < DIRECTORY_COUNT * ENTRIES_PER_TABLE; i++) {
            entries[directories + i] = (long) i << PAGE_SHIFT | PRESENT | WRITABLE | LARGE_PAGE;
        }
        MemorySegment tables = MemorySegment.ofArray(entries);
        memory.copyIn(tables, 0, tablesGpa, tables.byteSize());
    }
}
