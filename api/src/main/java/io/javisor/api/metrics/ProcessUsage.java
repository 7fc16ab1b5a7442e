package io.javisor.api.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * What a process takes of the host; zeros for what the host does not tell, as of a process that has gone.
 *
 * @param cpu user and system time of all its threads
 * @param residentBytes memory
 * @param age since it began
 */
public record ProcessUsage(Duration cpu, long residentBytes, Duration age) {
    private static final int PAGE_SIZE = 4096; // x86-64

    /** Of this process, at this moment. */
    public static ProcessUsage now() {
        return of(ProcessHandle.current().pid());
    }

    /** Of a process, at this moment. */
    public static ProcessUsage of(long pid) {
        return ProcessHandle.of(pid)
                .map(ProcessHandle::info)
                .map(info -> new ProcessUsage(
                        info.totalCpuDuration().orElse(Duration.ZERO),
                        readResident(pid),
                        info.startInstant()
                                .map(start -> Duration.between(start, Instant.now()))
                                .orElse(Duration.ZERO)))
                .orElse(new ProcessUsage(Duration.ZERO, 0, Duration.ZERO));
    }

    private static long readResident(long pid) {
        try {
            // proc_pid_statm(5): size, resident, ... in pages
            String[] words = Files.readString(Path.of("/proc/" + pid + "/statm"), StandardCharsets.US_ASCII)
                    .split(" ", 3);
            return Long.parseLong(words[1]) * PAGE_SIZE;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
