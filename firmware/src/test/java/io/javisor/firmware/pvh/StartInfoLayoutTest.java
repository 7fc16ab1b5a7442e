package io.javisor.firmware.pvh;

import static io.javisor.firmware.pvh.StartInfoLayout.*;
import static java.util.Map.entry;

import io.javisor.firmware.layout.E820Type;
import io.javisor.firmware.testing.Golden;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartInfoLayoutTest {
    @Test
    void matchesTheSystemsHeaders() {
        Golden.assertMatches(
                name -> name.matches(".*(hvm|HVM).*"),
                Map.ofEntries(
                        entry("sizeof.hvm_start_info", SIZE),
                        entry("hvm_start_info.magic", MAGIC_OFFSET),
                        entry("hvm_start_info.version", VERSION_OFFSET),
                        entry("hvm_start_info.flags", FLAGS_OFFSET),
                        entry("hvm_start_info.nr_modules", NR_MODULES_OFFSET),
                        entry("hvm_start_info.modlist_paddr", MODLIST_PADDR_OFFSET),
                        entry("hvm_start_info.cmdline_paddr", CMDLINE_PADDR_OFFSET),
                        entry("hvm_start_info.rsdp_paddr", RSDP_PADDR_OFFSET),
                        entry("hvm_start_info.memmap_paddr", MEMMAP_PADDR_OFFSET),
                        entry("hvm_start_info.memmap_entries", MEMMAP_ENTRIES_OFFSET),
                        entry("sizeof.hvm_modlist_entry", MODLIST_ENTRY_SIZE),
                        entry("hvm_modlist_entry.paddr", MODLIST_ENTRY_PADDR_OFFSET),
                        entry("hvm_modlist_entry.size", MODLIST_ENTRY_SIZE_OFFSET),
                        entry("hvm_modlist_entry.cmdline_paddr", MODLIST_ENTRY_CMDLINE_PADDR_OFFSET),
                        entry("sizeof.hvm_memmap_table_entry", MEMMAP_ENTRY_SIZE),
                        entry("hvm_memmap_table_entry.addr", MEMMAP_ENTRY_ADDR_OFFSET),
                        entry("hvm_memmap_table_entry.size", MEMMAP_ENTRY_SIZE_OFFSET),
                        entry("hvm_memmap_table_entry.type", MEMMAP_ENTRY_TYPE_OFFSET),
                        entry("XEN_HVM_START_MAGIC_VALUE", XEN_HVM_START_MAGIC_VALUE),
                        entry("XEN_HVM_MEMMAP_TYPE_RAM", E820Type.RAM.value()),
                        entry("XEN_HVM_MEMMAP_TYPE_RESERVED", E820Type.RESERVED.value()),
                        entry("XEN_HVM_MEMMAP_TYPE_ACPI", E820Type.ACPI.value()),
                        entry("XEN_HVM_MEMMAP_TYPE_NVS", E820Type.NVS.value()),
                        entry("XEN_HVM_MEMMAP_TYPE_UNUSABLE", E820Type.UNUSABLE.value()),
                        entry("XEN_HVM_MEMMAP_TYPE_PMEM", E820Type.PMEM.value())));
    }
}
