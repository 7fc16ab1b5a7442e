package io.javisor.firmware.pvh;

/** {@code struct hvm_start_info} version 1, its module list and memory map (xen/include/public/arch-x86/hvm/start_info.h). */
final class StartInfoLayout {
    static final int SIZE = 56;
    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 4;
    static final int FLAGS_OFFSET = 8;
    static final int NR_MODULES_OFFSET = 12;
    static final int MODLIST_PADDR_OFFSET = 16;
    static final int CMDLINE_PADDR_OFFSET = 24;
    static final int RSDP_PADDR_OFFSET = 32;
    static final int MEMMAP_PADDR_OFFSET = 40;
    static final int MEMMAP_ENTRIES_OFFSET = 48;

    static final int MODLIST_ENTRY_SIZE = 32;
    static final int MODLIST_ENTRY_PADDR_OFFSET = 0;
    static final int MODLIST_ENTRY_SIZE_OFFSET = 8;
    static final int MODLIST_ENTRY_CMDLINE_PADDR_OFFSET = 16;

    static final int MEMMAP_ENTRY_SIZE = 24;
    static final int MEMMAP_ENTRY_ADDR_OFFSET = 0;
    static final int MEMMAP_ENTRY_SIZE_OFFSET = 8;
    static final int MEMMAP_ENTRY_TYPE_OFFSET = 16;

    static final int XEN_HVM_START_MAGIC_VALUE = 0x336EC578;
    static final int VERSION = 1;

    private StartInfoLayout() {}
}
