package io.javisor.firmware.bzimage;

import static io.javisor.firmware.bzimage.SetupHeaderLayout.*;
import static java.util.Map.entry;

import io.javisor.firmware.testing.Golden;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SetupHeaderLayoutTest {
    @Test
    void offsetsMatchTheSystemsHeaders() {
        Golden.assertMatches(
                name -> name.startsWith("setup_header."),
                Map.ofEntries(
                        field("boot_flag", BOOT_FLAG_OFFSET),
                        field("header", HEADER_OFFSET),
                        field("version", VERSION_OFFSET),
                        field("type_of_loader", TYPE_OF_LOADER_OFFSET),
                        field("loadflags", LOADFLAGS_OFFSET),
                        field("ramdisk_image", RAMDISK_IMAGE_OFFSET),
                        field("ramdisk_size", RAMDISK_SIZE_OFFSET),
                        field("cmd_line_ptr", CMD_LINE_PTR_OFFSET),
                        field("initrd_addr_max", INITRD_ADDR_MAX_OFFSET),
                        field("kernel_alignment", KERNEL_ALIGNMENT_OFFSET),
                        field("cmdline_size", CMDLINE_SIZE_OFFSET),
                        field("setup_sects", SETUP_SECTS_OFFSET),
                        field("syssize", SYSSIZE_OFFSET),
                        field("jump", JUMP_OFFSET),
                        field("realmode_swtch", REALMODE_SWTCH_OFFSET),
                        field("kernel_version", KERNEL_VERSION_OFFSET),
                        field("code32_start", CODE32_START_OFFSET),
                        field("heap_end_ptr", HEAP_END_PTR_OFFSET),
                        field("relocatable_kernel", RELOCATABLE_KERNEL_OFFSET),
                        field("min_alignment", MIN_ALIGNMENT_OFFSET),
                        field("xloadflags", XLOADFLAGS_OFFSET),
                        field("hardware_subarch", HARDWARE_SUBARCH_OFFSET),
                        field("payload_offset", PAYLOAD_OFFSET_OFFSET),
                        field("payload_length", PAYLOAD_LENGTH_OFFSET),
                        field("setup_data", SETUP_DATA_OFFSET),
                        field("pref_address", PREF_ADDRESS_OFFSET),
                        field("init_size", INIT_SIZE_OFFSET),
                        field("handover_offset", HANDOVER_OFFSET_OFFSET),
                        field("kernel_info_offset", KERNEL_INFO_OFFSET_OFFSET)));
    }

    @Test
    void constantsMatchTheSystemsHeaders() {
        Golden.assertMatches(
                name -> name.matches("XLF_.*|CAN_USE_HEAP|LOADED_HIGH|.*edd_mbr.*"),
                Map.of(
                        "LOADED_HIGH", LOADED_HIGH,
                        "CAN_USE_HEAP", CAN_USE_HEAP,
                        "XLF_KERNEL_64", XLF_KERNEL_64,
                        "XLF_CAN_BE_LOADED_ABOVE_4G", XLF_CAN_BE_LOADED_ABOVE_4G,
                        "XLF_5LEVEL", XLF_5LEVEL,
                        "XLF_5LEVEL_ENABLED", XLF_5LEVEL_ENABLED,
                        "boot_params.edd_mbr_sig_buffer", HEADER_LIMIT));
    }

    private static Map.Entry<String, Integer> field(String name, int offset) {
        return entry("setup_header." + name, offset - SETUP_SECTS_OFFSET);
    }
}
