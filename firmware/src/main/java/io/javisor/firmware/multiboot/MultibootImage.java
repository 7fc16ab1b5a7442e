package io.javisor.firmware.multiboot;

import static io.javisor.firmware.multiboot.MultibootLayout.*;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.elf.ElfImage;
import io.javisor.firmware.elf.ElfSegment;
import io.javisor.images.FileKind;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.util.List;

/**
 * A checked Multiboot kernel: what it loads lies in the file and is disjoint, and its entry is in something that the file fills. Whether the
 * guest has memory there is the boot plan's question.
 *
 * @param header as the file has it
 * @param parts what is loaded, ascending, at least one
 * @param entryGpa the first instruction, below 4 GiB
 */
public record MultibootImage(MultibootHeader header, List<Part> parts, long entryGpa) {
    private static final long FOUR_GIB = 1L << 32;

    /**
     * Something to load. What the file doesn't fill is zero.
     *
     * @param memory where it goes
     * @param fileOffset of its first byte in the file
     * @param fileSizeBytes at most the size in memory
     */
    public record Part(GpaRange memory, long fileOffset, long fileSizeBytes) {
        private boolean fileCovers(long gpa) {
            return gpa >= memory.startGpa() && gpa - memory.startGpa() < fileSizeBytes;
        }
    }

    public MultibootImage {
        parts = List.copyOf(parts);
    }

    /**
     * Reads and checks the image that {@code header} is in.
     *
     * @throws ImageException in one line, if it wants what is not there, or is damaged
     */
    public static MultibootImage read(MultibootHeader header) {
        ImageFile file = header.file();
        int unknown = header.flags() & REQUIRED_FLAGS & ~(FLAG_PAGE_ALIGN | FLAG_MEMORY_INFO | FLAG_VIDEO_MODE);
        if (unknown != 0) {
            throw file.problem(
                    "its Multiboot header requires what version 0.6.96 does not have: flags 0x%x".formatted(unknown));
        }
        if (header.hasAddresses()) {
            return byAddresses(header);
        }
        if (FileKind.of(file) != FileKind.ELF) {
            throw file.problem("its Multiboot header has no addresses to load it to (flag 16), and it is no ELF image");
        }
        return byElf(header, ElfImage.read(file));
    }

    /** §3.1.3; all are numbers of 32 bits, so that sums don't overflow. */
    private static MultibootImage byAddresses(MultibootHeader header) {
        ImageFile file = header.file();
        if (!file.contains(header.offset(), HEADER_WITH_ADDRESSES_SIZE)
                || header.offset() + HEADER_WITH_ADDRESSES_SIZE > HEADER_SEARCH_SIZE) {
            throw file.problem(
                    "truncated: the Multiboot header at 0x%x lacks its address fields".formatted(header.offset()));
        }
        long headerGpa = header.field(HEADER_ADDR_OFFSET);
        long startGpa = header.field(HEADER_LOAD_ADDR_OFFSET);
        if (startGpa > headerGpa || headerGpa - startGpa > header.offset()) {
            throw file.problem("Multiboot load_addr 0x%x is not in the file, whose header at 0x%x goes to 0x%x"
                    .formatted(startGpa, header.offset(), headerGpa));
        }
        long fileOffset = header.offset() - (headerGpa - startGpa);
        long inFile = file.sizeBytes() - fileOffset;
        long loadEnd = header.field(HEADER_LOAD_END_ADDR_OFFSET);
        long endGpa = loadEnd == 0 ? startGpa + inFile : loadEnd;
        if (endGpa <= startGpa || endGpa - startGpa > inFile) {
            throw file.problem("Multiboot load_addr 0x%x and load_end_addr 0x%x; the file has 0x%x bytes from there"
                    .formatted(startGpa, endGpa, inFile));
        }
        long bssEnd = header.field(HEADER_BSS_END_ADDR_OFFSET);
        if (bssEnd != 0 && bssEnd < endGpa) {
            throw file.problem("Multiboot bss_end_addr 0x%x is below load_end_addr 0x%x".formatted(bssEnd, endGpa));
        }
        GpaRange memory = GpaRange.between(startGpa, Math.max(endGpa, bssEnd));
        Part part = new Part(memory, fileOffset, endGpa - startGpa);
        return new MultibootImage(header, List.of(part), header.field(HEADER_ENTRY_ADDR_OFFSET)).checked();
    }

    private static MultibootImage byElf(MultibootHeader header, ElfImage elf) {
        List<Part> parts = elf.segments().stream()
                .map(segment -> new Part(segment.memory(), segment.fileOffset(), segment.fileSizeBytes()))
                .toList();
        return new MultibootImage(header, parts, physicalEntry(elf)).checked();
    }

    /**
     * Paging is off at the entry, but ELF's entry is a linear address, of kernels in the higher half too. Some name the physical one. GRUB takes
     * the first, QEMU both.
     */
    private static long physicalEntry(ElfImage elf) {
        for (ElfSegment segment : elf.segments()) {
            if (segment.linkedAt(elf.entry())) {
                return segment.memory().startGpa() + (elf.entry() - segment.vaddr());
            }
        }
        return elf.entry();
    }

    private MultibootImage checked() {
        ImageFile file = header.file();
        if (parts.stream().noneMatch(part -> part.fileCovers(entryGpa))) {
            throw file.problem("the multiboot entry 0x%x is in nothing that the file fills".formatted(entryGpa));
        }
        if (entryGpa >= FOUR_GIB) {
            throw file.problem("the multiboot entry 0x%x is above 4 GiB".formatted(entryGpa));
        }
        return this;
    }

    /** Copies it to fresh guest memory. */
    public void load(GuestMemory memory) {
        for (Part part : parts) {
            memory.copyIn(
                    header.file().bytes(), part.fileOffset(), part.memory().startGpa(), part.fileSizeBytes());
        }
    }
}
