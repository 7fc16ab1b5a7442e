package io.javisor.firmware.multiboot;

import static io.javisor.firmware.multiboot.MultibootLayout.*;

import io.javisor.images.ImageFile;
import org.jspecify.annotations.Nullable;

/**
 * The header by which a kernel says that it is a Multiboot kernel (§3.1): magic, flags, and a checksum that makes the sum of the three zero.
 *
 * @param file where it is
 * @param offset from the file's start
 * @param flags what the kernel wants
 */
public record MultibootHeader(ImageFile file, long offset, int flags) {
    /** The first header in {@code file}, or null if it is no Multiboot image; never throws. */
    public static @Nullable MultibootHeader find(ImageFile file) {
        long end = Math.min(HEADER_SEARCH_SIZE, file.sizeBytes());
        for (long at = 0; at + HEADER_SIZE <= end; at += HEADER_ALIGNMENT) {
            if ((int) file.u32(at + HEADER_MAGIC_OFFSET) != HEADER_MAGIC) {
                continue;
            }
            int flags = (int) file.u32(at + HEADER_FLAGS_OFFSET);
            if (HEADER_MAGIC + flags + (int) file.u32(at + HEADER_CHECKSUM_OFFSET) == 0) {
                return new MultibootHeader(file, at, flags);
            }
        }
        return null;
    }

    /** Whether it says by itself what is loaded where, so that the image need not be an ELF image. */
    public boolean hasAddresses() {
        return (flags & FLAG_ADDRESSES) != 0;
    }

    /** Whether the kernel wants to know video modes, or to start in one. */
    public boolean wantsVideoMode() {
        return (flags & FLAG_VIDEO_MODE) != 0;
    }

    /** A 32-bit field of it. */
    long field(int fieldOffset) {
        return file.u32(offset + fieldOffset);
    }
}
