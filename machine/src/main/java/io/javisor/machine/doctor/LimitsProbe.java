package io.javisor.machine.doctor;

import java.util.List;
import java.util.Locale;

/** What the kernel allows this process. */
final class LimitsProbe {
    /** Each vCPU, disk and interrupt has some; a machine with many of each stays below. */
    static final long NEEDED_OPEN_FILES = 1024;

    private LimitsProbe() {}

    static List<Check> check(HostFiles files) {
        return List.of(openFiles(files), ioUring(files));
    }

    /** The hard limit, to which the JVM raises its own. */
    private static Check openFiles(HostFiles files) {
        for (String line : files.text("proc/self/limits").lines().toList()) {
            if (line.startsWith("Max open files")) {
                String[] fields = line.strip().split("\\s+", -1);
                return openFiles(fields.length > 4 ? fields[4].toLowerCase(Locale.ROOT) : "");
            }
        }
        return openFiles("");
    }

    private static Check openFiles(String hardLimit) {
        if (hardLimit.equals("unlimited")) {
            return Check.ok("open-files", "any number");
        }
        long limit;
        try {
            limit = Long.parseLong(hardLimit);
        } catch (NumberFormatException e) {
            return Check.warning("open-files", "the limit is unknown", "ulimit -Hn   # should be 1024 or more");
        }
        return limit >= NEEDED_OPEN_FILES
                ? Check.ok("open-files", "at most " + limit)
                : Check.warning(
                        "open-files",
                        "at most " + limit + ": too few for a machine with many CPUs or devices",
                        "sudo prlimit --nofile=65536 --pid $$   # for this shell and what it starts");
    }

    /** Said for completeness: nothing of javisor's uses it yet. */
    private static Check ioUring(HostFiles files) {
        // Documentation/admin-guide/sysctl/kernel.rst, since Linux 6.6
        long disabled = files.number("proc/sys/kernel/io_uring_disabled");
        String found =
                switch ((int) disabled) {
                    case 0 -> "allowed";
                    case 1 -> "for privileged processes only (kernel.io_uring_disabled=1)";
                    case 2 -> "disabled (kernel.io_uring_disabled=2)";
                    default -> "the kernel doesn't say";
                };
        return Check.ok("io-uring", found + "; not needed");
    }
}
