package io.javisor.firmware.mptable;

import io.javisor.core.irq.GsiInput;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An interrupt of the ISA bus and the I/O APIC pin that it reaches (MP 1.4 §4.3.4).
 *
 * @param isaIrq what drivers call it, 0 to 255
 * @param input the pin, its trigger and polarity: the same object that made the line
 */
public record InterruptSource(int isaIrq, GsiInput input) {
    private static final int ISA_IRQ_COUNT = 16;

    /** The cascade of the two interrupt controllers: no device can have it. */
    private static final int CASCADE_IRQ = 2;

    private static final int TIMER_PIN = 2;

    public InterruptSource {
        if (isaIrq < 0 || isaIrq > 0xFF || input.gsi() > 0xFF) {
            throw new IllegalArgumentException("IRQ " + isaIrq + " to pin " + input.gsi() + " exceeds a byte");
        }
    }

    /**
     * The wiring of a PC, as {@link io.javisor.core.irq.GsiRoute#pc} routes it: as {@link #identity}, but the timer's IRQ 0 at pin 2.
     *
     * @param devices the machine's lines; those that share a pin must agree
     */
    public static List<InterruptSource> pc(List<GsiInput> devices) {
        return identity(devices).stream()
                .map(source -> source.isaIrq() == 0 ? new InterruptSource(0, GsiInput.isa(TIMER_PIN)) : source)
                .toList();
    }

    /**
     * Every interrupt at the pin of its own number. The ISA interrupts but the cascade are announced whether a
     * device has them or not, edge-triggered and active high where no device says otherwise.
     *
     * @param devices the machine's lines; those that share a pin must agree
     * @return ascending by pin
     */
    static List<InterruptSource> identity(List<GsiInput> devices) {
        SortedMap<Integer, GsiInput> inputs = new TreeMap<>();
        for (GsiInput device : devices) {
            GsiInput other = inputs.put(device.gsi(), device);
            if (other != null && !other.equals(device)) {
                throw new IllegalArgumentException(
                        "two devices share a pin but not its wiring: " + other + ", " + device);
            }
        }
        for (int irq = 0; irq < ISA_IRQ_COUNT; irq++) {
            if (irq != CASCADE_IRQ) {
                inputs.putIfAbsent(irq, GsiInput.isa(irq));
            }
        }
        return inputs.values().stream()
                .map(input -> new InterruptSource(input.gsi(), input))
                .toList();
    }
}
