package io.javisor.firmware.cpu;

import io.javisor.core.memory.GuestMemory;

/**
 * Four-level page tables that map the first 4 GiB to themselves in pages of 2 MiB (Intel SDM vol. 3 §4.5). Pages of 1 GiB would take
 * two tables instead of six, but not every CPU template has them. The range covers every place where the boot protocols put something.
 */
final class IdentityMap {
    private static final long TABLE_SIZE = 0x1000;
    private static final int ENTRIES_PER_TABLE = 512;
    private static final int DIRECTORY_COUNT = 4;
    private static final long PAGE_SHIFT = 21;
    private static final long PRESENT = 1;
    private static final long WRITABLE = 1 << 1;
    private static final long LARGE_PAGE = 1 << 7;

    private IdentityMap() {}

    /** Writes the PML4 at {@code tablesGpa}, and the other five tables after it. The memory is zero beforehand. */
    static void write(GuestMemory memory, long tablesGpa) {
        long pdptGpa = tablesGpa + TABLE_SIZE;
        long directoriesGpa = pdptGpa + TABLE_SIZE;
        memory.putLong(tablesGpa, pdptGpa | PRESENT | WRITABLE);
        for (int i = 0; i < DIRECTORY_COUNT; i++) {
            memory.putLong(pdptGpa + 8L * i, directoriesGpa + TABLE_SIZE * i | PRESENT | WRITABLE);
        }
        for (long i = 0; i < (long) DIRECTORY_COUNT * ENTRIES_PER_TABLE; i++) {
            memory.putLong(directoriesGpa + 8 * i, i << PAGE_SHIFT | PRESENT | WRITABLE | LARGE_PAGE);
        }
    }
}
