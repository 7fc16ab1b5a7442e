package io.javisor.core.memory;

import static io.javisor.core.host.HostConstants.FALLOC_FL_KEEP_SIZE;
import static io.javisor.core.host.HostConstants.FALLOC_FL_PUNCH_HOLE;
import static io.javisor.core.host.HostConstants.F_ADD_SEALS;
import static io.javisor.core.host.HostConstants.F_SEAL_GROW;
import static io.javisor.core.host.HostConstants.F_SEAL_SEAL;
import static io.javisor.core.host.HostConstants.F_SEAL_SHRINK;
import static io.javisor.core.host.HostConstants.MADV_DONTDUMP;
import static io.javisor.core.host.HostConstants.MADV_DONTNEED;
import static io.javisor.core.host.HostConstants.MADV_HUGEPAGE;
import static io.javisor.core.host.HostConstants.MADV_MERGEABLE;
import static io.javisor.core.host.HostConstants.MADV_NOHUGEPAGE;
import static io.javisor.core.host.HostConstants.MADV_POPULATE_WRITE;
import static io.javisor.core.host.HostConstants.MAP_ANONYMOUS;
import static io.javisor.core.host.HostConstants.MAP_FIXED;
import static io.javisor.core.host.HostConstants.MAP_HUGETLB;
import static io.javisor.core.host.HostConstants.MAP_HUGE_2MB;
import static io.javisor.core.host.HostConstants.MAP_PRIVATE;
import static io.javisor.core.host.HostConstants.MAP_SHARED;
import static io.javisor.core.host.HostConstants.MFD_ALLOW_SEALING;
import static io.javisor.core.host.HostConstants.MFD_CLOEXEC;
import static io.javisor.core.host.HostConstants.PROT_READ;
import static io.javisor.core.host.HostConstants.PROT_WRITE;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.log.LogLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's side of guest memory: one mapping that all regions share. Each region's host address is congruent with its
 * guest-physical address modulo 2 MiB, as KVM can map a huge page only then.
 */
final class HostMapping {
    static final long PAGE_SIZE = 4096;
    static final long HUGE_PAGE_SIZE = 2 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(HostMapping.class);
    /** What is said of the host is said once, not by each machine's every life. */
    private static final LogLimit KSM_LINES = new LogLimit(TimeUnit.DAYS.toNanos(1));

    private static final long PREFAULT_SLICE_SIZE = 64 << 20;

    private final Arena arena = Arena.ofShared();
    private final long baseHva;
    private final long sizeBytes;
    private final boolean huge;
    private final @Nullable Fd memfd;
    private final List<GuestMemory.Region> regions = new ArrayList<>();

    private HostMapping(long baseHva, long sizeBytes, boolean huge, @Nullable Fd memfd) {
        this.baseHva = baseHva;
        this.sizeBytes = sizeBytes;
        this.huge = huge;
        this.memfd = memfd;
    }

    /** Maps {@code ranges}, which were checked, or throws {@link HostException} and leaves nothing behind. */
    static HostMapping map(List<GpaRange> ranges, MemoryBackingConfig backing) {
        long[] offsets = new long[ranges.size()];
        long size = 0;
        for (int i = 0; i < offsets.length; i++) {
            GpaRange range = ranges.get(i);
            size = alignUp(size) + (range.startGpa() & (HUGE_PAGE_SIZE - 1));
            offsets[i] = size;
            size += range.sizeBytes();
        }
        requireSettings(backing, size);
        long base = reserve(size);
        HostMapping mapping = null;
        try {
            Fd memfd = backing.kind() == MemoryBackingConfig.Kind.MEMFD ? openMemfd(size) : null;
            mapping = new HostMapping(base, size, backing.kind() == MemoryBackingConfig.Kind.HUGETLB, memfd);
            mapping.commit(backing);
            mapping.advise(backing);
            MemorySegment all = Libc.segmentAt(base, size, mapping.arena);
            for (int i = 0; i < offsets.length; i++) {
                GpaRange range = ranges.get(i);
                mapping.regions.add(
                        new GuestMemory.Region(range.startGpa(), all.asSlice(offsets[i], range.sizeBytes())));
            }
            if (backing.prefault()) {
                mapping.prefault();
            }
            return mapping;
        } catch (RuntimeException e) {
            if (mapping == null) {
                int _ = Libc.munmap(base, size);
            } else {
                mapping.revoke();
                mapping.unmap();
            }
            throw e;
        }
    }

    List<GuestMemory.Region> regions() {
        return regions;
    }

    @Nullable
    Fd memfd() {
        return memfd;
    }

    /**
     * Makes every access to the regions throw IllegalStateException from now on. The arena's close stops each thread for a moment at
     * a point where it is not inside an access, so none can be under way when it returns.
     */
    void revoke() {
        arena.close();
    }

    /** Gives the memory back to the host: only once, after {@link #revoke}, and when no lease is out. */
    void unmap() {
        int _ = Libc.munmap(baseHva, sizeBytes);
        if (memfd != null) {
            memfd.close();
        }
    }

    /** The size of the pages that the host takes and gives, in bytes. */
    long pageSize() {
        return huge ? HUGE_PAGE_SIZE : PAGE_SIZE;
    }

    /**
     * Gives whole pages back to the host: they read as zeros from then on. Not MADV_FREE, which leaves what was there until the host needs it.
     *
     * @return false if the host refuses
     */
    boolean discard(long hva, long length) {
        // The mapping of a memory file begins at the file's begin. MADV_DONTNEED would leave the file its pages.
        return memfd == null
                ? Libc.madvise(hva, length, MADV_DONTNEED) == 0
                : Libc.fallocate(memfd.value(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, hva - baseHva, length) == 0;
    }

    private static void requireSettings(MemoryBackingConfig backing, long size) {
        if (backing.thp() == MemoryBackingConfig.Thp.ON) {
            var file = backing.kind() == MemoryBackingConfig.Kind.MEMFD
                    ? HostMemoryInfo.THP_SHMEM
                    : HostMemoryInfo.THP_ANON;
            String choice = HostMemoryInfo.choice(file);
            if (choice.isEmpty() || choice.equals("never") || choice.equals("deny")) {
                String reason = choice.isEmpty() ? "the host has no transparent huge pages" : file + " is " + choice;
                throw new HostException(
                        "guest memory with thp=on: " + reason + " (echo advise or madvise into it, or leave thp out)",
                        Errno.EOPNOTSUPP);
            }
        }
        if (backing.prefault() && backing.kind() != MemoryBackingConfig.Kind.HUGETLB) {
            // Without this the out-of-memory killer would answer, not an error.
            long available = HostMemoryInfo.meminfoBytes("MemAvailable");
            if (available >= 0 && size > available) {
                throw new HostException(
                        "guest memory of " + HostMemoryInfo.size(size) + " with prefault: only " + (available >> 20)
                                + " MiB are available",
                        Errno.ENOMEM);
            }
        }
    }

    private static long reserve(long size) {
        long base = AddressSpace.reserve(size, HUGE_PAGE_SIZE);
        if (base < 0) {
            throw tooMuch(size, (int) -base);
        }
        return base;
    }

    private static Fd openMemfd(long size) {
        Fd memfd =
                Fd.own("memfd_create(guest-memory)", Libc.memfdCreate("guest-memory", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        try {
            Libc.check("ftruncate(guest-memory, " + size + ")", Libc.ftruncate(memfd.value(), size));
            // Whoever gets the descriptor could otherwise shorten the file, and an access beyond its end is a SIGBUS.
            int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
            int _ = Libc.check("fcntl(F_ADD_SEALS)", Libc.fcntl(memfd.value(), F_ADD_SEALS, seals));
            // The kernel counts a memory file page by page as it is used, and so never refuses one that is
            // too large: ask for the same amount as private memory, by which its overcommit policy decides.
            long probe = Libc.mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (probe < 0) {
                throw tooMuch(size, (int) -probe);
            }
            int _ = Libc.munmap(probe, size);
            return memfd;
        } catch (RuntimeException e) {
            memfd.close();
            throw e;
        }
    }

    private void commit(MemoryBackingConfig backing) {
        int flags =
                switch (backing.kind()) {
                    case ANON -> MAP_PRIVATE | MAP_ANONYMOUS;
                    case MEMFD -> MAP_SHARED;
                    case HUGETLB -> MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB;
                };
        int fd = memfd == null ? -1 : memfd.value();
        long result = Libc.mmap(baseHva, sizeBytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
        if (result < 0) {
            int errno = (int) -result;
            throw backing.kind() == MemoryBackingConfig.Kind.HUGETLB ? noHugePages(errno) : tooMuch(sizeBytes, errno);
        }
    }

    private void advise(MemoryBackingConfig backing) {
        // A core dump of the monitor has no use for the guest's memory, and may not have the right to it.
        int _ = Libc.madvise(baseHva, sizeBytes, MADV_DONTDUMP);
        if (backing.kind() != MemoryBackingConfig.Kind.HUGETLB) {
            adviseHugePages(backing);
        }
        if (backing.ksm()) {
            Libc.check("madvise(MADV_MERGEABLE) for ksm=on", Libc.madvise(baseHva, sizeBytes, MADV_MERGEABLE));
            if (!HostMemoryInfo.text(HostMemoryInfo.KSM_RUN).equals("1")) {
                KSM_LINES.warn(
                        LOG, "ksm=on has no effect until the host merges pages: echo 1 > {}", HostMemoryInfo.KSM_RUN);
            }
        }
    }

    private void adviseHugePages(MemoryBackingConfig backing) {
        switch (backing.thp()) {
            case ON -> Libc.check("madvise(MADV_HUGEPAGE) for thp=on", Libc.madvise(baseHva, sizeBytes, MADV_HUGEPAGE));
            case OFF -> {
                int _ = Libc.madvise(baseHva, sizeBytes, MADV_NOHUGEPAGE);
            }
            case AUTO -> {
                // With ksm the small pages are what is wanted: a huge one is hardly ever equal to another.
                if (!backing.ksm()) {
                    int _ = Libc.madvise(baseHva, sizeBytes, MADV_HUGEPAGE);
                }
            }
        }
    }

    private void prefault() {
        for (GuestMemory.Region region : regions) {
            MemorySegment segment = region.segment();
            for (long offset = 0; offset < segment.byteSize(); offset += PREFAULT_SLICE_SIZE) {
                long length = Math.min(PREFAULT_SLICE_SIZE, segment.byteSize() - offset);
                int result = Libc.madvise(segment.address() + offset, length, MADV_POPULATE_WRITE);
                if (result == -Errno.EINVAL) {
                    touch(segment, offset, length); // before Linux 5.14
                } else {
                    int _ = Libc.check("prefault of " + HostMemoryInfo.size(sizeBytes) + " of guest memory", result);
                }
            }
        }
    }

    private static void touch(MemorySegment segment, long offset, long length) {
        for (long at = 0; at < length; at += PAGE_SIZE) {
            segment.set(ValueLayout.JAVA_BYTE, offset + at, (byte) 0);
        }
    }

    private static HostException tooMuch(long size, int errno) {
        long total = HostMemoryInfo.meminfoBytes("MemTotal");
        long swap = HostMemoryInfo.meminfoBytes("SwapTotal");
        String has = total < 0
                ? ""
                : " (it has " + (total >> 20) + " MiB, and " + (Math.max(0, swap) >> 20) + " MiB of swap)";
        return new HostException(
                "guest memory of " + HostMemoryInfo.size(size) + " is more than the host can map" + has, errno);
    }

    private HostException noHugePages(int errno) {
        long needed = alignUp(sizeBytes) / HUGE_PAGE_SIZE;
        long free = Math.max(0, HostMemoryInfo.number(HostMemoryInfo.HUGE_PAGES.resolve("free_hugepages")));
        long reserved = Math.max(0, HostMemoryInfo.number(HostMemoryInfo.HUGE_PAGES.resolve("resv_hugepages")));
        long all = Math.max(0, HostMemoryInfo.number(HostMemoryInfo.HUGE_PAGES.resolve("nr_hugepages")));
        long usable = Math.max(0, free - reserved);
        return new HostException(
                "guest memory on hugetlb needs " + needed + " huge pages of 2 MiB, of which " + usable
                        + " are free; this makes enough: sysctl vm.nr_hugepages="
                        + (all + Math.max(1, needed - usable)),
                errno);
    }

    private static long alignUp(long value) {
        return (value + HUGE_PAGE_SIZE - 1) & -HUGE_PAGE_SIZE;
    }
}
