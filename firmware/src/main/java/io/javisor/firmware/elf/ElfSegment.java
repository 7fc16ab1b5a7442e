package io.javisor.firmware.elf;

import io.javisor.firmware.layout.GpaRange;

/**
 * A PT_LOAD segment with a size in memory. What the file doesn't fill (.bss) is zero.
 *
 * @param index of its program header, for messages
 * @param memory where it goes: {@code p_paddr}, {@code p_memsz}
 * @param fileOffset of its first byte in the file
 * @param fileSizeBytes at most the size in memory
 */
public record ElfSegment(int index, GpaRange memory, long fileOffset, long fileSizeBytes) {
    /** Whether the file gives the byte at {@code gpa}. */
    public boolean fileCovers(long gpa) {
        return gpa >= memory.startGpa() && gpa - memory.startGpa() < fileSizeBytes;
    }
}
