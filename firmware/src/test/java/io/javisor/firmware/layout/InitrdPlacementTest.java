package io.javisor.firmware.layout;

import static io.javisor.firmware.testing.TestMachine.LAYOUT;
import static io.javisor.firmware.testing.TestMachine.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InitrdPlacementTest {
    private static final GpaRange KERNEL = GpaRange.between(MIB, 3 * MIB);

    /** No initrd of that size need exist: only its size is asked for. */
    @SuppressWarnings("restricted")
    private static ImageFile initrd(long sizeBytes) {
        return new ImageFile("initrd.cpio", MemorySegment.NULL.reinterpret(sizeBytes));
    }

    static Stream<Arguments> places() {
        long gib = 1L << 30;
        E820Map small = TestMachine.e820(16 * MIB);
        E820Map large = TestMachine.e820(List.of(GpaRange.between(0, 3 * gib), GpaRange.between(4 * gib, 8 * gib)));
        List<GpaRange> kernel = List.of(KERNEL);
        return Stream.of(
                arguments("the end of RAM", small, kernel, MIB, 15 * MIB),
                arguments("page-aligned", small, kernel, 1L, 16 * MIB - 0x1000),
                arguments("page-aligned", small, kernel, 0x1001L, 16 * MIB - 0x2000),
                arguments("exactly all that is left", small, kernel, 13 * MIB, 3 * MIB),
                arguments("below the ceiling", large, kernel, MIB, 0x8000_0000L - MIB),
                arguments("below the ceiling, large", large, kernel, gib, 0x8000_0000L - gib),
                arguments(
                        "under a kernel that sits high",
                        small,
                        List.of(GpaRange.between(14 * MIB, 16 * MIB)),
                        4 * MIB,
                        10 * MIB),
                arguments(
                        "between the kernel's segments",
                        small,
                        List.of(KERNEL, GpaRange.between(14 * MIB, 15 * MIB)),
                        2 * MIB,
                        12 * MIB),
                arguments(
                        "above a kernel that ends within a page",
                        small,
                        List.of(GpaRange.between(MIB, 15 * MIB - 1)),
                        MIB,
                        15 * MIB),
                arguments("at an odd end of RAM", TestMachine.e820(16 * MIB - 1), kernel, 0x1000L, 16 * MIB - 0x2000));
    }

    @ParameterizedTest(name = "{0}: {3}")
    @MethodSource("places")
    void placesAsHighAsItCan(String name, E820Map e820, List<GpaRange> kernel, long sizeBytes, long expectedGpa) {
        assertEquals(
                new GpaRange(expectedGpa, sizeBytes),
                InitrdPlacement.place(initrd(sizeBytes), LAYOUT, e820, kernel),
                name);
    }

    @Test
    void refusesWithTheSizes() {
        ImageException e = assertThrows(
                ImageException.class,
                () -> InitrdPlacement.place(initrd(13 * MIB + 1), LAYOUT, TestMachine.e820(16 * MIB), List.of(KERNEL)));
        assertEquals(
                "initrd.cpio: the initrd has 13313 KiB, but the guest's memory has only 13312 KiB in one piece beside"
                        + " the kernel below 0x80000000",
                e.getMessage());
    }

    @Test
    void neverGoesBelowTheFloor() {
        ImageException e = assertThrows(
                ImageException.class,
                () -> InitrdPlacement.place(
                        initrd(0x1000), LAYOUT, TestMachine.e820(MIB), List.of(GpaRange.between(0x1_0000, 0x1_1000))));
        assertEquals(
                "initrd.cpio: the initrd has 4 KiB, but the guest's memory has only 0 KiB in one piece beside the"
                        + " kernel below 0x80000000",
                e.getMessage());
    }

    @Test
    void refusesEmpty() {
        ImageException e = assertThrows(
                ImageException.class,
                () -> InitrdPlacement.place(initrd(0), LAYOUT, TestMachine.e820(16 * MIB), List.of(KERNEL)));
        assertEquals("initrd.cpio: the initrd is empty", e.getMessage());
    }
}
