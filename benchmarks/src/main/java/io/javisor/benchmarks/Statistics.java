package io.javisor.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Medians, percentiles, and confidence intervals by the bootstrap, which assumes nothing of the distribution. */
final class Statistics {
    private static final int RESAMPLES = 4000;
    private static final long SEED = 20_26;

    /** An estimate with the bounds between which it lies with 95 % confidence. */
    record Interval(double value, double low, double high) {}

    private Statistics() {}

    static double median(double[] values) {
        return percentile(values, 0.5);
    }

    /** The value below which a {@code fraction} of all values lie, interpolated. */
    static double percentile(double[] values, double fraction) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double at = fraction * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The median, with its interval. */
    static Interval medianOf(double[] values) {
        return percentileOf(values, 0.5);
    }

    /** As {@link #percentile}, with its interval. */
    static Interval percentileOf(double[] values, double fraction) {
        return bootstrap(
                values.length, picks -> percentile(pick(values, picks), fraction), percentile(values, fraction));
    }

    /** The ratio of the medians of two series measured in pairs. Pairs are drawn together: what slowed both down cancels out. */
    static Interval ratio(double[] ours, double[] theirs) {
        int pairs = Math.min(ours.length, theirs.length);
        double[] a = Arrays.copyOf(ours, pairs);
        double[] b = Arrays.copyOf(theirs, pairs);
        return bootstrap(pairs, picks -> median(pick(a, picks)) / median(pick(b, picks)), median(a) / median(b));
    }

    /** The median of the differences within each pair. */
    static Interval difference(double[] ours, double[] theirs) {
        double[] differences = new double[Math.min(ours.length, theirs.length)];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = ours[i] - theirs[i];
        }
        return medianOf(differences);
    }

    @FunctionalInterface
    private interface Estimate {
        double of(int[] picks);
    }

    private static Interval bootstrap(int count, Estimate estimate, double value) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] estimates = new double[RESAMPLES];
        int[] picks = new int[count];
        for (int i = 0; i < RESAMPLES; i++) {
            for (int j = 0; j < count; j++) {
                picks[j] = random.nextInt(count);
            }
            estimates[i] = estimate.of(picks);
        }
        return new Interval(value, percentile(estimates, 0.025), percentile(estimates, 0.975));
    }

    private static double[] pick(double[] values, int[] picks) {
        double[] picked = new double[picks.length];
        for (int i = 0; i < picks.length; i++) {
            picked[i] = values[picks[i]];
        }
        return picked;
    }
}
