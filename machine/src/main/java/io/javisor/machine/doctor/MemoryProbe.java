package io.javisor.machine.doctor;

import io.javisor.machine.config.MemoryConfig;
import java.util.List;
import java.util.Locale;

/** Memory for guests. */
final class MemoryProbe {
    private static final String HUGE_PAGES = "sys/kernel/mm/hugepages/hugepages-2048kB/";
    private static final String THP = "sys/kernel/mm/transparent_hugepage/enabled";
    private static final String CGROUP_LIMIT = "sys/fs/cgroup/memory.max";
    private static final String CGROUP_USED = "sys/fs/cgroup/memory.current";
    private static final long MIB = 1 << 20;

    /** The JVM and what the kernel keeps for a VM. */
    private static final long OVERHEAD_BYTES = 128 * MIB;

    private MemoryProbe() {}

    static List<Check> check(HostFiles files) {
        return List.of(free(files), overcommit(files), hugePages(files), transparentHugePages(files));
    }

    private static Check free(HostFiles files) {
        long total = files.meminfoBytes("MemTotal");
        long available = files.meminfoBytes("MemAvailable");
        if (available < 0) {
            return Check.warning("memory", "/proc/meminfo can't be read", "sudo mount -t proc proc /proc");
        }
        String found = size(available) + " of " + size(total) + " available";
        long limit = files.number(CGROUP_LIMIT);
        long used = files.number(CGROUP_USED);
        if (limit >= 0 && used >= 0 && limit - used < available) {
            available = Math.max(0, limit - used);
            found = size(available) + " left of this control group's limit of " + size(limit);
        }
        if (available >= MemoryConfig.DEFAULT.sizeBytes() + OVERHEAD_BYTES) {
            return Check.ok("memory", found);
        }
        return Check.warning(
                "memory",
                found + "; a guest of " + size(MemoryConfig.DEFAULT.sizeBytes()) + ", the default, takes that and some "
                        + size(OVERHEAD_BYTES) + " more",
                "javisor run --memory 128M");
    }

    private static Check overcommit(HostFiles files) {
        // Documentation/mm/overcommit-accounting.rst
        long mode = files.number("proc/sys/vm/overcommit_memory");
        return switch ((int) mode) {
            case 0 -> Check.ok("overcommit", "heuristic (vm.overcommit_memory=0)");
            case 1 -> Check.ok("overcommit", "always (vm.overcommit_memory=1)");
            case 2 -> {
                long left = files.meminfoBytes("CommitLimit") - files.meminfoBytes("Committed_AS");
                yield Check.warning(
                        "overcommit",
                        "never (vm.overcommit_memory=2): a guest counts with its whole memory, used or not, and "
                                + size(Math.max(0, left)) + " can still be promised",
                        "sudo sysctl vm.overcommit_memory=0");
            }
            default -> Check.ok("overcommit", "the kernel doesn't say");
        };
    }

    private static Check hugePages(HostFiles files) {
        long reserved = files.number(HUGE_PAGES + "nr_hugepages");
        long free = files.number(HUGE_PAGES + "free_hugepages");
        if (reserved < 0 || free < 0) {
            return Check.ok("huge-pages", "this kernel has none of 2 MiB; only --memory-backing hugetlb needs them");
        }
        return Check.ok(
                "huge-pages",
                reserved == 0
                        ? "none reserved; only --memory-backing hugetlb needs them, 256 for 512 MiB: sudo sysctl"
                                + " vm.nr_hugepages=256"
                        : free + " of " + reserved + " of 2 MiB free, enough for a guest of " + size(free * 2 * MIB));
    }

    private static Check transparentHugePages(HostFiles files) {
        String mode = files.choice(THP);
        return switch (mode) {
            case "" -> Check.ok("transparent-huge-pages", "this kernel has none");
            case "never" ->
                Check.warning(
                        "transparent-huge-pages",
                        "never: guest memory is in small pages, which costs guests speed",
                        "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
            default -> Check.ok("transparent-huge-pages", mode);
        };
    }

    /** For people: three digits or so. */
    static String size(long bytes) {
        if (bytes < 0) {
            return "unknown";
        }
        return bytes < 10L << 30
                ? bytes / MIB + " MiB"
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
