package io.javisor.cli.chart;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** When this program was started, on the scale of {@link System#nanoTime}. */
final class ProcessStart {
    /** USER_HZ, which is fixed on x86-64: Linux, include/uapi/asm-generic/param.h. Asking would load native code early. */
    private static final long TICKS_PER_SECOND = 100;

    /** proc(5): {@code starttime}, the 22nd of {@code /proc/PID/stat}, counted behind the command's name, which is the second. */
    private static final int START_TIME_INDEX = 19;

    private ProcessStart() {}

    /**
     * When the process began that the user started: the launcher, which on a terminal is the parent and otherwise has become this process.
     * The kernel tells it in ticks of 10 ms.
     *
     * @param fallbackNanos where the kernel does not tell
     */
    static long launcherNanos(long fallbackNanos) {
        String launcher = System.getenv("JAVISOR_LAUNCHER");
        try {
            String stat = Files.readString(Path.of("/proc", launcher == null ? "self" : launcher, "stat"));
            String uptime = Files.readString(Path.of("/proc/uptime"));
            long now = System.nanoTime();
            long age = nanosOf(uptime.substring(0, uptime.indexOf(' '))) - startNanosAfterBoot(stat);
            return now - Math.max(0, age);
        } catch (IOException | RuntimeException e) {
            return fallbackNanos;
        }
    }

    static long startNanosAfterBoot(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[START_TIME_INDEX]) * (TimeUnit.SECONDS.toNanos(1) / TICKS_PER_SECOND);
    }

    private static long nanosOf(String seconds) {
        return Math.round(Double.parseDouble(seconds) * 1e9);
    }

    /** When the JVM began, to 1 ms. Loads many classes: not for the time that is measured. */
    static long jvmNanos() {
        return System.nanoTime()
                - TimeUnit.MILLISECONDS.toNanos(
                        ManagementFactory.getRuntimeMXBean().getUptime());
    }
}
