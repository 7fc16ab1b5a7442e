package io.javisor.images;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A kernel or initrd as the host has it: its bytes, mapped read-only, and the name to use in messages. Nothing is copied but what
 * goes to the guest. Whoever mapped the file keeps it mapped, and at its length, until the boot plan is written.
 *
 * @param name the path as the user gave it
 * @param bytes the whole file; may exceed 2 GiB
 */
public record ImageFile(String name, MemorySegment bytes) implements ByteSource {
    @Override
    public void read(long offset, MemorySegment target) {
        require(offset, target.byteSize());
        MemorySegment.copy(bytes, offset, target, 0, target.byteSize());
    }

    /** The file's length in bytes. */
    @Override
    public long sizeBytes() {
        return bytes.byteSize();
    }

    /** Whether {@code length} bytes at {@code offset} lie in the file; both as unsigned 64-bit values, without overflow. */
    public boolean contains(long offset, long length) {
        long size = bytes.byteSize();
        return offset >= 0 && length >= 0 && offset <= size && length <= size - offset;
    }

    /** The byte at {@code offset}, zero-extended. */
    public int u8(long offset) {
        return bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    /** The little-endian 16-bit value at {@code offset}, zero-extended. */
    public int u16(long offset) {
        return bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset) & 0xFFFF;
    }

    /** The little-endian 32-bit value at {@code offset}, zero-extended. */
    public long u32(long offset) {
        return bytes.get(ValueLayout.JAVA_INT_UNALIGNED, offset) & 0xFFFF_FFFFL;
    }

    /** The little-endian 64-bit value at {@code offset}; a value of 2⁶³ or more comes back negative. */
    public long u64(long offset) {
        return bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }
}
