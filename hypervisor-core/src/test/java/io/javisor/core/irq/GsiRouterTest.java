package io.javisor.core.irq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.irq.GsiRoute.Chip;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GsiRouterTest {
    private static final long MESSAGE_GPA = 0xFEE0_0000L;

    private final List<List<GsiRoute>> tables = new ArrayList<>();
    private final GsiRouter router = new GsiRouter(tables::add, 64);

    @Test
    void aPcIsWiredFromTheStart() {
        assertEquals(List.of(GsiRouter.pcPins()), tables);
    }

    @Test
    void isaInterruptsGoToBothKindsOfController() {
        assertEquals(pins(1), List.of(new GsiRoute.Pin(1, Chip.PIC_MASTER, 1), new GsiRoute.Pin(1, Chip.IOAPIC, 1)));
        assertEquals(pins(12), List.of(new GsiRoute.Pin(12, Chip.PIC_SLAVE, 4), new GsiRoute.Pin(12, Chip.IOAPIC, 12)));
        assertEquals(pins(23), List.of(new GsiRoute.Pin(23, Chip.IOAPIC, 23)));
    }

    @Test
    void theTimerTakesTheIoApicInputThatTheCascadeLeavesFree() {
        assertEquals(pins(0), List.of(new GsiRoute.Pin(0, Chip.PIC_MASTER, 0), new GsiRoute.Pin(0, Chip.IOAPIC, 2)));
        assertEquals(pins(2), List.of());
    }

    @Test
    void noInputIsWiredTwice() {
        List<String> inputs = GsiRouter.pcPins().stream()
                .map(route -> route instanceof GsiRoute.Pin pin ? pin.chip() + " " + pin.pin() : "message")
                .toList();
        assertEquals(inputs.size(), inputs.stream().distinct().count());
        assertEquals(7 + 8 + 23, inputs.size());
    }

    @Test
    void messagesFollowThePins() {
        int gsi = router.allocateMessageGsi();
        assertEquals(24, gsi);
        router.routeMessage(gsi, MESSAGE_GPA, 0x31);
        assertEquals(
                new GsiRoute.Message(24, MESSAGE_GPA, 0x31), tables.getLast().getLast());
        router.routeMessage(gsi, MESSAGE_GPA, 0x32);
        assertEquals(
                new GsiRoute.Message(24, MESSAGE_GPA, 0x32), tables.getLast().getLast());
        router.unroute(gsi);
        assertEquals(GsiRouter.pcPins(), tables.getLast());
    }

    @Test
    void theSameMessageAgainCostsNothing() {
        int gsi = router.allocateMessageGsi();
        router.routeMessage(gsi, MESSAGE_GPA, 0x31);
        int before = tables.size();
        router.routeMessage(gsi, MESSAGE_GPA, 0x31);
        assertEquals(before, tables.size());
        router.unroute(gsi);
        router.unroute(gsi);
        assertEquals(before + 1, tables.size());
    }

    @Test
    void aReleasedGsiIsHandedOutAgainWithoutItsRoute() {
        int first = router.allocateMessageGsi();
        int second = router.allocateMessageGsi();
        router.routeMessage(first, MESSAGE_GPA, 1);
        router.routeMessage(second, MESSAGE_GPA, 2);
        router.release(first);
        assertEquals(
                new GsiRoute.Message(second, MESSAGE_GPA, 2), tables.getLast().getLast());
        assertEquals(first, router.allocateMessageGsi());
        assertTrue(router.routes().stream().noneMatch(route -> route.gsi() == first));
    }

    @Test
    void allGsisCanBeRoutedAtOnceAndOneMoreIsRefused() {
        List<Integer> gsis = new ArrayList<>();
        IllegalStateException full = assertThrows(IllegalStateException.class, () -> {
            while (true) {
                gsis.add(router.allocateMessageGsi());
            }
        });
        assertEquals("all " + gsis.size() + " GSIs for messages are in use", full.getMessage());
        gsis.forEach(gsi -> router.routeMessage(gsi, MESSAGE_GPA, gsi));
        assertEquals(64, tables.getLast().size());
    }

    @Test
    void whatWasNotHandedOutCannotBeRouted() {
        assertThrows(IllegalStateException.class, () -> router.routeMessage(24, MESSAGE_GPA, 1));
        assertThrows(IllegalStateException.class, () -> router.unroute(3));
        int gsi = router.allocateMessageGsi();
        router.release(gsi);
        assertThrows(IllegalStateException.class, () -> router.release(gsi));
    }

    @Test
    void aRefusedTableLeavesTheOldOneInForce() {
        GsiRouter picky = new GsiRouter(
                routes -> {
                    if (routes.contains(new GsiRoute.Message(24, MESSAGE_GPA, 0xBAD))) {
                        throw new IllegalArgumentException("refused");
                    }
                },
                64);
        int gsi = picky.allocateMessageGsi();
        assertThrows(IllegalArgumentException.class, () -> picky.routeMessage(gsi, MESSAGE_GPA, 0xBAD));
        assertEquals(GsiRouter.pcPins(), picky.routes());
        picky.routeMessage(gsi, MESSAGE_GPA, 1);
        assertThrows(IllegalArgumentException.class, () -> picky.routeMessage(gsi, MESSAGE_GPA, 0xBAD));
        assertEquals(new GsiRoute.Message(gsi, MESSAGE_GPA, 1), picky.routes().getLast());
    }

    @Test
    void aTableTooSmallForAPcIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new GsiRouter(tables::add, 37));
    }

    private static List<GsiRoute> pins(int gsi) {
        return GsiRouter.pcPins().stream().filter(route -> route.gsi() == gsi).toList();
    }
}
