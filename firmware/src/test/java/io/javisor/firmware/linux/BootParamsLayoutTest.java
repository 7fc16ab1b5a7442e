package io.javisor.firmware.linux;

import static io.javisor.firmware.linux.BootParamsLayout.*;
import static java.util.Map.entry;

import io.javisor.firmware.testing.Golden;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BootParamsLayoutTest {
    @Test
    void matchesTheSystemsHeaders() {
        Golden.assertMatches(
                name -> name.matches(".*(boot_params\\.(?!edd)|\\.boot_params|e820|E820|LOADED_HIGH|KASLR).*"),
                Map.ofEntries(
                        entry("sizeof.boot_params", SIZE),
                        entry("boot_params.acpi_rsdp_addr", ACPI_RSDP_ADDR_OFFSET),
                        entry("boot_params.ext_ramdisk_image", EXT_RAMDISK_IMAGE_OFFSET),
                        entry("boot_params.ext_ramdisk_size", EXT_RAMDISK_SIZE_OFFSET),
                        entry("boot_params.ext_cmd_line_ptr", EXT_CMD_LINE_PTR_OFFSET),
                        entry("boot_params.e820_entries", E820_ENTRIES_OFFSET),
                        entry("boot_params.sentinel", SENTINEL_OFFSET),
                        entry("boot_params.hdr", HDR_OFFSET),
                        entry("boot_params.hdr.boot_flag", HDR_BOOT_FLAG_OFFSET),
                        entry("boot_params.hdr.header", HDR_HEADER_OFFSET),
                        entry("boot_params.hdr.version", HDR_VERSION_OFFSET),
                        entry("boot_params.hdr.type_of_loader", HDR_TYPE_OF_LOADER_OFFSET),
                        entry("boot_params.hdr.loadflags", HDR_LOADFLAGS_OFFSET),
                        entry("boot_params.hdr.ramdisk_image", HDR_RAMDISK_IMAGE_OFFSET),
                        entry("boot_params.hdr.ramdisk_size", HDR_RAMDISK_SIZE_OFFSET),
                        entry("boot_params.hdr.cmd_line_ptr", HDR_CMD_LINE_PTR_OFFSET),
                        entry("boot_params.hdr.initrd_addr_max", HDR_INITRD_ADDR_MAX_OFFSET),
                        entry("boot_params.hdr.kernel_alignment", HDR_KERNEL_ALIGNMENT_OFFSET),
                        entry("boot_params.hdr.cmdline_size", HDR_CMDLINE_SIZE_OFFSET),
                        entry("boot_params.e820_table", E820_TABLE_OFFSET),
                        entry("sizeof.boot_e820_entry", E820_ENTRY_SIZE),
                        entry("boot_e820_entry.addr", E820_ENTRY_ADDR_OFFSET),
                        entry("boot_e820_entry.size", E820_ENTRY_SIZE_OFFSET),
                        entry("boot_e820_entry.type", E820_ENTRY_TYPE_OFFSET),
                        entry("E820_MAX_ENTRIES_ZEROPAGE", E820_MAX_ENTRIES_ZEROPAGE),
                        entry("LOADED_HIGH", LOADED_HIGH),
                        entry("KASLR_FLAG", KASLR_FLAG)));
    }
}
