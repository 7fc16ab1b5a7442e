package io.javisor.firmware.elf;

/**
 * A note (gABI chapter 5, "Note Section").
 *
 * @param name the owner, without its NUL
 * @param type the owner's number for it
 * @param descOffset where the descriptor starts in the file
 * @param descSizeBytes its size
 */
record ElfNote(String name, long type, long descOffset, long descSizeBytes) {
    static final String XEN = "Xen";
    static final String LINUX = "Linux";
    static final String GNU = "GNU";

    /** XEN_ELFNOTE_PHYS32_ENTRY: the physical address of the 32-bit entry (xen/include/public/elfnote.h). */
    static final int XEN_ELFNOTE_PHYS32_ENTRY = 18;

    /** NT_GNU_ABI_TAG: the operating system that a program runs on (LSB core, "Note Section"). */
    static final int NT_GNU_ABI_TAG = 1;

    boolean is(String owner, long number) {
        return type == number && name.equals(owner);
    }
}
