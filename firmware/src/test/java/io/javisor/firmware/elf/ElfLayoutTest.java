package io.javisor.firmware.elf;

import static io.javisor.firmware.elf.ElfLayout.*;
import static java.util.Map.entry;

import io.javisor.firmware.testing.Golden;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ElfLayoutTest {
    @Test
    void matchesTheSystemsHeaders() {
        Map<String, Integer> declared = new HashMap<>(Map.ofEntries(
                entry("EI_CLASS", EI_CLASS_OFFSET),
                entry("EI_DATA", EI_DATA_OFFSET),
                entry("EI_VERSION", EI_VERSION_OFFSET),
                entry("ELFCLASS32", ELFCLASS32),
                entry("ELFCLASS64", ELFCLASS64),
                entry("ELFDATA2LSB", ELFDATA2LSB),
                entry("ELFDATA2MSB", ELFDATA2MSB),
                entry("EV_CURRENT", EV_CURRENT),
                entry("ET_EXEC", ET_EXEC),
                entry("ET_DYN", ET_DYN),
                entry("EM_386", EM_386),
                entry("EM_X86_64", EM_X86_64),
                entry("PN_XNUM", PN_XNUM),
                entry("PT_LOAD", PT_LOAD),
                entry("PT_INTERP", PT_INTERP),
                entry("PT_NOTE", PT_NOTE),
                entry("XEN_ELFNOTE_PHYS32_ENTRY", ElfNote.XEN_ELFNOTE_PHYS32_ENTRY)));
        declare(declared, "elf32", ELF32);
        declare(declared, "elf64", ELF64);
        Golden.assertMatches(
                name -> !name.matches(".*(boot_params|setup_header|e820|E820|hvm|HVM|LOADED|KASLR|HEAP|XLF).*"),
                declared);
    }

    private static void declare(Map<String, Integer> declared, String elf, ElfLayout layout) {
        declared.putAll(Map.ofEntries(
                entry("sizeof." + elf + "_hdr", layout.headerSize),
                entry(elf + "_hdr.e_type", E_TYPE_OFFSET),
                entry(elf + "_hdr.e_machine", E_MACHINE_OFFSET),
                entry(elf + "_hdr.e_version", E_VERSION_OFFSET),
                entry(elf + "_hdr.e_entry", layout.entryOffset),
                entry(elf + "_hdr.e_phoff", layout.phoffOffset),
                entry(elf + "_hdr.e_phentsize", layout.phentsizeOffset),
                entry(elf + "_hdr.e_phnum", layout.phnumOffset),
                entry("sizeof." + elf + "_phdr", layout.programHeaderSize),
                entry(elf + "_phdr.p_type", P_TYPE_OFFSET),
                entry(elf + "_phdr.p_offset", layout.fileOffsetOffset),
                entry(elf + "_phdr.p_vaddr", layout.vaddrOffset),
                entry(elf + "_phdr.p_paddr", layout.paddrOffset),
                entry(elf + "_phdr.p_filesz", layout.fileszOffset),
                entry(elf + "_phdr.p_memsz", layout.memszOffset),
                entry(elf + "_phdr.p_align", layout.alignOffset)));
    }
}
