package io.javisor.firmware.linux;

import static io.javisor.firmware.linux.BootParamsLayout.*;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.firmware.layout.E820Map;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code struct boot_params}. The setup header in it is copied out of the bzImage, as a boot loader does; for a kernel
 * that has none, a vmlinux, it is made up as far as the kernel reads it after its 64-bit entry.
 *
 * @param commandLineGpa where the command line is
 * @param initrd where the initrd is, or null
 * @param e820 the memory map; at most 128 entries
 * @param rsdpGpa where ACPI's RSDP is, or 0
 * @param setupHeader the bzImage's bytes from 0x1F1 to the end of its header, or null
 * @param kaslr tells the kernel that its addresses are random, so that it randomizes the rest too
 */
public record ZeroPage(
        long commandLineGpa,
        @Nullable GpaRange initrd,
        E820Map e820,
        long rsdpGpa,
        @Nullable MemorySegment setupHeader,
        boolean kaslr) {
    private static final short BOOT_FLAG = (short) 0xAA55;
    /** "HdrS". */
    private static final int HEADER_MAGIC = 0x53726448;
    /** 2.12: the first protocol with the ext_ fields, which are used; the kernel's own PVH stub says the same. */
    private static final short PROTOCOL_VERSION = 0x020C;
    /** A boot loader without a registered number. */
    private static final byte LOADER_UNDEFINED = (byte) 0xFF;
    /** CONFIG_PHYSICAL_ALIGN's default on x86-64. */
    private static final int KERNEL_ALIGNMENT = 0x20_0000;

    public ZeroPage {
        if (e820.entries().size() > E820_MAX_ENTRIES_ZEROPAGE) {
            throw new IllegalArgumentException("the zero page takes 128 memory map entries, not "
                    + e820.entries().size());
        }
    }

    /** For a kernel without a setup header, at the addresses it was linked for, and without ACPI. */
    public ZeroPage(long commandLineGpa, @Nullable GpaRange initrd, E820Map e820) {
        this(commandLineGpa, initrd, e820, 0, null, false);
    }

    /** Writes it to {@code gpa}: zeros, and what is known. */
    public void write(GuestMemory memory, long gpa) {
        // boot.rst: the whole structure is cleared; a sentinel that is not 0 tells of a loader that didn't.
        memory.fill(gpa, SIZE, (byte) 0);
        if (setupHeader != null) {
            memory.copyIn(setupHeader, 0, gpa + HDR_OFFSET, setupHeader.byteSize());
        } else {
            writeOwnHeader(memory, gpa);
        }
        memory.putByte(gpa + HDR_TYPE_OF_LOADER_OFFSET, LOADER_UNDEFINED);
        memory.putByte(gpa + HDR_LOADFLAGS_OFFSET, (byte) (kaslr ? LOADED_HIGH | KASLR_FLAG : LOADED_HIGH));
        putSplit(memory, gpa + HDR_CMD_LINE_PTR_OFFSET, gpa + EXT_CMD_LINE_PTR_OFFSET, commandLineGpa);
        memory.putLong(gpa + ACPI_RSDP_ADDR_OFFSET, rsdpGpa);
        if (initrd != null) {
            putSplit(memory, gpa + HDR_RAMDISK_IMAGE_OFFSET, gpa + EXT_RAMDISK_IMAGE_OFFSET, initrd.startGpa());
            putSplit(memory, gpa + HDR_RAMDISK_SIZE_OFFSET, gpa + EXT_RAMDISK_SIZE_OFFSET, initrd.sizeBytes());
        }
        writeE820(memory, gpa);
    }

    private static void writeOwnHeader(GuestMemory memory, long gpa) {
        memory.putShort(gpa + HDR_BOOT_FLAG_OFFSET, BOOT_FLAG);
        memory.putInt(gpa + HDR_HEADER_OFFSET, HEADER_MAGIC);
        memory.putShort(gpa + HDR_VERSION_OFFSET, PROTOCOL_VERSION);
        memory.putInt(gpa + HDR_KERNEL_ALIGNMENT_OFFSET, KERNEL_ALIGNMENT);
        memory.putInt(gpa + HDR_CMDLINE_SIZE_OFFSET, CommandLine.COMMAND_LINE_SIZE - 1);
    }

    private void writeE820(GuestMemory memory, long gpa) {
        memory.putByte(gpa + E820_ENTRIES_OFFSET, (byte) e820.entries().size());
        long entryGpa = gpa + E820_TABLE_OFFSET;
        for (E820Entry entry : e820.entries()) {
            memory.putLong(entryGpa + E820_ENTRY_ADDR_OFFSET, entry.range().startGpa());
            memory.putLong(entryGpa + E820_ENTRY_SIZE_OFFSET, entry.range().sizeBytes());
            memory.putInt(entryGpa + E820_ENTRY_TYPE_OFFSET, entry.type().value());
            entryGpa += E820_ENTRY_SIZE;
        }
    }

    private static void putSplit(GuestMemory memory, long lowGpa, long highGpa, long value) {
        memory.putInt(lowGpa, (int) value);
        memory.putInt(highGpa, (int) (value >>> 32));
    }
}
