package io.javisor.benchmarks;

import java.util.Arrays;

/** How long the slowest exits take, while other threads make garbage and the compilers work; and what the exit path allocates. */
final class ExitTail {
    private static final String KIND = "out1";
    private static final int GARBAGE_SIZE = 64 << 10;

    private final Samples samples;
    private final Baseline baseline;
    private volatile boolean stop;

    ExitTail(Samples samples, Baseline baseline) {
        this.samples = samples;
        this.baseline = baseline;
    }

    /** From the first exit of a fresh JVM on, so that the compilers' work is in it. */
    void measure(int rounds, int exits) {
        for (int round = 0; round < rounds; round++) {
            record("javisor, garbage made", loaded(exits));
            record("javisor", quiet(exits));
            double[] c = baseline.ask("tail " + KIND + " " + exits);
            add("c", c);
        }
        samples.add("exit-allocation", "bytes", allocatedBytes(exits));
    }

    private long[] loaded(int exits) {
        stop = false;
        Thread maker = Thread.ofPlatform().name("bench/garbage").daemon().start(this::makeGarbage);
        try {
            return quiet(exits);
        } finally {
            stop = true;
            join(maker);
        }
    }

    private static long[] quiet(int exits) {
        long[] stamps = new long[exits + 1];
        try (AccessGuest guest = new AccessGuest(KIND, stamps)) {
            guest.run(exits + 1);
        }
        long[] nanos = new long[exits];
        for (int i = 0; i < exits; i++) {
            nanos[i] = stamps[i + 1] - stamps[i];
        }
        return nanos;
    }

    private void makeGarbage() {
        byte[][] ring = new byte[16][];
        for (int i = 0; !stop; i++) {
            ring[i & 15] = new byte[GARBAGE_SIZE];
        }
    }

    private void record(String series, long[] nanos) {
        Arrays.sort(nanos);
        int n = nanos.length;
        add(series, new double[] {nanos[n / 2], nanos[n * 99 / 100], nanos[(int) (n * 999L / 1000)], nanos[n - 1]});
    }

    private void add(String series, double[] percentiles) {
        samples.add("exit-tail/p50", series, percentiles[0]);
        samples.add("exit-tail/p99", series, percentiles[1]);
        samples.add("exit-tail/p99.9", series, percentiles[2]);
        samples.add("exit-tail/max", series, percentiles[3]);
    }

    private static double allocatedBytes(int exits) {
        try (AccessGuest guest = new AccessGuest(KIND)) {
            guest.run(exits); // the compilers' turn
            return (double) guest.allocatedBy(exits) / exits;
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
