package io.javisor.firmware.image;

import io.airlift.compress.v3.MalformedInputException;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * A compressed kernel inside a file, as the kernel's build makes it: one compressed stream whose last four bytes are the decompressed size,
 * little-endian (modulo 4 GiB, which no kernel exceeds).
 *
 * @param file the file that it is in
 * @param offset of its first byte
 * @param length in bytes, the size trailer included; the range lies in the file
 */
public record CompressedPayload(ImageFile file, PayloadFormat format, long offset, long length) {
    /** KERNEL_IMAGE_SIZE of x86-64 (Linux 6.12, page_64_types.h): what a kernel has address space for, in bytes. */
    public static final long KERNEL_SIZE_MAX = 1L << 30;

    private static final int TRAILER_SIZE = 4;
    private static final long PAGE_SIZE = 0x1000;
    private static final long MIB = 1 << 20;

    /** The slowest format takes some seconds for the largest kernels there are. */
    private static final int TIME_MAX_SECONDS = 60;

    private static final String DAMAGED = "damaged data";

    /**
     * What the trailer declares, in bytes.
     *
     * @throws ImageException if there is no room for a trailer
     */
    public long declaredSizeBytes() {
        if (length < TRAILER_SIZE + 1) {
            throw problem("truncated: only %d bytes".formatted(length));
        }
        return file.u32(offset + length - TRAILER_SIZE);
    }

    /**
     * Decompresses it. The memory is bounded by what the trailer declares, and that by {@code limitBytes}, before anything is
     * allocated; data that gives more or less than declared is refused.
     *
     * @param scratch gives the memory for the result, once; it need not be zeroed
     * @param limitBytes what the result may have: the guest's memory
     * @param cache asked first, and given what was decompressed
     * @return exactly the declared size; may be written to
     * @throws ImageException if it declares more than the limit or {@link #KERNEL_SIZE_MAX}, or is damaged or takes too long, or the host's
     *     memory does not suffice
     */
    public MemorySegment decompress(SegmentAllocator scratch, long limitBytes, KernelCache cache) {
        long size = declaredSizeBytes();
        if (size == 0) {
            throw problem("its trailer declares 0 bytes");
        }
        if (size > limitBytes) {
            throw problem("it declares %d bytes decompressed; the guest's memory of %d MiB can't hold them"
                    .formatted(size, limitBytes / MIB));
        }
        if (size > KERNEL_SIZE_MAX) {
            throw problem("it declares %d bytes decompressed; no kernel has more than %d MiB"
                    .formatted(size, KERNEL_SIZE_MAX / MIB));
        }
        MemorySegment kept = cache.find(size);
        if (kept != null) {
            return kept;
        }
        MemorySegment kernel = decompress(scratch, size);
        cache.store(kernel);
        return kernel;
    }

    private MemorySegment decompress(SegmentAllocator scratch, long size) {
        try {
            MemorySegment target = scratch.allocate(size, PAGE_SIZE);
            long written = format.decoder().decode(source(), target, Deadline.after(TIME_MAX_SECONDS));
            if (written != size) {
                throw problem("its trailer declares %d bytes, but it decompresses to %d".formatted(size, written));
            }
            return target;
        } catch (ImageException e) {
            throw e;
        } catch (IOException | MalformedInputException | IllegalArgumentException e) {
            String detail = e.getMessage();
            throw problem(detail == null ? DAMAGED : oneLine(detail));
        } catch (RuntimeException e) {
            // The libraries answer some damage with an index out of bounds and the like. Its message
            // helps nobody, and is not there once the code is compiled (OmitStackTraceInFastThrow).
            throw problem(DAMAGED);
        } catch (OutOfMemoryError e) {
            throw problem("the host's memory, or the Java heap, does not suffice to decompress it to %d MiB"
                    .formatted(size / MIB));
        }
    }

    private MemorySegment source() {
        return file.bytes().asSlice(offset, format.sizeAppended() ? length - TRAILER_SIZE : length);
    }

    private static String oneLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private ImageException problem(String what) {
        return file.problem(
                "the %s-compressed kernel in it can't be decompressed: %s".formatted(format.displayName(), what));
    }
}
