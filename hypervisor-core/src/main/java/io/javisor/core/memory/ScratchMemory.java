package io.javisor.core.memory;

import static io.javisor.core.host.HostConstants.MAP_ANONYMOUS;
import static io.javisor.core.host.HostConstants.MAP_PRIVATE;
import static io.javisor.core.host.HostConstants.PROT_READ;
import static io.javisor.core.host.HostConstants.PROT_WRITE;

import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Large blocks of memory outside the heap. An arena would fill each block with zeros first; here the host gives zeros as they are touched. Not
 * thread-safe.
 */
public final class ScratchMemory implements SegmentAllocator, AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final List<Mapping> mappings = new ArrayList<>();

    private record Mapping(long startHva, long sizeBytes) {}

    /**
     * Maps a block of its own.
     *
     * @param sizeBytes 1 or more
     * @param alignmentBytes a power of two up to 4096
     * @return zeros, accessible until this is closed
     * @throws OutOfMemoryError if the host refuses it
     * @throws IllegalStateException after {@link #close}
     */
    @Override
    public MemorySegment allocate(long sizeBytes, long alignmentBytes) {
        if (sizeBytes <= 0 || alignmentBytes > HostMapping.PAGE_SIZE) {
            throw new IllegalArgumentException(sizeBytes + " bytes aligned to " + alignmentBytes);
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("closed");
        }
        long start = Libc.mmap(0, sizeBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start < 0) {
            throw new OutOfMemoryError("mmap of " + sizeBytes + " bytes: errno " + -start);
        }
        mappings.add(new Mapping(start, sizeBytes));
        return Libc.segmentAt(start, sizeBytes, arena);
    }

    /** Gives everything back; an access after that throws {@link IllegalStateException}. Does nothing the second time. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            for (Mapping mapping : mappings) {
                int _ = Libc.munmap(mapping.startHva, mapping.sizeBytes);
            }
        }
    }
}
