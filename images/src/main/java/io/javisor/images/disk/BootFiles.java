package io.javisor.images.disk;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
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
    public BootFiles {
        initrds = List.copyOf(initrds);
        notes = List.copyOf(notes);
    }

    /**
     * The kernel, in memory.
     *
     * @param limitBytes the largest one that makes sense, such as the guest's memory
     * @throws ImageException if it is larger, or can't be read
     */
    public ImageFile loadKernel(SegmentAllocator memory, long limitBytes) {
        return kernel.load(memory, limitBytes);
    }

    /** The initrds behind each other; null if there are none. */
    public @Nullable ByteSource initrd() {
        return switch (initrds.size()) {
            case 0 -> null;
            case 1 -> initrds.getFirst();
            default -> InitrdChain.of(initrds);
        };
    }

    /** The same with {@code more} notes in front. */
    public BootFiles withNotes(List<String> more) {
        List<String> all = new ArrayList<>(more);
        all.addAll(notes);
        return new BootFiles(kernel, initrds, commandLine, description, all);
    }
}
