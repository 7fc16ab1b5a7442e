package io.javisor.firmware.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.testing.TestMachine;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BootLayoutTest {
    private static final GpaRange STACK = GpaRange.between(0x8000, 0x8FF0);
    private static final GpaRange TABLES = GpaRange.between(0x9000, 0xF000);
    private static final GpaRange COMMAND_LINE = new GpaRange(0x2_0000, 0x800);
    private static final long FLOOR = 0x10_0000;

    private static BootLayout layout(
            long zeroPageGpa,
            GpaRange stack,
            GpaRange tables,
            GpaRange commandLine,
            long mpGpa,
            long floor,
            long ceiling) {
        return new BootLayout(
                0x500,
                new GpaRange(0x6000, 0x1000),
                zeroPageGpa,
                stack,
                tables,
                commandLine,
                new SystemTables.Mp(mpGpa, GpaRange.between(0xF_0000, 0xF_2000)),
                floor,
                ceiling);
    }

    interface Maker {
        BootLayout make();
    }

    static Stream<Arguments> broken() {
        long mp = 0x9_FC00;
        long top = 1L << 32;
        return Stream.of(
                arguments("the zero page is page-aligned", (Maker)
                        () -> layout(0x7010, STACK, TABLES, COMMAND_LINE, mp, FLOOR, top)),
                arguments("the stack pointer is 16-byte aligned", (Maker)
                        () -> layout(0x7000, GpaRange.between(0x8000, 0x8FF8), TABLES, COMMAND_LINE, mp, FLOOR, top)),
                arguments("the page tables are page-aligned", (Maker)
                        () -> layout(0x7000, STACK, GpaRange.between(0x9100, 0xF100), COMMAND_LINE, mp, FLOOR, top)),
                arguments("the page tables take six pages", (Maker)
                        () -> layout(0x7000, STACK, GpaRange.between(0x9000, 0xE000), COMMAND_LINE, mp, FLOOR, top)),
                arguments("the MP floating pointer is 16-byte aligned", (Maker)
                        () -> layout(0x7000, STACK, TABLES, COMMAND_LINE, mp + 8, FLOOR, top)),
                arguments("the MP table and the MP floating pointer are disjoint", (Maker)
                        () -> layout(0x7000, STACK, TABLES, COMMAND_LINE, 0xF_0010, FLOOR, top)),
                arguments("the boot stack and the zero page are disjoint", (Maker)
                        () -> layout(0x8000, STACK, TABLES, COMMAND_LINE, mp, FLOOR, top)),
                arguments("the command line is below 4 GiB", (Maker)
                        () -> layout(0x7000, STACK, TABLES, new GpaRange(top - 1, 2), mp, FLOOR, top)),
                arguments("the initrd's floor is page-aligned", (Maker)
                        () -> layout(0x7000, STACK, TABLES, COMMAND_LINE, mp, FLOOR + 1, top)),
                arguments("the initrd's ceiling is no room", (Maker)
                        () -> layout(0x7000, STACK, TABLES, COMMAND_LINE, mp, FLOOR, FLOOR)),
                arguments("the initrd's ceiling is no room", (Maker)
                        () -> layout(0x7000, STACK, TABLES, COMMAND_LINE, mp, FLOOR, top + 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void refusesContradictions(String rule, Maker maker) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, maker::make);
        assertEquals("boot layout: " + rule, e.getMessage());
    }

    @Test
    void namesAllThatIsTakenOnceAndDisjoint() {
        List<BootLayout.Taken> taken = TestMachine.LAYOUT.taken();
        assertEquals(8, taken.size());
        for (BootLayout.Taken one : taken) {
            for (BootLayout.Taken other : taken) {
                assertFalse(
                        !one.what().equals(other.what()) && one.range().overlaps(other.range()), one + " and " + other);
            }
        }
    }
}
