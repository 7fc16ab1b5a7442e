package io.javisor.machine.host;

import static io.javisor.core.host.HostConstants.MAP_PRIVATE;
import static io.javisor.core.host.HostConstants.PROT_READ;
import static io.javisor.core.host.HostConstants.PROT_WRITE;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Files that are mapped until this is closed, and whose pages need not stay in memory meanwhile. Used by one thread at a time. */
final class MappedFiles implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> mapped = new ArrayList<>();

    /** Maps the first {@code sizeBytes} of a file for reading; empty for 0. */
    MemorySegment map(Fd file, long sizeBytes) {
        return sizeBytes == 0
                ? MemorySegment.NULL
                : map(file, sizeBytes, PROT_READ).asReadOnly();
    }

    /** Maps the first {@code sizeBytes} of a file, of which there is at least one; what is written there stays with this process. */
    MemorySegment mapPrivately(Fd file, long sizeBytes) {
        return map(file, sizeBytes, PROT_READ | PROT_WRITE);
    }

    private MemorySegment map(Fd file, long sizeBytes, int protection) {
        long hva = Libc.check(
                "mmap(" + file.name() + ")", Libc.mmap(0, sizeBytes, protection, MAP_PRIVATE, file.value(), 0));
        MemorySegment bytes = Libc.segmentAt(hva, sizeBytes, arena);
        mapped.add(bytes);
        return bytes;
    }

    /**
     * Lets go of the pages that were read: who reads them again gets them from the host's page cache, or from the disk. What was written to
     * private mappings is lost.
     */
    void dropPages() {
        for (MemorySegment bytes : mapped) {
            // Where the host refuses, the pages stay.
            int _ = Libc.madvise(bytes.address(), bytes.byteSize(), HostConstants.MADV_DONTNEED);
        }
    }

    @Override
    public void close() {
        if (!arena.scope().isAlive()) {
            return;
        }
        arena.close(); // nobody reads them from now on
        for (MemorySegment bytes : mapped) {
            int _ = Libc.munmap(bytes.address(), bytes.byteSize());
        }
    }
}
