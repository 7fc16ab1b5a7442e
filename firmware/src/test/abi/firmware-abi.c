/*
 * Prints the sizes, offsets and constants that the XxxLayout classes of this module declare, from the headers of Debian's
 * linux-libc-dev and libxen-dev. The output is src/test/resources/abi/firmware.txt:
 *
 *   gcc -Wall -o /tmp/firmware-abi src/test/abi/firmware-abi.c && /tmp/firmware-abi > src/test/resources/abi/firmware.txt
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <asm/bootparam.h>
#include <linux/elf.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/elfnote.h>

#define SIZE(type) printf("sizeof.%s %zu\n", #type, sizeof(struct type))
#define OFFSET(type, field) printf("%s.%s %zu\n", #type, #field, offsetof(struct type, field))
#define CONSTANT(name) printf("%s %lld\n", #name, (long long)(name))

int main(void)
{
	SIZE(boot_params);
	OFFSET(boot_params, acpi_rsdp_addr);
	OFFSET(boot_params, ext_ramdisk_image);
	OFFSET(boot_params, ext_ramdisk_size);
	OFFSET(boot_params, ext_cmd_line_ptr);
	OFFSET(boot_params, e820_entries);
	OFFSET(boot_params, sentinel);
	OFFSET(boot_params, hdr);
	OFFSET(boot_params, hdr.boot_flag);
	OFFSET(boot_params, hdr.header);
	OFFSET(boot_params, hdr.version);
	OFFSET(boot_params, hdr.type_of_loader);
	OFFSET(boot_params, hdr.loadflags);
	OFFSET(boot_params, hdr.ramdisk_image);
	OFFSET(boot_params, hdr.ramdisk_size);
	OFFSET(boot_params, hdr.cmd_line_ptr);
	OFFSET(boot_params, hdr.initrd_addr_max);
	OFFSET(boot_params, hdr.kernel_alignment);
	OFFSET(boot_params, hdr.cmdline_size);
	OFFSET(boot_params, e820_table);
	OFFSET(boot_params, edd_mbr_sig_buffer);
	SIZE(boot_e820_entry);
	OFFSET(boot_e820_entry, addr);
	OFFSET(boot_e820_entry, size);
	OFFSET(boot_e820_entry, type);
	CONSTANT(E820_MAX_ENTRIES_ZEROPAGE);
	CONSTANT(LOADED_HIGH);
	CONSTANT(KASLR_FLAG);

	SIZE(setup_header);
	OFFSET(setup_header, boot_flag);
	OFFSET(setup_header, header);
	OFFSET(setup_header, version);
	OFFSET(setup_header, type_of_loader);
	OFFSET(setup_header, loadflags);
	OFFSET(setup_header, ramdisk_image);
	OFFSET(setup_header, ramdisk_size);
	OFFSET(setup_header, cmd_line_ptr);
	OFFSET(setup_header, initrd_addr_max);
	OFFSET(setup_header, kernel_alignment);
	OFFSET(setup_header, cmdline_size);
	OFFSET(setup_header, setup_sects);
	OFFSET(setup_header, syssize);
	OFFSET(setup_header, jump);
	OFFSET(setup_header, realmode_swtch);
	OFFSET(setup_header, kernel_version);
	OFFSET(setup_header, code32_start);
	OFFSET(setup_header, heap_end_ptr);
	OFFSET(setup_header, relocatable_kernel);
	OFFSET(setup_header, min_alignment);
	OFFSET(setup_header, xloadflags);
	OFFSET(setup_header, hardware_subarch);
	OFFSET(setup_header, payload_offset);
	OFFSET(setup_header, payload_length);
	OFFSET(setup_header, setup_data);
	OFFSET(setup_header, pref_address);
	OFFSET(setup_header, init_size);
	OFFSET(setup_header, handover_offset);
	OFFSET(setup_header, kernel_info_offset);
	CONSTANT(CAN_USE_HEAP);
	CONSTANT(XLF_KERNEL_64);
	CONSTANT(XLF_CAN_BE_LOADED_ABOVE_4G);
	CONSTANT(XLF_5LEVEL);
	CONSTANT(XLF_5LEVEL_ENABLED);

	SIZE(hvm_start_info);
	OFFSET(hvm_start_info, magic);
	OFFSET(hvm_start_info, version);
	OFFSET(hvm_start_info, flags);
	OFFSET(hvm_start_info, nr_modules);
	OFFSET(hvm_start_info, modlist_paddr);
	OFFSET(hvm_start_info, cmdline_paddr);
	OFFSET(hvm_start_info, rsdp_paddr);
	OFFSET(hvm_start_info, memmap_paddr);
	OFFSET(hvm_start_info, memmap_entries);
	SIZE(hvm_modlist_entry);
	OFFSET(hvm_modlist_entry, paddr);
	OFFSET(hvm_modlist_entry, size);
	OFFSET(hvm_modlist_entry, cmdline_paddr);
	SIZE(hvm_memmap_table_entry);
	OFFSET(hvm_memmap_table_entry, addr);
	OFFSET(hvm_memmap_table_entry, size);
	OFFSET(hvm_memmap_table_entry, type);
	CONSTANT(XEN_HVM_START_MAGIC_VALUE);
	CONSTANT(XEN_HVM_MEMMAP_TYPE_RAM);
	CONSTANT(XEN_HVM_MEMMAP_TYPE_RESERVED);
	CONSTANT(XEN_HVM_MEMMAP_TYPE_ACPI);
	CONSTANT(XEN_HVM_MEMMAP_TYPE_NVS);
	CONSTANT(XEN_HVM_MEMMAP_TYPE_UNUSABLE);
	CONSTANT(XEN_HVM_MEMMAP_TYPE_PMEM);
	CONSTANT(XEN_ELFNOTE_PHYS32_ENTRY);

	SIZE(elf64_hdr);
	OFFSET(elf64_hdr, e_type);
	OFFSET(elf64_hdr, e_machine);
	OFFSET(elf64_hdr, e_version);
	OFFSET(elf64_hdr, e_entry);
	OFFSET(elf64_hdr, e_phoff);
	OFFSET(elf64_hdr, e_phentsize);
	OFFSET(elf64_hdr, e_phnum);
	SIZE(elf64_phdr);
	OFFSET(elf64_phdr, p_type);
	OFFSET(elf64_phdr, p_offset);
	OFFSET(elf64_phdr, p_vaddr);
	OFFSET(elf64_phdr, p_paddr);
	OFFSET(elf64_phdr, p_filesz);
	OFFSET(elf64_phdr, p_memsz);
	OFFSET(elf64_phdr, p_align);
	SIZE(elf32_hdr);
	OFFSET(elf32_hdr, e_type);
	OFFSET(elf32_hdr, e_machine);
	OFFSET(elf32_hdr, e_version);
	OFFSET(elf32_hdr, e_entry);
	OFFSET(elf32_hdr, e_phoff);
	OFFSET(elf32_hdr, e_phentsize);
	OFFSET(elf32_hdr, e_phnum);
	SIZE(elf32_phdr);
	OFFSET(elf32_phdr, p_type);
	OFFSET(elf32_phdr, p_offset);
	OFFSET(elf32_phdr, p_vaddr);
	OFFSET(elf32_phdr, p_paddr);
	OFFSET(elf32_phdr, p_filesz);
	OFFSET(elf32_phdr, p_memsz);
	OFFSET(elf32_phdr, p_align);
	CONSTANT(EI_CLASS);
	CONSTANT(EI_DATA);
	CONSTANT(EI_VERSION);
	CONSTANT(ELFCLASS32);
	CONSTANT(ELFCLASS64);
	CONSTANT(ELFDATA2LSB);
	CONSTANT(ELFDATA2MSB);
	CONSTANT(EV_CURRENT);
	CONSTANT(ET_EXEC);
	CONSTANT(ET_DYN);
	CONSTANT(EM_386);
	CONSTANT(EM_X86_64);
	CONSTANT(PN_XNUM);
	CONSTANT(PT_LOAD);
	CONSTANT(PT_INTERP);
	CONSTANT(PT_NOTE);
	return 0;
}
