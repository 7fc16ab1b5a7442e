package io.javisor.firmware.layout;

import static io.javisor.firmware.layout.E820Type.ACPI;
import static io.javisor.firmware.layout.E820Type.RAM;
import static io.javisor.firmware.layout.E820Type.RESERVED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.testing.TestMachine;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class E820MapTest {
    private static final long GIB = 1L << 30;

    private static E820Entry entry(long start, long end, E820Type type) {
        return new E820Entry(GpaRange.between(start, end), type);
    }

    private static GpaRange range(long start, long end) {
        return GpaRange.between(start, end);
    }

    @Test
    void smallMachineHasBaseMemoryAndExtendedMemory() {
        assertEquals(
                List.of(
                        entry(0, 0x9_FC00, RAM),
                        entry(0x9_FC00, 0x10_0000, RESERVED),
                        entry(0x10_0000, 128 * TestMachine.MIB, RAM)),
                TestMachine.e820(128 * TestMachine.MIB).entries());
    }

    @Test
    void largeMachineHasRamAbove4GiB() {
        E820Map map = TestMachine.e820(List.of(range(0, 3 * GIB), range(4 * GIB, 9 * GIB)));
        assertEquals(
                List.of(
                        entry(0, 0x9_FC00, RAM),
                        entry(0x9_FC00, 0x10_0000, RESERVED),
                        entry(0x10_0000, 3 * GIB, RAM),
                        entry(4 * GIB, 9 * GIB, RAM)),
                map.entries());
        assertEquals(8 * GIB - 0x6_0400, map.ramSizeBytes());
    }

    static Stream<Arguments> holes() {
        return Stream.of(
                arguments("none", List.of(), List.of(entry(0x1000, 0x9000, RAM))),
                arguments(
                        "at the start",
                        List.of(entry(0x1000, 0x2000, ACPI)),
                        List.of(entry(0x1000, 0x2000, ACPI), entry(0x2000, 0x9000, RAM))),
                arguments(
                        "at the end",
                        List.of(entry(0x8000, 0x9000, ACPI)),
                        List.of(entry(0x1000, 0x8000, RAM), entry(0x8000, 0x9000, ACPI))),
                arguments(
                        "across the start",
                        List.of(entry(0, 0x2000, RESERVED)),
                        List.of(entry(0, 0x2000, RESERVED), entry(0x2000, 0x9000, RAM))),
                arguments(
                        "across the end",
                        List.of(entry(0x8000, 0xA000, RESERVED)),
                        List.of(entry(0x1000, 0x8000, RAM), entry(0x8000, 0xA000, RESERVED))),
                arguments("all of it", List.of(entry(0, 0xA000, RESERVED)), List.of(entry(0, 0xA000, RESERVED))),
                arguments(
                        "outside",
                        List.of(entry(0x1_0000, 0x2_0000, RESERVED)),
                        List.of(entry(0x1000, 0x9000, RAM), entry(0x1_0000, 0x2_0000, RESERVED))),
                arguments(
                        "two, descending and adjoining",
                        List.of(entry(0x4000, 0x5000, ACPI), entry(0x3000, 0x4000, RESERVED)),
                        List.of(
                                entry(0x1000, 0x3000, RAM),
                                entry(0x3000, 0x4000, RESERVED),
                                entry(0x4000, 0x5000, ACPI),
                                entry(0x5000, 0x9000, RAM))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("holes")
    void takesHolesOutOfRam(String name, List<E820Entry> taken, List<E820Entry> expected) {
        assertEquals(expected, E820Map.of(List.of(range(0x1000, 0x9000)), taken).entries(), name);
    }

    @Test
    void refusesOverlaps() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new E820Map(List.of(entry(0, 0x2000, RAM), entry(0x1FFF, 0x3000, RAM))));
        assertThrows(
                IllegalArgumentException.class,
                () -> E820Map.of(List.of(), List.of(entry(0, 0x2000, ACPI), entry(0x1000, 0x3000, RESERVED))));
    }

    @ParameterizedTest
    @CsvSource({
        "0x0,      0x1,      true",
        "0x0,      0x9fc00,  true",
        "0x0,      0x9fc01,  false",
        "0x9fc00,  0x1,      false",
        "0xfffff,  0x2,      false",
        "0x100000, 0x300000, true",
        "0x100000, 0x300001, false",
        "0x3fffff, 0x1,      true",
        "0x400000, 0x1,      false"
    })
    void tellsRam(String start, String size, boolean ram) {
        E820Map map = TestMachine.e820(4 * TestMachine.MIB);
        assertEquals(ram, map.isRam(new GpaRange(Long.decode(start), Long.decode(size))));
    }

    @Test
    void ramMayCrossAdjoiningEntries() {
        E820Map map =
                new E820Map(List.of(entry(0, 0x1000, RAM), entry(0x1000, 0x2000, RAM), entry(0x3000, 0x4000, RAM)));
        assertTrue(map.isRam(range(0x800, 0x2000)));
        assertFalse(map.isRam(range(0x800, 0x3800)));
    }
}
