package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.machine.SoakGuest.Counts;
import io.javisor.testkit.LogCapture;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three virtual CPUs, of which two storm at random on registers, queues and resets, for as long as {@code javisor.load.seconds} says: the third's
 * console and disk go on all the time, its data is right, and the host's memory stays as it is. How long its echo takes is told beside that of
 * the same guest with two CPUs that are merely busy. {@code javisor.soak.seed} is that of the storms.
 *
 * <p>What it finds was tried with faults that were put in. One lease in a thousand that is not returned is found, as the machine's memory is kept at its end. What each
 * request of the random device (about a thousand a second) leaves with the C library is not, in a minute, where it is 64 bytes or a KiB: the process grew by 17 and
 * 29 MB then, by itself by up to 19; a longer run is for that. Nor is a device that may do without end in a turn of its loop ({@code DeviceTurn}): the echo took 221 ms at p99 and
 * 494 ms at most, but also 147 ms and 231 ms without the fault, and 535 ms at most beside CPUs that are merely busy, so no bound tells them apart. {@code DeviceTurnTest} finds
 * that one.
 */
class HostileNeighboursTest {
    private static final int SECONDS = Integer.getInteger("javisor.load.seconds", 60);
    private static final int SEED = Integer.getInteger("javisor.soak.seed", 20261130);

    /** Between two echoes: two processors may have three busy threads and the event loop. */
    private static final long PACE_MILLIS = 25;

    private static final long COUNTS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MORE_HEAP_BYTES = 4 << 20;

    /** In its first minute the JVM grew by 8 to 19 MB of code and buffers of its own; what a guest can take each turn is far more. */
    private static final long MORE_BYTES = 32 << 20;

    private static final int MORE_THREADS = 4;

    @TempDir
    private Path directory = Path.of("");

    /** Times of the echo, in nanoseconds, sorted. */
    private static final class Times {
        private final long[] nanos;

        Times(long[] nanos) {
            this.nanos = nanos;
        }

        private double millis(double part) {
            return nanos[(int) Math.min(nanos.length - 1L, (long) (part * nanos.length))] / 1e6;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "p50 %.2f ms, p99 %.2f ms, max %.2f ms of %d",
                    millis(0.5),
                    millis(0.99),
                    millis(1),
                    nanos.length);
        }
    }

    /** The counts and when each last rose. */
    private static final class Progress {
        private final int[] last = new int[3];
        private final long[] when = new long[3];

        void note(Counts counts, long now) {
            int[] fresh = {counts.requests(), counts.first(), counts.second()};
            for (int i = 0; i < fresh.length; i++) {
                if (fresh[i] != last[i] || when[i] == 0) {
                    last[i] = fresh[i];
                    when[i] = now;
                }
                if (now - when[i] >= SoakGuest.STALL_NANOS) {
                    throw new AssertionError(
                            (i == 0 ? "the disk" : "neighbour " + i) + " has stood still for 5 s: " + counts);
                }
            }
            assertEquals(0, counts.errors(), counts::toString);
        }
    }

    /** A run and what the process had after its first quarter and at the end. */
    private record Run(Times times, Holdings quarter, Holdings end) {}

    /** Not in the emulated host, of whose speed nothing can be said. */
    @MachineTest
    @NotInEmulatedHost
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void theThirdVcpuGoesOn(EngineProvider engine, TestReporter reporter) throws Exception {
        long lines;
        Run hostile;
        String storms;
        try (LogCapture log = LogCapture.of("io.javisor")) {
            try (SoakGuest guest = SoakGuest.start(engine, Files.createDirectory(directory.resolve("h")), true, SEED)) {
                hostile = run(guest, SECONDS);
                storms = storms(guest);
                lines = log.lines().size();
            }
            // A lease that was not returned keeps the guest's memory.
            assertEquals(
                    List.of(),
                    log.lines().stream()
                            .filter(line -> line.contains("in flight"))
                            .toList());
        }
        Run busy;
        try (SoakGuest guest = SoakGuest.start(engine, Files.createDirectory(directory.resolve("b")), false, SEED)) {
            busy = run(guest, Math.max(SECONDS / 4, 10));
        }
        reporter.publishEntry("echo beside two hostile vCPUs", hostile.times + "; " + storms);
        reporter.publishEntry("echo beside two busy vCPUs", busy.times.toString());
        reporter.publishEntry("the host", hostile.quarter + ", " + hostile.end + ", " + lines + " lines logged");
        assertFlat(hostile);
        assertTrue(lines <= SECONDS, () -> lines + " lines logged in " + SECONDS + " s");
    }

    private Run run(SoakGuest guest, int seconds) throws Exception {
        long[] nanos = new long[(int) (seconds * 1000L / PACE_MILLIS) + 1];
        int count = 0;
        Progress progress = new Progress();
        long start = System.nanoTime();
        long nextCounts = start;
        Holdings quarter = null;
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(seconds)) {
            nanos[count] = guest.echo(3 + count % 250);
            count++;
            long now = System.nanoTime();
            if (now - nextCounts >= 0) {
                progress.note(guest.counts(), now);
                nextCounts = now + COUNTS_NANOS;
            }
            if (quarter == null && now - start >= TimeUnit.SECONDS.toNanos(seconds) / 4) {
                quarter = Holdings.now();
            }
            Thread.sleep(PACE_MILLIS);
        }
        Holdings end = Holdings.now();
        Counts last = guest.stop();
        assertEquals(0, last.errors(), last::toString);
        assertTrue(last.requests() > seconds, last::toString);
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return new Run(new Times(sorted), Objects.requireNonNull(quarter), end);
    }

    /** What the storms came to; fails if they were none. */
    private static String storms(SoakGuest guest) {
        StringBuilder text = new StringBuilder();
        for (String id : new String[] {"disk0", "rng0"}) {
            VirtioCounters counters = guest.stormed(id);
            assertTrue(counters.resets() > SECONDS, () -> id + ": " + counters.snapshot());
            assertTrue(counters.faults() > SECONDS, () -> id + ": " + counters.snapshot());
            assertTrue(
                    counters.queue(0).completions() > SECONDS,
                    () -> id + ": " + counters.queue(0).snapshot());
            text.append(text.isEmpty() ? "" : ", ")
                    .append(id)
                    .append(": ")
                    .append(counters.resets())
                    .append(" resets, ")
                    .append(counters.faults())
                    .append(" faults, ")
                    .append(counters.queue(0).completions())
                    .append(" requests");
        }
        return text.toString();
    }

    private static void assertFlat(Run run) {
        String both = run.quarter + ", " + run.end;
        assertEquals(run.quarter.descriptors(), run.end.descriptors(), both);
        assertEquals(run.quarter.direct(), run.end.direct(), both);
        // The JVM's own compilers and collector start and end threads.
        assertTrue(run.end.threads() <= run.quarter.threads() + MORE_THREADS, both);
        assertTrue(run.end.heap() <= run.quarter.heap() + MORE_HEAP_BYTES, both);
        // The guest's 32 MiB are there from the start.
        assertTrue(run.end.resident() <= run.quarter.resident() + MORE_BYTES, both);
    }
}
