package io.javisor.benchmarks;

import java.util.Locale;

/**
 * Frames through a virtio card on a tap, sent back by its driver, against a C program that sends them back itself, in turn. Each has a pair of taps on a bridge; both get
 * their load from one generator.
 */
final class NetFrames {
    private static final int WINDOW = 64;
    private static final int[] FRAME_SIZES = {60, 1514};

    private final Samples samples;

    NetFrames(Samples samples) {
        this.samples = samples;
    }

    /** In a namespace with the taps of {@code benchmarks/with-taps}. */
    void measure(int pairs, int frames) {
        try (Baseline forwarder = Baseline.start();
                Baseline generator = Baseline.start();
                NetForwarder card = new NetForwarder("near0")) {
            for (int size : FRAME_SIZES) {
                double _ = nanosOfOne(generator, "far0", 2 * frames, size); // the compilers
                for (int pair = 0; pair < pairs; pair++) {
                    double before = card.cpuNanos();
                    samples.add("net/" + size, Row.OURS, nanosOfOne(generator, "far0", frames, size));
                    samples.add("net/" + size + "/cpu", Row.OURS, (card.cpuNanos() - before) / frames);
                    before = forwarderCpu(forwarder);
                    samples.add("net/" + size, "c", nanosOfOne(generator, "far1", frames, size));
                    samples.add("net/" + size + "/cpu", "c", (forwarderCpu(forwarder) - before) / frames);
                }
            }
        }
    }

    private static double nanosOfOne(Baseline generator, String tap, int frames, int size) {
        return generator.ask(String.format(Locale.ROOT, "load %s %d %d %d", tap, frames, WINDOW, size))[0];
    }

    /** Of its thread so far, which starts with the first question. */
    private static double forwarderCpu(Baseline forwarder) {
        return forwarder.ask("forward near1")[0];
    }
}
