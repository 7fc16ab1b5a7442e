package io.javisor.emulator.state;

import java.io.IOException;
import java.io.RandomAccessFile;

/** Which pages of this process are in memory, by its page table (Documentation/admin-guide/mm/pagemap.rst). */
public final class ResidentPages {
    private static final int PAGE_SIZE = 4096;
    private static final int PRESENT = 0x80; // bit 63, in the last byte

    private ResidentPages() {}

    /** How many of {@code sizeBytes} bytes from {@code hva} on. */
    public static int count(long hva, long sizeBytes) throws IOException {
        byte[] entries = new byte[(int) (sizeBytes / PAGE_SIZE) * 8];
        try (RandomAccessFile file = new RandomAccessFile("/proc/self/pagemap", "r")) {
            file.seek(hva / PAGE_SIZE * 8);
            file.readFully(entries);
        }
        int count = 0;
        for (int i = 7; i < entries.length; i += 8) {
            count += (entries[i] & PRESENT) == 0 ? 0 : 1;
        }
        return count;
    }
}
