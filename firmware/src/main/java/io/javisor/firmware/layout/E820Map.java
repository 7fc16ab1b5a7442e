package io.javisor.firmware.layout;

import io.javisor.core.memory.GpaRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory map as the guest is told it: ascending, disjoint, with addresses that no entry names left to devices and holes. The same map
 * goes into the zero page (e820) and into PVH's start_info.
 */
public record E820Map(List<E820Entry> entries) {
    public E820Map {
        entries = List.copyOf(entries);
        for (int i = 1; i < entries.size(); i++) {
            GpaRange before = entries.get(i - 1).range();
            GpaRange range = entries.get(i).range();
            if (range.startGpa() < before.endGpa()) {
                throw new IllegalArgumentException("memory map not ascending: " + before + " before " + range);
            }
        }
    }

    /**
     * RAM less what is taken out of it.
     *
     * @param ram the ranges that host memory backs, in any order, disjoint
     * @param taken what must not be reported as RAM, in any order, disjoint; it may lie in RAM, across its ends or outside
     */
    public static E820Map of(List<GpaRange> ram, List<E820Entry> taken) {
        List<E820Entry> entries = new ArrayList<>(taken);
        List<GpaRange> holes = taken.stream().map(E820Entry::range).toList();
        for (GpaRange range : GpaRange.subtract(ram, holes)) {
            entries.add(new E820Entry(range, E820Type.RAM));
        }
        entries.sort((a, b) -> Long.compare(a.range().startGpa(), b.range().startGpa()));
        return new E820Map(entries);
    }

    /** The ranges that the guest may use as RAM, ascending. */
    public List<GpaRange> ram() {
        return entries.stream()
                .filter(entry -> entry.type() == E820Type.RAM)
                .map(E820Entry::range)
                .toList();
    }

    /** The sum of all RAM, in bytes. */
    public long ramSizeBytes() {
        return ram().stream().mapToLong(GpaRange::sizeBytes).sum();
    }

    /** Whether every address of {@code range} is RAM; it may cross adjoining entries. */
    public boolean isRam(GpaRange range) {
        long at = range.startGpa();
        for (GpaRange entry : ram()) {
            if (entry.contains(at)) {
                at = entry.endGpa();
            }
        }
        return at >= range.endGpa();
    }
}
