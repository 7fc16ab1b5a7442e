package io.javisor.firmware.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.GsiInput.Polarity;
import io.javisor.core.irq.GsiInput.Trigger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ResourceTemplateTest {
    static Stream<Arguments> templates() {
        return Stream.of(
                Arguments.of("nothing", template(), ""),
                Arguments.of("io", template().io(0x3F8, 8), "47 01 f8 03 f8 03 01 08"),
                Arguments.of("last ports", template().io(0xFFF8, 8), "47 01 f8 ff f8 ff 01 08"),
                Arguments.of("irq", template().irq(GsiInput.isa(4)), "22 10 00"),
                Arguments.of("shared", template().irq(GsiInput.isa(4), true), "23 10 00 11"),
                Arguments.of("irq 15", template().irq(GsiInput.isa(15)), "22 00 80"),
                Arguments.of(
                        "level high", template().irq(input(9, Trigger.LEVEL, Polarity.ACTIVE_HIGH)), "23 00 02 00"),
                Arguments.of("level low", template().irq(input(9, Trigger.LEVEL, Polarity.ACTIVE_LOW)), "23 00 02 08"),
                Arguments.of("edge low", template().irq(input(9, Trigger.EDGE, Polarity.ACTIVE_LOW)), "23 00 02 09"),
                Arguments.of(
                        "interrupt, edge high", template().interrupt(GsiInput.isa(5)), "89 06 00 03 01 05 00 00 00"),
                Arguments.of(
                        "interrupt, level low",
                        template().interrupt(input(0x117, Trigger.LEVEL, Polarity.ACTIVE_LOW)),
                        "89 06 00 05 01 17 01 00 00"),
                Arguments.of("memory", template().memory(0xD000_0000L, 0x200), "86 09 00 01 00 00 00 d0 00 02 00 00"),
                Arguments.of(
                        "memory up to 4 GiB",
                        template().memory(0xFFFF_F000L, 0x1000),
                        "86 09 00 01 00 f0 ff ff 00 10 00 00"),
                Arguments.of(
                        "memory across 4 GiB",
                        template().memory(0xFFFF_F000L, 0x2000),
                        "8a 2b 00 00 0d 01 00 00 00 00 00 00 00 00 00 f0 ff ff 00 00 00 00 ff 0f 00 00 01 00 00 00"
                                + " 00 00 00 00 00 00 00 00 00 20 00 00 00 00 00 00"),
                Arguments.of("two", template().io(0x60, 1).irq(GsiInput.isa(1)), "47 01 60 00 60 00 01 01 22 02 00"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("templates")
    void descriptors(String name, ResourceTemplate template, String encoding) {
        int size = (encoding.isEmpty() ? 0 : (encoding.length() + 1) / 3) + 2;
        String expected =
                "11 %02x 0a %02x %s%s79 00".formatted(size + 3, size, encoding, encoding.isEmpty() ? "" : " ");
        assertEquals(expected, template.build().toString());
    }

    @Test
    void limits() {
        assertThrows(IllegalArgumentException.class, () -> template().io(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> template().io(0, 0));
        assertThrows(IllegalArgumentException.class, () -> template().io(0, 256));
        assertThrows(IllegalArgumentException.class, () -> template().io(0xFFF9, 8));
        assertThrows(IllegalArgumentException.class, () -> template().irq(GsiInput.isa(16)));
        assertThrows(IllegalArgumentException.class, () -> template().memory(0, 0));
        assertThrows(IllegalArgumentException.class, () -> template().memory(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> template().memory(Long.MAX_VALUE, 1));
        assertThrows(IllegalArgumentException.class, () -> template().memory32Fixed(0xFFFF_FFFFL, 2));
        assertThrows(IllegalArgumentException.class, () -> template().memory32Fixed(0, 1L << 32));
    }

    private static ResourceTemplate template() {
        return new ResourceTemplate();
    }

    private static GsiInput input(int gsi, Trigger trigger, Polarity polarity) {
        return new GsiInput(gsi, trigger, polarity);
    }
}
