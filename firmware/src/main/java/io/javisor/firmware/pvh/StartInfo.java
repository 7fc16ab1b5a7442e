package io.javisor.firmware.pvh;

import static io.javisor.firmware.pvh.StartInfoLayout.*;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.firmware.layout.E820Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes start_info, the one-entry module list behind it and the memory map behind that.
 *
 * @param commandLineGpa where the command line is
 * @param initrd module 0, which Linux takes for its initrd; or null
 * @param e820 the memory map
 * @param rsdpGpa where ACPI's RSDP is, or 0
 */
public record StartInfo(long commandLineGpa, @Nullable GpaRange initrd, E820Map e820, long rsdpGpa) {
    /** Without ACPI. */
    public StartInfo(long commandLineGpa, @Nullable GpaRange initrd, E820Map e820) {
        this(commandLineGpa, initrd, e820, 0);
    }

    /** What it takes, module list and memory map included, in bytes. */
    public int sizeBytes() {
        return SIZE + MODLIST_ENTRY_SIZE + e820.entries().size() * MEMMAP_ENTRY_SIZE;
    }

    /**
     * Writes it to the start of {@code place}.
     *
     * @throws IllegalArgumentException if the place is too small for the memory map
     */
    public void write(GuestMemory memory, GpaRange place) {
        if (sizeBytes() > place.sizeBytes()) {
            throw new IllegalArgumentException(
                    "PVH start info takes %d bytes, %s is too small".formatted(sizeBytes(), place));
        }
        long gpa = place.startGpa();
        long modlistGpa = gpa + SIZE;
        long memmapGpa = modlistGpa + MODLIST_ENTRY_SIZE;
        memory.fill(gpa, sizeBytes(), (byte) 0);
        memory.putInt(gpa + MAGIC_OFFSET, XEN_HVM_START_MAGIC_VALUE);
        memory.putInt(gpa + VERSION_OFFSET, VERSION);
        if (initrd != null) {
            memory.putInt(gpa + NR_MODULES_OFFSET, 1);
            memory.putLong(gpa + MODLIST_PADDR_OFFSET, modlistGpa);
            memory.putLong(modlistGpa + MODLIST_ENTRY_PADDR_OFFSET, initrd.startGpa());
            memory.putLong(modlistGpa + MODLIST_ENTRY_SIZE_OFFSET, initrd.sizeBytes());
        }
        memory.putLong(gpa + CMDLINE_PADDR_OFFSET, commandLineGpa);
        memory.putLong(gpa + RSDP_PADDR_OFFSET, rsdpGpa);
        memory.putLong(gpa + MEMMAP_PADDR_OFFSET, memmapGpa);
        memory.putInt(gpa + MEMMAP_ENTRIES_OFFSET, e820.entries().size());
        for (E820Entry entry : e820.entries()) {
            memory.putLong(memmapGpa + MEMMAP_ENTRY_ADDR_OFFSET, entry.range().startGpa());
            memory.putLong(memmapGpa + MEMMAP_ENTRY_SIZE_OFFSET, entry.range().sizeBytes());
            memory.putInt(memmapGpa + MEMMAP_ENTRY_TYPE_OFFSET, entry.type().value());
            memmapGpa += MEMMAP_ENTRY_SIZE;
        }
    }
}
