package io.javisor.firmware.bzimage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.elf.ElfImage;
import io.javisor.firmware.testing.Images;
import io.javisor.images.ImageException;
import io.javisor.testkit.image.ElfBuilder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KaslrOffsetsTest {
    private static final long MIB = 1 << 20;

    /** From 16 MiB to 21 MiB, with a hole. */
    private static ElfImage kernel() {
        return ElfImage.read(Images.file(ElfBuilder.elf64()
                .entry(16 * MIB + 4)
                .load(16 * MIB, ElfBuilder.pattern(0x100, 1), MIB)
                .load(18 * MIB, ElfBuilder.pattern(0x100, 2), 3 * MIB)
                .pvhNote(16 * MIB)));
    }

    private static GpaRange mib(long start, long end) {
        return GpaRange.between(start * MIB, end * MIB);
    }

    @Test
    void everySlotIsChosenAndNoOther() {
        // At 0, 2 and 4 MiB up; then at 16 and 18 (24 MiB is too late).
        List<GpaRange> free = List.of(mib(1, 25), mib(31, 40));
        Set<Long> physical = new HashSet<>();
        Set<Long> virtual = new HashSet<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            KaslrOffsets offsets = KaslrOffsets.choose(random, kernel(), 0x20_0000, free);
            physical.add(offsets.physicalBytes() / MIB);
            virtual.add(offsets.virtualBytes() / MIB);
        }
        assertEquals(Set.of(0L, 2L, 4L, 16L, 18L), physical);
        // The kernel ends at 21 MiB of the 1024 MiB that it can map.
        assertEquals(502, virtual.size());
        assertTrue(virtual.stream().allMatch(offset -> offset % 2 == 0 && offset <= 1002));
    }

    @Test
    void aLargerAlignmentIsKept() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100; i++) {
            KaslrOffsets offsets = KaslrOffsets.choose(random, kernel(), 16 * MIB, List.of(mib(1, 200)));
            assertEquals(0, offsets.physicalBytes() % (16 * MIB));
            assertEquals(0, offsets.virtualBytes() % (16 * MIB));
        }
    }

    @Test
    void staysBelow4GiB() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100; i++) {
            KaslrOffsets offsets = KaslrOffsets.choose(random, kernel(), 0x20_0000, List.of(mib(4086, 9000)));
            assertTrue(offsets.physicalBytes() >= 4070 * MIB, () -> "" + offsets);
            assertTrue(offsets.physicalBytes() + 21 * MIB <= 4096 * MIB, () -> "" + offsets);
        }
    }

    @Test
    void movesSegmentsAndEntryAndDropsPvh() {
        ElfImage moved = new KaslrOffsets(32 * MIB, 0).moved(kernel());
        assertEquals(48 * MIB + 4, moved.entry());
        assertEquals(mib(48, 49), moved.segments().get(0).memory());
        assertEquals(mib(50, 53), moved.segments().get(1).memory());
        assertTrue(moved.pvhEntryGpa().isEmpty());
        assertTrue(kernel().pvhEntryGpa().isPresent());
    }

    @Test
    void refusesWhatFitsNowhere() {
        ImageException e = assertThrows(
                ImageException.class,
                () -> KaslrOffsets.choose(new SplittableRandom(1), kernel(), 0x20_0000, List.of(mib(1, 20))));
        assertEquals(
                Images.VMLINUX + ": --kaslr: no 5120 KiB of the guest's memory at or above 0x1000000 are free for the"
                        + " kernel",
                e.getMessage());
    }
}
