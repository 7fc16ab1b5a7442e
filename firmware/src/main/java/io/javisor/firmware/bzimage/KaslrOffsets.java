package io.javisor.firmware.bzimage;

import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.elf.ElfImage;
import io.javisor.firmware.elf.ElfSegment;
import io.javisor.images.ImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * How far a kernel is moved from where it was linked: upwards, in memory and in its virtual address space, independent of each other, as
 * choose_random_location() in arch/x86/boot/compressed/kaslr.c does it. Every slot is as likely as any other.
 *
 * @param physicalBytes added to every physical address
 * @param virtualBytes added to every virtual address
 */
public record KaslrOffsets(long physicalBytes, long virtualBytes) {
    /** What the kernel maps at {@code __START_KERNEL_map} with CONFIG_RANDOMIZE_BASE (KERNEL_IMAGE_SIZE); modules come after it. */
    private static final long KERNEL_IMAGE_SIZE = 1 << 30;
    /** The boot's page tables map so much. */
    private static final long CEILING_GPA = 1L << 32;
    /** The kernel's early page tables map 2 MiB at a time. */
    private static final long ALIGNMENT_MIN = 0x20_0000;

    /**
     * Chooses.
     *
     * @param alignment of the header: kernel_alignment
     * @param free guest-physical ranges that may be used
     * @throws ImageException if the kernel fits nowhere
     */
    public static KaslrOffsets choose(RandomGenerator random, ElfImage image, long alignment, List<GpaRange> free) {
        long step = Math.max(alignment, ALIGNMENT_MIN);
        long linkedGpa = image.segments().getFirst().memory().startGpa();
        long endGpa = image.segments().getLast().memory().endGpa();
        long sizeBytes = endGpa - linkedGpa;
        long physicalSlots = 0;
        for (GpaRange range : free) {
            physicalSlots += slots(range, linkedGpa, sizeBytes, step);
        }
        if (physicalSlots == 0) {
            throw image.file()
                    .problem("--kaslr: no %d KiB of the guest's memory at or above 0x%x are free for the kernel"
                            .formatted(sizeBytes >> 10, linkedGpa));
        }
        if (endGpa > KERNEL_IMAGE_SIZE) {
            throw image.file()
                    .problem("--kaslr: the kernel ends at 0x%x, beyond the 1 GiB that it can map".formatted(endGpa));
        }
        long virtualSlots = (KERNEL_IMAGE_SIZE - endGpa) / step + 1;
        return new KaslrOffsets(
                physicalOffset(random.nextLong(physicalSlots), free, linkedGpa, sizeBytes, step),
                random.nextLong(virtualSlots) * step);
    }

    private static long physicalOffset(long chosen, List<GpaRange> free, long linkedGpa, long sizeBytes, long step) {
        long slot = chosen;
        for (GpaRange range : free) {
            long here = slots(range, linkedGpa, sizeBytes, step);
            if (slot < here) {
                return firstOffset(range, linkedGpa, step) + slot * step;
            }
            slot -= here;
        }
        throw new IllegalStateException("no slot " + chosen);
    }

    private static long slots(GpaRange range, long linkedGpa, long sizeBytes, long step) {
        long lastOffset = Math.min(range.endGpa(), CEILING_GPA) - sizeBytes - linkedGpa;
        long firstOffset = firstOffset(range, linkedGpa, step);
        return lastOffset < firstOffset ? 0 : (lastOffset - firstOffset) / step + 1;
    }

    /** The lowest multiple of {@code step} that moves the kernel into {@code range}. */
    private static long firstOffset(GpaRange range, long linkedGpa, long step) {
        long least = Math.max(0, range.startGpa() - linkedGpa);
        return (least + step - 1) / step * step;
    }

    /** {@code image} at its new physical addresses. Its PVH entry is dropped: that code runs where it was linked only. */
    public ElfImage moved(ElfImage image) {
        List<ElfSegment> segments = new ArrayList<>();
        for (ElfSegment segment : image.segments()) {
            GpaRange memory = segment.memory();
            segments.add(new ElfSegment(
                    segment.index(),
                    new GpaRange(memory.startGpa() + physicalBytes, memory.sizeBytes()),
                    segment.vaddr() + virtualBytes,
                    segment.fileOffset(),
                    segment.fileSizeBytes()));
        }
        return new ElfImage(
                image.file(),
                image.is64Bit(),
                image.entry() + physicalBytes,
                segments,
                image.linux(),
                OptionalLong.empty());
    }
}
