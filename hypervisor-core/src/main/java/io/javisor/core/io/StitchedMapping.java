package io.javisor.core.io;

import static io.javisor.core.host.HostConstants.MADV_DONTDUMP;
import static io.javisor.core.host.HostConstants.MAP_ANONYMOUS;
import static io.javisor.core.host.HostConstants.MAP_FIXED;
import static io.javisor.core.host.HostConstants.MAP_NORESERVE;
import static io.javisor.core.host.HostConstants.MAP_PRIVATE;
import static io.javisor.core.host.HostConstants.PROT_READ;

import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.AddressSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The parts of a {@link StitchedFile} in memory, one right behind the other, for reading only; behind the last zeros up to a multiple of 2 MiB.
 * Pages are the host's page cache, shared by all who map the same files.
 *
 * <p>Whoever reads where a file has got shorter since is killed by SIGBUS. So this is for files that nobody shortens.
 */
public final class StitchedMapping implements AutoCloseable {
    /** The mapping begins and ends at a multiple of this many bytes. */
    public static final long ALIGNMENT = 2 << 20;

    private static final long PAGE_SIZE = 4096;

    private final Arena arena = Arena.ofShared();
    private final long baseHva;
    private final long sizeBytes;
    private final MemorySegment segment;

    private StitchedMapping(long baseHva, long sizeBytes) {
        this.baseHva = baseHva;
        this.sizeBytes = sizeBytes;
        this.segment = Libc.segmentAt(baseHva, sizeBytes, arena).asReadOnly();
    }

    /** How much address space a file takes, in bytes. */
    public static long sizeBytes(StitchedFile file) {
        return (file.sizeBytes() + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * Maps a file, which may be closed afterwards.
     *
     * @param file its parts are of whole pages of 4 KiB
     * @throws HostException if the host can't
     * @throws IllegalArgumentException if a part is not of whole pages
     */
    public static StitchedMapping of(StitchedFile file) {
        for (int part = 0; part < file.partCount(); part++) {
            if ((file.start(part + 1) & (PAGE_SIZE - 1)) != 0) {
                throw new IllegalArgumentException(file.file(part) + " is not of whole pages");
            }
        }
        long size = sizeBytes(file);
        long base = AddressSpace.reserve(size, ALIGNMENT);
        if (base < 0) {
            throw new HostException("mmap(" + file + ", " + size + " bytes of address space)", (int) -base);
        }
        try {
            for (int part = 0; part < file.partCount(); part++) {
                long start = file.start(part);
                long length = file.start(part + 1) - start;
                int flags = MAP_PRIVATE | MAP_FIXED;
                Libc.check(
                        "mmap(" + file.file(part) + ", " + length + " bytes)",
                        Libc.mmap(
                                base + start,
                                length,
                                PROT_READ,
                                flags,
                                file.file(part).value(),
                                0));
            }
            if (size > file.sizeBytes()) {
                int flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
                long end = file.sizeBytes();
                Libc.check("mmap(zeros)", Libc.mmap(base + end, size - end, PROT_READ, flags, -1, 0));
            }
        } catch (RuntimeException e) {
            int _ = Libc.munmap(base, size);
            throw e;
        }
        int _ = Libc.madvise(base, size, MADV_DONTDUMP);
        return new StitchedMapping(base, size);
    }

    /** All of it. After {@link #close} every access throws {@link IllegalStateException}. */
    public MemorySegment segment() {
        return segment;
    }

    /** Takes the mapping away. No access by its address is under way, nor comes. Does nothing the second time. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            int _ = Libc.munmap(baseHva, sizeBytes);
        }
    }
}
