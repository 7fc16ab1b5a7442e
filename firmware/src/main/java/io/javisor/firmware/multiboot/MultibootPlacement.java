package io.javisor.firmware.multiboot;

import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.layout.E820Map;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds places for the information and the modules, off the kernel and the boot data, as GRUB and QEMU have them and kernels expect: the information below
 * 1 MiB, the modules low, on pages, above the kernel's end, where a kernel that maps some MiB to begin with sees them.
 */
public final class MultibootPlacement {
    private static final long PAGE_SIZE = 0x1000;
    private static final long MIB = 1 << 20;

    /** As GRUB: below it kernels have their own plans, such as code that starts processors. */
    private static final long INFO_FLOOR_GPA = 0x1_0000;

    private final E820Map e820;
    private final long ceilingGpa;
    private final List<GpaRange> taken;

    private MultibootPlacement(E820Map e820, long ceilingGpa, List<GpaRange> taken) {
        this.e820 = e820;
        this.ceilingGpa = ceilingGpa;
        this.taken = new ArrayList<>(taken);
    }

    /**
     * Places all.
     *
     * @param image off which everything is kept
     * @param taken so are these
     * @param ceilingGpa all ends at or below it; at most 4 GiB
     * @throws ImageException if there is no room
     */
    public static MultibootInfo place(
            MultibootImage image,
            List<GpaRange> taken,
            String commandLine,
            List<MultibootModule> modules,
            E820Map e820,
            long ceilingGpa) {
        MultibootPlacement placement = new MultibootPlacement(e820, ceilingGpa, taken);
        long kernelEnd = MIB;
        for (MultibootImage.Part part : image.parts()) {
            placement.taken.add(part.memory());
            if (part.memory().endGpa() <= ceilingGpa) {
                kernelEnd = Math.max(kernelEnd, part.memory().endGpa());
            }
        }
        ByteSource kernel = image.header().file();
        GpaRange info = placement.take(
                kernel,
                "the Multiboot information",
                MultibootInfo.sizeBytes(commandLine, modules, e820),
                INFO_FLOOR_GPA);
        List<MultibootInfo.Placed> placed = new ArrayList<>();
        for (MultibootModule module : modules) {
            long sizeBytes = module.file().sizeBytes();
            placed.add(new MultibootInfo.Placed(
                    module, placement.take(module.file(), "the module", sizeBytes, kernelEnd, MIB)));
        }
        return new MultibootInfo(info, commandLine, placed, e820);
    }

    /** The lowest place at or above the first floor; if there is none, at or above the next. */
    private GpaRange take(ByteSource file, String what, long sizeBytes, long... floorGpas) {
        long largest = 0;
        for (long floor : floorGpas) {
            for (GpaRange free : free(floor)) {
                long start = (free.startGpa() + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
                if (sizeBytes <= free.endGpa() - start) {
                    GpaRange range = new GpaRange(start, sizeBytes);
                    taken.add(range);
                    return range;
                }
                largest = Math.max(largest, free.endGpa() - start);
            }
        }
        throw file.problem(
                "%s has %d KiB, but the guest's memory has only %d KiB in one piece beside the kernel below 0x%x"
                        .formatted(what, Math.ceilDiv(sizeBytes, 1024L), largest / 1024, ceilingGpa));
    }

    private List<GpaRange> free(long floorGpa) {
        List<GpaRange> holes = new ArrayList<>(taken);
        holes.add(GpaRange.between(0, floorGpa));
        holes.add(GpaRange.between(ceilingGpa, Long.MAX_VALUE));
        return GpaRange.subtract(e820.ram(), holes);
    }
}
