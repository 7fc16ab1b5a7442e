package io.javisor.firmware.disk;

import io.javisor.firmware.image.BootException;
import io.javisor.firmware.image.ImageFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the boot loader on a disk would start. The files are not read yet; the image must stay open until they are.
 *
 * @param initrds in their order; the kernel gets them as one
 * @param commandLine as the boot loader would pass it on, not checked
 * @param description which entry of what, in one line of printable ASCII
 * @param notes what the user should know, a line each
 */
public record BootFiles(
        ByteSource kernel, List<ByteSource> initrds, String commandLine, String description, List<String> notes) {
    /** Archives in an initrd start at multiples of this (Linux 6.12, Documentation/driver-api/early-userspace/buffer-format.rst). */
    private static final long INITRD_ALIGN = 4;

    public BootFiles {
        initrds = List.copyOf(initrds);
        notes = List.copyOf(notes);
    }

    /**
     * The kernel, in memory.
     *
     * @param limitBytes the largest one that makes sense, such as the guest's memory
     * @throws BootException if it is larger, or can't be read
     */
    public ImageFile loadKernel(SegmentAllocator memory, long limitBytes) {
        return kernel.load(memory, limitBytes);
    }

    /**
     * The initrds behind each other, in memory; null if there are none.
     *
     * @param limitBytes the most that makes sense, such as the guest's memory
     * @throws BootException if they have more, or can't be read
     */
    public @Nullable ImageFile loadInitrd(SegmentAllocator memory, long limitBytes) {
        if (initrds.size() < 2) {
            return initrds.isEmpty() ? null : initrds.getFirst().load(memory, limitBytes);
        }
        long size = 0;
        for (ByteSource initrd : initrds) {
            // No sum of these overflows before it exceeds the limit.
            if (initrd.sizeBytes() > limitBytes - size) {
                throw initrd.problem(
                        "with it the initrd has more than the %d bytes that fit here".formatted(limitBytes));
            }
            size = align(size + initrd.sizeBytes());
        }
        MemorySegment bytes = memory.allocate(size, 1);
        long offset = 0;
        for (ByteSource initrd : initrds) {
            long end = offset + initrd.sizeBytes();
            initrd.read(0, bytes.asSlice(offset, initrd.sizeBytes()));
            offset = align(end);
            bytes.asSlice(end, offset - end).fill((byte) 0);
        }
        return new ImageFile(initrds.getFirst().name() + " and others", bytes.asReadOnly());
    }

    /** The same with {@code more} notes in front. */
    public BootFiles withNotes(List<String> more) {
        List<String> all = new ArrayList<>(more);
        all.addAll(notes);
        return new BootFiles(kernel, initrds, commandLine, description, all);
    }

    private static long align(long size) {
        return (size + INITRD_ALIGN - 1) & -INITRD_ALIGN;
    }
}
