package io.javisor.core.memory;

import static io.javisor.core.host.HostConstants.MAP_ANONYMOUS;
import static io.javisor.core.host.HostConstants.MAP_NORESERVE;
import static io.javisor.core.host.HostConstants.MAP_PRIVATE;
import static io.javisor.core.host.HostConstants.PROT_NONE;

import io.javisor.core.host.Libc;

/** This process's address space. Any thread. */
public final class AddressSpace {
    private AddressSpace() {}

    /**
     * Takes a range of it, without memory behind it, for mappings that go there with MAP_FIXED.
     *
     * @param sizeBytes whole pages
     * @param alignment a power of two, at least a page's size
     * @return where it begins, a multiple of {@code alignment}; or a negated errno
     */
    public static long reserve(long sizeBytes, long alignment) {
        long span = sizeBytes + alignment;
        long start = Libc.mmap(0, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (start < 0) {
            return start;
        }
        long base = (start + alignment - 1) & -alignment;
        if (base > start) {
            int _ = Libc.munmap(start, base - start);
        }
        if (start + span > base + sizeBytes) {
            int _ = Libc.munmap(base + sizeBytes, start + span - (base + sizeBytes));
        }
        return base;
    }
}
