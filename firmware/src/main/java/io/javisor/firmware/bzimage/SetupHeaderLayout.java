package io.javisor.firmware.bzimage;

/**
 * {@code struct setup_header}: offsets in the file, which are those in {@code struct boot_params} (Documentation/x86/boot.rst, "The
 * Real-Mode Kernel Header"). Pinned to {@code asm/bootparam.h} by a test.
 */
final class SetupHeaderLayout {
    static final int SETUP_SECTS_OFFSET = 0x1F1;
    static final int SYSSIZE_OFFSET = 0x1F4;
    static final int BOOT_FLAG_OFFSET = 0x1FE;
    static final int JUMP_OFFSET = 0x200;
    static final int HEADER_OFFSET = 0x202;
    static final int VERSION_OFFSET = 0x206;
    static final int REALMODE_SWTCH_OFFSET = 0x208;
    static final int KERNEL_VERSION_OFFSET = 0x20E;
    static final int TYPE_OF_LOADER_OFFSET = 0x210;
    static final int LOADFLAGS_OFFSET = 0x211;
    static final int CODE32_START_OFFSET = 0x214;
    static final int RAMDISK_IMAGE_OFFSET = 0x218;
    static final int RAMDISK_SIZE_OFFSET = 0x21C;
    static final int HEAP_END_PTR_OFFSET = 0x224;
    static final int CMD_LINE_PTR_OFFSET = 0x228;
    static final int INITRD_ADDR_MAX_OFFSET = 0x22C;
    static final int KERNEL_ALIGNMENT_OFFSET = 0x230;
    static final int RELOCATABLE_KERNEL_OFFSET = 0x234;
    static final int MIN_ALIGNMENT_OFFSET = 0x235;
    static final int XLOADFLAGS_OFFSET = 0x236;
    static final int CMDLINE_SIZE_OFFSET = 0x238;
    static final int HARDWARE_SUBARCH_OFFSET = 0x23C;
    static final int PAYLOAD_OFFSET_OFFSET = 0x248;
    static final int PAYLOAD_LENGTH_OFFSET = 0x24C;
    static final int SETUP_DATA_OFFSET = 0x250;
    static final int PREF_ADDRESS_OFFSET = 0x258;
    static final int INIT_SIZE_OFFSET = 0x260;
    static final int HANDOVER_OFFSET_OFFSET = 0x264;
    static final int KERNEL_INFO_OFFSET_OFFSET = 0x268;

    /** {@code edd_mbr_sig_buffer} in the zero page: no header reaches further. */
    static final int HEADER_LIMIT = 0x290;

    static final int BOOT_FLAG = 0xAA55;
    /** "HdrS". */
    static final long HEADER_MAGIC = 0x5372_6448;
    /** The opcode of the jump over the header; its operand ends the header. */
    static final int JUMP_SHORT = 0xEB;

    static final int LOADED_HIGH = 1;
    static final int CAN_USE_HEAP = 1 << 7;

    static final int XLF_KERNEL_64 = 1;
    static final int XLF_CAN_BE_LOADED_ABOVE_4G = 1 << 1;
    static final int XLF_5LEVEL = 1 << 5;
    static final int XLF_5LEVEL_ENABLED = 1 << 6;

    /** {@code struct kernel_info}: magic "LToP", size, size_total, setup_type_max. */
    static final long KERNEL_INFO_MAGIC = 0x506F_544C;

    static final int KERNEL_INFO_SIZE_OFFSET = 4;
    static final int KERNEL_INFO_SIZE_TOTAL_OFFSET = 8;
    static final int KERNEL_INFO_SIZE_MIN = 16;

    private SetupHeaderLayout() {}
}
