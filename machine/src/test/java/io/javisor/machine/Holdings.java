package io.javisor.machine;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the process has after its garbage was collected.
 *
 * @param descriptors open ones
 * @param threads the JVM's own included
 * @param mappings of memory
 * @param codeMappings those of emitted code
 * @param heap bytes of objects
 * @param direct bytes of direct buffers
 * @param resident bytes of memory, guests' included
 */
record Holdings(
        long descriptors, long threads, long mappings, long codeMappings, long heap, long direct, long resident) {
    static Holdings now() throws IOException, InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        Runtime runtime = Runtime.getRuntime();
        var maps = Files.readAllLines(Path.of("/proc/self/maps"));
        return new Holdings(
                entries("/proc/self/fd"),
                entries("/proc/self/task"),
                maps.size(),
                maps.stream().filter(line -> line.contains("javisor-code")).count(),
                runtime.totalMemory() - runtime.freeMemory(),
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum(),
                residentBytes());
    }

    private static long entries(String directory) throws IOException {
        try (var files = Files.list(Path.of(directory))) {
            return files.count();
        }
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .sum();
    }
}
