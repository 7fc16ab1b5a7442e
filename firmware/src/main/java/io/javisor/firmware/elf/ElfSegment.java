package io.javisor.firmware.elf;

import io.javisor.core.memory.GpaRange;

/**
 * A PT_LOAD segment with a size in memory. What the file doesn't fill (.bss) is zero.
 *
 * @param index of its program header, for messages
 * @param memory where it goes: {@code p_paddr}, {@code p_memsz}
 * @param vaddr {@code p_vaddr}: the linear address that it is linked for, as an unsigned number
 * @param fileOffset of its first byte in the file
 * @param fileSizeBytes at most the size in memory
 */
public record ElfSegment(int index, GpaRange memory, long vaddr, long fileOffset, long fileSizeBytes) {
    /** Whether the file gives the byte at {@code gpa}. */
    public boolean fileCovers(long gpa) {
        return gpa >= memory.startGpa() && gpa - memory.startGpa() < fileSizeBytes;
    }

    /** Whether {@code address} is one of the linear addresses that it is linked for. */
    public boolean linkedAt(long address) {
        return Long.compareUnsigned(address - vaddr, memory.sizeBytes()) < 0;
    }
}
