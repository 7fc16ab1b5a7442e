package io.javisor.emulator.state;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Memory outside the heap for a table that is seldom filled: all zeros at first, and the host gives a page of it when it is first written
 * to. Not for several threads; offsets are in bytes, of any alignment.
 */
public final class LazyMemory implements AutoCloseable {
    private final MemorySegment bytes;

    /**
     * Maps memory.
     *
     * @param sizeBytes above 0
     * @throws HostException if the host has no more address space
     */
    public LazyMemory(long sizeBytes) {
        int protection = HostConstants.PROT_READ | HostConstants.PROT_WRITE;
        int flags = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS | HostConstants.MAP_NORESERVE;
        long hva = Libc.check("mmap of a table", Libc.mmap(0, sizeBytes, protection, flags, -1, 0));
        // A kernel without huge pages refuses, and need not be asked.
        int _ = Libc.madvise(hva, sizeBytes, HostConstants.MADV_NOHUGEPAGE);
        bytes = Libc.segmentAt(hva, sizeBytes);
    }

    /** The host address of its first byte, a multiple of 4096. */
    public long hva() {
        return bytes.address();
    }

    public long sizeBytes() {
        return bytes.byteSize();
    }

    public byte getByte(long offset) {
        return bytes.get(ValueLayout.JAVA_BYTE, offset);
    }

    public void putByte(long offset, byte value) {
        bytes.set(ValueLayout.JAVA_BYTE, offset, value);
    }

    public int getInt(long offset) {
        return bytes.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
    }

    public void putInt(long offset, int value) {
        bytes.set(ValueLayout.JAVA_INT_UNALIGNED, offset, value);
    }

    public long getLong(long offset) {
        return bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }

    public void putLong(long offset, long value) {
        bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
    }

    /** Makes all of it zeros and gives its pages back to the host. */
    public void clear() {
        Libc.check("madvise of a table", Libc.madvise(hva(), sizeBytes(), HostConstants.MADV_DONTNEED));
    }

    /** Nobody may touch it afterwards. */
    @Override
    public void close() {
        int _ = Libc.munmap(hva(), sizeBytes());
    }
}
