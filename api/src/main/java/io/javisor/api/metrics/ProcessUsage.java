package io.javisor.api.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What this process takes of the host.
 *
 * @param cpu user and system time of all its threads
 * @param residentBytes memory, 0 if the host does not tell
 */
public record ProcessUsage(Duration cpu, long residentBytes) {
    private static final Path STATM = Path.of("/proc/self/statm");
    private static final int PAGE_SIZE = 4096; // x86-64

    /** At this moment. */
    public static ProcessUsage now() {
        return new ProcessUsage(
                ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO), readResident());
    }

    private static long readResident() {
        try {
            // proc_pid_statm(5): size, resident, ... in pages
            String[] words = Files.readString(STATM, StandardCharsets.US_ASCII).split(" ", 3);
            return Long.parseLong(words[1]) * PAGE_SIZE;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
