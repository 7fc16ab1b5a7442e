package io.javisor.firmware.bzimage;

import io.javisor.firmware.image.CompressedPayload;
import io.javisor.firmware.image.KernelCache;
import io.javisor.firmware.image.PayloadFormat;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A bzImage: boot sector and setup (16-bit code), then the protected-mode part, which is a decompressor with a kernel inside.
 *
 * @param payload the compressed kernel; null if the header names none, or its compression is unknown
 */
public record BzImage(
        ImageFile file, SetupHeader header, @Nullable CompressedPayload payload) {
    /** Where the 64-bit entry is in the protected-mode part (boot.rst, "64-bit Boot Protocol"). */
    public static final int ENTRY64_OFFSET = 0x200;

    /**
     * Reads and checks the header, and finds the payload.
     *
     * @throws ImageException at the first header field that is out of range
     */
    public static BzImage parse(ImageFile file) {
        SetupHeader header = SetupHeader.read(file);
        long offset = header.setupSizeBytes() + header.payloadOffset();
        long length = header.payloadLength();
        PayloadFormat format = PayloadFormat.of(file, offset, length);
        CompressedPayload payload = format == null ? null : new CompressedPayload(file, format, offset, length);
        return new BzImage(file, header, payload);
    }

    /**
     * The kernel inside, decompressed: an ELF image, and behind it the relocations if it has any. The result is writable.
     *
     * @param scratch gives its memory, once
     * @param limitBytes what it may have
     * @param cache of this image
     * @throws ImageException if it is damaged, or larger than the limit
     */
    public ImageFile decompress(SegmentAllocator scratch, long limitBytes, KernelCache cache) {
        CompressedPayload compressed = payload;
        if (compressed == null) {
            throw new IllegalStateException("no payload of a known compression");
        }
        return new ImageFile(file.name(), compressed.decompress(scratch, limitBytes, cache));
    }

    /** The setup header's bytes as a boot loader copies them to the zero page, from 0x1F1 on. */
    public MemorySegment headerBytes() {
        return file.bytes()
                .asSlice(
                        SetupHeaderLayout.SETUP_SECTS_OFFSET,
                        header.endOffset() - SetupHeaderLayout.SETUP_SECTS_OFFSET);
    }
}
