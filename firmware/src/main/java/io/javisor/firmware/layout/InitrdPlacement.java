package io.javisor.firmware.layout;

import io.javisor.core.memory.GpaRange;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the initrd's place: page-aligned, as high as it can be (boot.rst, "The Linux/x86 Boot Protocol": out of the kernel's way, which
 * grows upwards while it decompresses and allocates), in RAM, between the layout's floor and ceiling, off the kernel and the boot data.
 */
public final class InitrdPlacement {
    private static final long PAGE_SIZE = 0x1000;

    private InitrdPlacement() {}

    /**
     * The place for {@code initrd}.
     *
     * @param kernel what the kernel occupies
     * @throws ImageException if it is empty, or there is no room for it
     */
    public static GpaRange place(ByteSource initrd, BootLayout layout, E820Map e820, List<GpaRange> kernel) {
        return place(initrd, layout, e820, kernel, Long.MAX_VALUE);
    }

    /**
     * As {@link #place(ByteSource, BootLayout, E820Map, List)}, for a kernel that has a limit of its own.
     *
     * @param kernelCeilingGpa the initrd ends at or below it
     * @throws ImageException if it is empty, or there is no room for it
     */
    public static GpaRange place(
            ByteSource initrd, BootLayout layout, E820Map e820, List<GpaRange> kernel, long kernelCeilingGpa) {
        long ceilingGpa = Math.min(layout.initrdCeilingGpa(), kernelCeilingGpa);
        long sizeBytes = initrd.sizeBytes();
        if (sizeBytes == 0) {
            throw initrd.problem("the initrd is empty");
        }
        long largest = 0;
        for (GpaRange free : free(layout, e820, kernel, ceilingGpa).reversed()) {
            if (sizeBytes <= usable(free)) { // which bounds it, before it is calculated with
                return new GpaRange(free.endGpa() / PAGE_SIZE * PAGE_SIZE - alignUp(sizeBytes), sizeBytes);
            }
            largest = Math.max(largest, usable(free));
        }
        throw initrd.problem(
                "the initrd has %d KiB, but the guest's memory has only %d KiB in one piece beside the kernel below 0x%x"
                        .formatted(Math.ceilDiv(sizeBytes, 1024L), largest / 1024, ceilingGpa));
    }

    private static List<GpaRange> free(BootLayout layout, E820Map e820, List<GpaRange> kernel, long ceilingGpa) {
        List<GpaRange> holes = new ArrayList<>(kernel);
        layout.taken().forEach(taken -> holes.add(taken.range()));
        holes.add(GpaRange.between(0, layout.initrdFloorGpa()));
        holes.add(GpaRange.between(ceilingGpa, Long.MAX_VALUE));
        return GpaRange.subtract(e820.ram(), holes);
    }

    private static long usable(GpaRange free) {
        return Math.max(0, free.endGpa() / PAGE_SIZE * PAGE_SIZE - alignUp(free.startGpa()));
    }

    /** Of what fits the guest's memory: no overflow. */
    private static long alignUp(long value) {
        return (value + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    }
}
