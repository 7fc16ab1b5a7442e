package io.javisor.core.irq;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a global system interrupt goes: an input of an interrupt controller. Several routes may share a GSI; then it goes to all of them.
 *
 * @param gsi the global system interrupt, 0 to 23
 * @param chip the controller
 * @param pin its input
 */
public record GsiRoute(int gsi, Chip chip, int pin) {
    /** The interrupt controllers of a PC. */
    public enum Chip {
        /** The first 8259A, IRQ 0 to 7. */
        PIC_MASTER,
        /** The second 8259A, IRQ 8 to 15. */
        PIC_SLAVE,
        /** The I/O APIC. */
        IOAPIC
    }

    private static final int PIC_PIN_COUNT = 8;
    /** IRQ 2 of the first 8259A takes the second one's output: nothing else can use it. */
    private static final int CASCADE_IRQ = 2;
    /** As on every PC with an I/O APIC, the timer of IRQ 0 is wired to the input that the cascade leaves free. */
    private static final int TIMER_IOAPIC_PIN = 2;

    /**
     * The wiring of a PC: ISA IRQs 0 to 15 to both 8259As and to the I/O APIC input of the same number, except that IRQ 0 is on
     * input 2 and IRQ 2, the cascade, on none; GSIs 16 to 23 to the I/O APIC alone.
     */
    public static List<GsiRoute> pc() {
        List<GsiRoute> routes = new ArrayList<>();
        for (int gsi = 0; gsi < InterruptChips.PIN_COUNT; gsi++) {
            if (gsi == CASCADE_IRQ) {
                continue;
            }
            if (gsi < PIC_PIN_COUNT) {
                routes.add(new GsiRoute(gsi, Chip.PIC_MASTER, gsi));
            } else if (gsi < 2 * PIC_PIN_COUNT) {
                routes.add(new GsiRoute(gsi, Chip.PIC_SLAVE, gsi - PIC_PIN_COUNT));
            }
            routes.add(new GsiRoute(gsi, Chip.IOAPIC, gsi == 0 ? TIMER_IOAPIC_PIN : gsi));
        }
        return List.copyOf(routes);
    }
}
