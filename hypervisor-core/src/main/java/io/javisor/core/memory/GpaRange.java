package io.javisor.core.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * A range of guest-physical addresses, not empty.
 *
 * @param startGpa the first address, not negative
 * @param sizeBytes at least 1; {@code startGpa + sizeBytes} does not overflow
 */
public record GpaRange(long startGpa, long sizeBytes) {
    public GpaRange {
        if (startGpa < 0 || sizeBytes <= 0 || sizeBytes > Long.MAX_VALUE - startGpa) {
            throw new IllegalArgumentException(
                    "no range of guest-physical addresses: 0x%x, 0x%x bytes".formatted(startGpa, sizeBytes));
        }
    }

    /** From {@code startGpa} up to, and without, {@code endGpa}. */
    public static GpaRange between(long startGpa, long endGpa) {
        return new GpaRange(startGpa, endGpa - startGpa);
    }

    /** The address after the last byte. */
    public long endGpa() {
        return startGpa + sizeBytes;
    }

    /** The address of the last byte. */
    public long lastGpa() {
        return startGpa + sizeBytes - 1;
    }

    public boolean contains(long gpa) {
        return gpa >= startGpa && gpa < endGpa();
    }

    public boolean contains(GpaRange other) {
        return other.startGpa >= startGpa && other.endGpa() <= endGpa();
    }

    public boolean overlaps(GpaRange other) {
        return startGpa < other.endGpa() && other.startGpa < endGpa();
    }

    /** What is left of {@code ranges} without {@code holes}; both in any order, the ranges disjoint; the answer ascends. */
    public static List<GpaRange> subtract(List<GpaRange> ranges, List<GpaRange> holes) {
        List<GpaRange> sortedHoles = ascending(holes);
        List<GpaRange> left = new ArrayList<>();
        for (GpaRange range : ascending(ranges)) {
            long at = range.startGpa;
            for (GpaRange hole : sortedHoles) {
                if (!hole.overlaps(range)) {
                    continue;
                }
                if (hole.startGpa > at) {
                    left.add(between(at, hole.startGpa));
                }
                at = Math.max(at, hole.endGpa());
            }
            if (at < range.endGpa()) {
                left.add(between(at, range.endGpa()));
            }
        }
        return left;
    }

    private static List<GpaRange> ascending(List<GpaRange> ranges) {
        return ranges.stream()
                .sorted((a, b) -> Long.compare(a.startGpa, b.startGpa))
                .toList();
    }

    /** First and last address, as the kernel's log writes ranges. */
    @Override
    public String toString() {
        return "0x%x-0x%x".formatted(startGpa, lastGpa());
    }
}
