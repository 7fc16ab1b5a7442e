package io.javisor.core.irq;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.irq.GsiRoute.Chip;
import java.util.List;
import org.junit.jupiter.api.Test;

class GsiRouteTest {
    @Test
    void isaInterruptsGoToBothKindsOfController() {
        assertEquals(pins(1), List.of(new GsiRoute(1, Chip.PIC_MASTER, 1), new GsiRoute(1, Chip.IOAPIC, 1)));
        assertEquals(pins(12), List.of(new GsiRoute(12, Chip.PIC_SLAVE, 4), new GsiRoute(12, Chip.IOAPIC, 12)));
        assertEquals(pins(23), List.of(new GsiRoute(23, Chip.IOAPIC, 23)));
    }

    @Test
    void theTimerTakesTheIoApicInputThatTheCascadeLeavesFree() {
        assertEquals(pins(0), List.of(new GsiRoute(0, Chip.PIC_MASTER, 0), new GsiRoute(0, Chip.IOAPIC, 2)));
        assertEquals(pins(2), List.of());
    }

    @Test
    void noInputIsWiredTwice() {
        List<String> inputs = GsiRoute.pc().stream()
                .map(route -> route.chip() + " " + route.pin())
                .toList();
        assertEquals(inputs.size(), inputs.stream().distinct().count());
        assertEquals(7 + 8 + 23, inputs.size());
    }

    private static List<GsiRoute> pins(int gsi) {
        return GsiRoute.pc().stream().filter(route -> route.gsi() == gsi).toList();
    }
}
