package io.javisor.firmware.bzimage;

import io.javisor.firmware.elf.ElfImage;
import io.javisor.firmware.elf.ElfSegment;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The relocations that the build appends to a vmlinux before it compresses it (arch/x86/tools/relocs.c; read by handle_relocations() in
 * arch/x86/boot/compressed/misc.c): 32-bit words, each the low half of the virtual address of a place to mend. There are three lists, each
 * behind a zero: 64-bit places, 32-bit places that are subtracted from (percpu; gone since Linux 6.15), 32-bit places. A reader
 * without the ELF file's length goes backwards from the end.
 *
 * @param vmlinux with the table behind it; writable
 * @param startOffset of the table in the file; 4-byte words to its end
 * @param inverseOffset of the second list's zero; the third's if there is no second list
 * @param words32Offset of the third list's zero
 */
public record RelocationTable(
        ImageFile vmlinux, ElfImage image, long startOffset, long inverseOffset, long words32Offset) {
    private static final long WORD_SIZE = 4;
    private static final long START_KERNEL_MAP = 0xFFFF_FFFF_8000_0000L;
    private static final int E_SHOFF_OFFSET = 0x28;
    private static final int E_SHENTSIZE_OFFSET = 0x3A;
    private static final int E_SHNUM_OFFSET = 0x3C;

    /**
     * Finds the table, and checks that every place is in the kernel.
     *
     * @param image {@code vmlinux}, parsed: 64-bit
     * @throws ImageException if there is none (CONFIG_RANDOMIZE_BASE is off), or it is damaged
     */
    public static RelocationTable read(ImageFile vmlinux, ElfImage image) {
        long start = endOfElf(vmlinux, image);
        long end = vmlinux.sizeBytes();
        if (start >= end) {
            throw vmlinux.problem(
                    "--kaslr: this kernel has no relocations (CONFIG_RANDOMIZE_BASE); it runs where it was linked"
                            + " only");
        }
        if ((end - start) % WORD_SIZE != 0) {
            throw damaged(vmlinux, "%d bytes are no list of words".formatted(end - start));
        }
        if (vmlinux.u32(start) != 0) {
            throw damaged(vmlinux, "it starts with 0x%08x instead of 0".formatted(vmlinux.u32(start)));
        }
        long second = nextZero(vmlinux, start + WORD_SIZE, end);
        long third = second < end ? nextZero(vmlinux, second + WORD_SIZE, end) : end;
        if (second == end || (third < end && nextZero(vmlinux, third + WORD_SIZE, end) < end)) {
            throw damaged(vmlinux, "it has neither two nor three lists");
        }
        RelocationTable table = new RelocationTable(vmlinux, image, start, second, third < end ? third : second);
        table.walk(0, false);
        return table;
    }

    /** The number of places. */
    public long count() {
        long zeros = inverseOffset == words32Offset ? 2 : 3;
        return (vmlinux.sizeBytes() - startOffset) / WORD_SIZE - zeros;
    }

    /** Moves the kernel's virtual addresses up by {@code delta} bytes, in the file's bytes. Once. */
    public void apply(long delta) {
        walk(delta, true);
    }

    private void walk(long delta, boolean write) {
        walkList(startOffset, inverseOffset, 8, delta, write);
        if (inverseOffset != words32Offset) {
            walkList(inverseOffset, words32Offset, 4, -delta, write);
        }
        walkList(words32Offset, vmlinux.sizeBytes(), 4, delta, write);
    }

    private void walkList(long zeroOffset, long endOffset, int size, long delta, boolean write) {
        MemorySegment bytes = vmlinux.bytes();
        ElfSegment segment = image.segments().getFirst();
        for (long at = zeroOffset + WORD_SIZE; at < endOffset; at += WORD_SIZE) {
            int word = bytes.get(ValueLayout.JAVA_INT_UNALIGNED, at);
            long gpa = word - START_KERNEL_MAP;
            if (!covers(segment, gpa, size)) {
                segment = segmentOf(gpa, size, word);
            }
            if (write) {
                long place = segment.fileOffset() + (gpa - segment.memory().startGpa());
                if (size == 8) {
                    long value = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, place);
                    bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, place, value + delta);
                } else {
                    int value = bytes.get(ValueLayout.JAVA_INT_UNALIGNED, place);
                    bytes.set(ValueLayout.JAVA_INT_UNALIGNED, place, (int) (value + delta));
                }
            }
        }
    }

    /** By bisection: a file may have tens of thousands of segments, and millions of words. */
    private ElfSegment segmentOf(long gpa, int size, int word) {
        List<ElfSegment> segments = image.segments();
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).memory().startGpa() <= gpa) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        if (covers(segments.get(low), gpa, size)) {
            return segments.get(low);
        }
        throw damaged(vmlinux, "0x%08x is no place in the kernel".formatted(word));
    }

    private static boolean covers(ElfSegment segment, long gpa, int size) {
        long offset = gpa - segment.memory().startGpa();
        return offset >= 0 && offset <= segment.fileSizeBytes() - size;
    }

    /** Section headers come last; a table of them that the file does not hold is not there. */
    private static long endOfElf(ImageFile vmlinux, ElfImage image) {
        long end = 0;
        for (ElfSegment segment : image.segments()) {
            end = Math.max(end, segment.fileOffset() + segment.fileSizeBytes());
        }
        long sectionsOffset = vmlinux.u64(E_SHOFF_OFFSET);
        long sectionsSize = (long) vmlinux.u16(E_SHENTSIZE_OFFSET) * vmlinux.u16(E_SHNUM_OFFSET);
        if (vmlinux.contains(sectionsOffset, sectionsSize)) {
            end = Math.max(end, sectionsOffset + sectionsSize);
        }
        return end;
    }

    private static long nextZero(ImageFile vmlinux, long startOffset, long endOffset) {
        long at = startOffset;
        while (at < endOffset && vmlinux.u32(at) != 0) {
            at += WORD_SIZE;
        }
        return at;
    }

    private static ImageException damaged(ImageFile vmlinux, String what) {
        return vmlinux.problem("--kaslr: the kernel's relocation table is damaged: " + what);
    }
}
