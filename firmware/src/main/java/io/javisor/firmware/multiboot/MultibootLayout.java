package io.javisor.firmware.multiboot;

/** Offsets and numbers of the Multiboot Specification 0.6.96: §3.1.1 the header, §3.3 the information, its modules and memory map. */
final class MultibootLayout {
    /** The header lies wholly in that many bytes of the image, at a multiple of four. */
    static final int HEADER_SEARCH_SIZE = 8192;

    static final int HEADER_ALIGNMENT = 4;
    static final int HEADER_MAGIC = 0x1BADB002;
    static final int HEADER_MAGIC_OFFSET = 0;
    static final int HEADER_FLAGS_OFFSET = 4;
    static final int HEADER_CHECKSUM_OFFSET = 8;

    /** What every header has. */
    static final int HEADER_SIZE = 12;

    static final int HEADER_ADDR_OFFSET = 12;
    static final int HEADER_LOAD_ADDR_OFFSET = 16;
    static final int HEADER_LOAD_END_ADDR_OFFSET = 20;
    static final int HEADER_BSS_END_ADDR_OFFSET = 24;
    static final int HEADER_ENTRY_ADDR_OFFSET = 28;

    /** With the address fields. */
    static final int HEADER_WITH_ADDRESSES_SIZE = 32;

    /** Modules on page boundaries: they always are. */
    static final int FLAG_PAGE_ALIGN = 1;

    /** {@code mem_lower}, {@code mem_upper} and memory map: they are always there. */
    static final int FLAG_MEMORY_INFO = 1 << 1;

    static final int FLAG_VIDEO_MODE = 1 << 2;

    /** The address fields hold, whatever the format of the image. */
    static final int FLAG_ADDRESSES = 1 << 16;

    /** A boot loader that does not know one of these must not start the kernel; of the others it may. */
    static final int REQUIRED_FLAGS = 0xFFFF;

    static final int INFO_SIZE = 116;
    static final int INFO_FLAGS_OFFSET = 0;
    static final int INFO_MEM_LOWER_OFFSET = 4;
    static final int INFO_MEM_UPPER_OFFSET = 8;
    static final int INFO_CMDLINE_OFFSET = 16;
    static final int INFO_MODS_COUNT_OFFSET = 20;
    static final int INFO_MODS_ADDR_OFFSET = 24;
    static final int INFO_MMAP_LENGTH_OFFSET = 44;
    static final int INFO_MMAP_ADDR_OFFSET = 48;
    static final int INFO_BOOT_LOADER_NAME_OFFSET = 64;

    static final int INFO_MEMORY = 1;
    static final int INFO_CMDLINE = 1 << 2;
    static final int INFO_MODS = 1 << 3;
    static final int INFO_MMAP = 1 << 6;
    static final int INFO_BOOT_LOADER_NAME = 1 << 9;

    static final int MODULE_SIZE = 16;
    static final int MODULE_START_OFFSET = 0;
    static final int MODULE_END_OFFSET = 4;
    static final int MODULE_STRING_OFFSET = 8;

    /** An entry of the memory map says how long the rest of it is; offsets count from there. */
    static final int MMAP_ENTRY_SIZE = 24;

    static final int MMAP_SIZE_OFFSET = 0;
    static final int MMAP_BASE_OFFSET = 4;
    static final int MMAP_LENGTH_OFFSET = 12;
    static final int MMAP_TYPE_OFFSET = 20;

    private MultibootLayout() {}
}
