package io.javisor.firmware.linux;

/**
 * {@code struct boot_params}, the "zero page": offsets and values (Documentation/x86/zero-page.rst; the {@code hdr} part:
 * Documentation/x86/boot.rst, "The Real-Mode Kernel Header"). Pinned to {@code asm/bootparam.h} by a test.
 */
final class BootParamsLayout {
    static final int SIZE = 0x1000;

    static final int ACPI_RSDP_ADDR_OFFSET = 0x070;
    static final int EXT_RAMDISK_IMAGE_OFFSET = 0x0C0;
    static final int EXT_RAMDISK_SIZE_OFFSET = 0x0C4;
    static final int EXT_CMD_LINE_PTR_OFFSET = 0x0C8;
    static final int E820_ENTRIES_OFFSET = 0x1E8;
    static final int SENTINEL_OFFSET = 0x1EF;
    static final int HDR_OFFSET = 0x1F1;
    static final int HDR_BOOT_FLAG_OFFSET = 0x1FE;
    static final int HDR_HEADER_OFFSET = 0x202;
    static final int HDR_VERSION_OFFSET = 0x206;
    static final int HDR_TYPE_OF_LOADER_OFFSET = 0x210;
    static final int HDR_LOADFLAGS_OFFSET = 0x211;
    static final int HDR_RAMDISK_IMAGE_OFFSET = 0x218;
    static final int HDR_RAMDISK_SIZE_OFFSET = 0x21C;
    static final int HDR_CMD_LINE_PTR_OFFSET = 0x228;
    static final int HDR_INITRD_ADDR_MAX_OFFSET = 0x22C;
    static final int HDR_KERNEL_ALIGNMENT_OFFSET = 0x230;
    static final int HDR_CMDLINE_SIZE_OFFSET = 0x238;
    static final int E820_TABLE_OFFSET = 0x2D0;

    /** {@code struct boot_e820_entry}, packed. */
    static final int E820_ENTRY_SIZE = 20;

    static final int E820_ENTRY_ADDR_OFFSET = 0;
    static final int E820_ENTRY_SIZE_OFFSET = 8;
    static final int E820_ENTRY_TYPE_OFFSET = 16;

    static final int E820_MAX_ENTRIES_ZEROPAGE = 128;
    static final int LOADED_HIGH = 1;
    static final int KASLR_FLAG = 1 << 1;

    private BootParamsLayout() {}
}
