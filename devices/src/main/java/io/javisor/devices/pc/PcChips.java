package io.javisor.devices.pc;

import io.javisor.core.event.Timers;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.GsiRoute;
import io.javisor.core.irq.InterruptChips;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.irq.MsiSink;
import io.javisor.devices.ioapic.IoApicDevice;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.devices.pic.PicDevice;
import io.javisor.devices.pic.PicRegisters;
import io.javisor.devices.pit.PitDevice;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * The 8259As, the I/O APIC and the 8254 of a PC, wired as {@link GsiRoute#pc} says: each of the first 16 inputs to both kinds of
 * interrupt controller, the others to the I/O APIC alone, the 8254 to IRQ 0. The chips themselves are put on the buses by whoever makes
 * this.
 *
 * <p>Lines do what those to KVM's chips do: an edge is a pulse, so that an input that devices share never hides one device's edge behind
 * another's level; a level is asserted while any device asserts it. All lines to an input have the same trigger.
 *
 * <p>Any thread. Locks are taken in this order, and each only for the work of its chip: a device's (the 8254's too), a level-triggered
 * input's, then the 8259As' or the I/O APIC's, never both. The processors' ends of the wires, which are called under the last, are leaves.
 */
public final class PcChips implements InterruptChips, AutoCloseable {
    private static final GsiInput TIMER = GsiInput.isa(0);

    private final PicDevice pic;
    private final IoApicDevice ioApic;
    private final PitDevice pit;
    private final ConnectedLine timerLine;
    private final ChipInput[] inputs = new ChipInput[PIN_COUNT];

    /**
     * As after power-on.
     *
     * @param intr where the first 8259A's output goes: LINT0 of the processors
     * @param processors where the I/O APIC's messages go
     * @param clock nanoseconds, monotonic, for the 8254; it stands while the machine does
     * @param timers of that clock, by which the 8254's interrupts come
     */
    public PcChips(InterruptLine intr, MsiSink processors, LongSupplier clock, Timers timers) {
        pic = new PicDevice(intr);
        ioApic = new IoApicDevice(IoApicRegisters.VERSION_20, processors);
        InterruptLine[] picPins = new InterruptLine[PIN_COUNT];
        InterruptLine[] ioApicPins = new InterruptLine[PIN_COUNT];
        Arrays.fill(picPins, InterruptLine.UNCONNECTED);
        Arrays.fill(ioApicPins, InterruptLine.UNCONNECTED);
        for (GsiRoute route : GsiRoute.pc()) {
            int gsi = route.gsi();
            int pin = route.pin();
            switch (route.chip()) {
                case PIC_MASTER -> picPins[gsi] = pic.line(pin);
                case PIC_SLAVE -> picPins[gsi] = pic.line(PicRegisters.INPUT_COUNT + pin);
                case IOAPIC -> ioApicPins[gsi] = ioApic.line(pin);
            }
        }
        for (int gsi = 0; gsi < PIN_COUNT; gsi++) {
            inputs[gsi] = new ChipInput(picPins[gsi], ioApicPins[gsi]);
        }
        timerLine = connect(TIMER);
        pit = new PitDevice(clock, timerLine, timers);
    }

    /** For ports 0x20, 0xA0 and 0x4D0, and for the processors' acknowledge cycles. */
    public PicDevice pic() {
        return pic;
    }

    /** For device memory from 0xFEC00000, and for the processors' ends of interrupts. */
    public IoApicDevice ioApic() {
        return ioApic;
    }

    /** For ports 0x40 and 0x61. */
    public PitDevice pit() {
        return pit;
    }

    /**
     * See {@link InterruptChips#connect}. Input 2, the cascade's, can be connected and leads nowhere.
     *
     * @throws IllegalArgumentException if there is no such input
     */
    @Override
    public ConnectedLine connect(GsiInput input) {
        if (input.gsi() >= PIN_COUNT) {
            throw new IllegalArgumentException("GSI " + input.gsi() + " is not an input");
        }
        ChipInput wired = inputs[input.gsi()];
        return switch (input.trigger()) {
            case EDGE -> wired.connectEdge();
            case LEVEL -> wired.connectLevel();
        };
    }

    /** Gives the 8254's timer back. */
    @Override
    public void close() {
        pit.close();
        timerLine.close();
    }
}
