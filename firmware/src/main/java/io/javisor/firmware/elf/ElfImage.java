package io.javisor.firmware.elf;

import io.javisor.core.memory.GuestMemory;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.util.List;
import java.util.OptionalLong;

/**
 * A checked ELF executable for x86: whatever this record says lies in the file, its sizes do not overflow and its segments are disjoint. Whether
 * the guest has memory there is the boot plan's question.
 *
 * @param file the file it came from
 * @param is64Bit ELFCLASS64 for x86-64, else ELFCLASS32 for i386
 * @param entry {@code e_entry}
 * @param segments PT_LOAD with a size, ascending by guest-physical address; at least one
 * @param linux whether it carries a note of the Linux kernel's
 * @param pvhEntryGpa where XEN_ELFNOTE_PHYS32_ENTRY points, if it has one
 */
public record ElfImage(
        ImageFile file,
        boolean is64Bit,
        long entry,
        List<ElfSegment> segments,
        boolean linux,
        OptionalLong pvhEntryGpa) {
    public ElfImage {
        segments = List.copyOf(segments);
    }

    /**
     * Reads and checks {@code file}.
     *
     * @throws ImageException if it is not an ELF executable for x86, or damaged
     */
    public static ElfImage read(ImageFile file) {
        return new ElfReader(file).read();
    }

    /**
     * Copies the segments to their guest-physical addresses. Only what the file gives is written: guest memory starts as zeros, and a
     * .bss that is left alone costs the host no pages. So {@code memory} must be fresh.
     */
    public void load(GuestMemory memory) {
        for (ElfSegment segment : segments) {
            memory.copyIn(file.bytes(), segment.fileOffset(), segment.memory().startGpa(), segment.fileSizeBytes());
        }
    }

    /** Whether a segment fills {@code gpa} from the file, so that there can be an instruction. */
    public boolean hasCodeAt(long gpa) {
        return segments.stream().anyMatch(segment -> segment.fileCovers(gpa));
    }
}
