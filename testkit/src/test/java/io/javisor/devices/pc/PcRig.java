package io.javisor.devices.pc;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.devices.pic.PicRegisters;
import io.javisor.devices.pit.PitRegisters;
import io.javisor.testkit.FakeTime;

/** The chips of a PC on its buses, with a processor and the guest's side of the registers. */
final class PcRig {
    static final int PIC_BASE = 0x30;
    private static final long IO_APIC_GPA = 0xFEC0_0000L;

    final ModelProcessor processor;
    final FakeTime time;
    final PcChips chips;
    private final AddressBus ports = AddressBus.ports();
    private final AddressBus deviceMemory = AddressBus.deviceMemory();

    /** The 8259As are set up as operating systems do it, nothing masked; the I/O APIC is as after power-on. */
    PcRig(InterruptLine intr, ModelProcessor processor, FakeTime time) {
        this.processor = processor;
        this.time = time;
        chips = new PcChips(intr, processor, time, time);
        var _ = ports.register("pic", 0x20, PicRegisters.PORT_COUNT, chips.pic().firstPorts());
        var _ = ports.register(
                "pic 2", 0xA0, PicRegisters.PORT_COUNT, chips.pic().secondPorts());
        var _ = ports.register(
                "elcr", 0x4D0, PicRegisters.ELCR_PORT_COUNT, chips.pic().elcrPorts());
        var _ = ports.register("pit", 0x40, PitRegisters.PORT_COUNT, chips.pit());
        var _ = ports.register("port b", 0x61, 1, chips.pit().portB());
        var _ = deviceMemory.register("io-apic", IO_APIC_GPA, IoApicRegisters.WINDOW_SIZE, chips.ioApic());
        for (int port : new int[] {0x20, 0xA0}) {
            out(port, 0x11);
            out(port + 1, port == 0x20 ? PIC_BASE : PIC_BASE + 8);
            out(port + 1, port == 0x20 ? 4 : 2);
            out(port + 1, 1);
        }
    }

    ConnectedLine edge(int gsi) {
        return chips.connect(GsiInput.isa(gsi));
    }

    ConnectedLine level(int gsi) {
        return chips.connect(new GsiInput(gsi, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_LOW));
    }

    void out(int port, int value) {
        ports.write(port, 1, value);
    }

    int in(int port) {
        return (int) ports.read(port, 1);
    }

    /** Writes a redirection entry for processor 0. */
    void redirect(int pin, int low) {
        select(IoApicRegisters.IOREDTBL + 2 * pin);
        deviceMemory.write(IO_APIC_GPA + IoApicRegisters.IOWIN_OFFSET, 4, low);
    }

    int redirection(int pin) {
        select(IoApicRegisters.IOREDTBL + 2 * pin);
        return (int) deviceMemory.read(IO_APIC_GPA + IoApicRegisters.IOWIN_OFFSET, 4);
    }

    private void select(int index) {
        deviceMemory.write(IO_APIC_GPA + IoApicRegisters.IOREGSEL_OFFSET, 4, index);
    }

    /** The processor's answer to INTR, and the handler's end of interrupt. Returns the IRQ. */
    int serveIntr() {
        int irq = chips.pic().acknowledge() - PIC_BASE;
        if (irq >= 8) {
            out(0xA0, 0x20);
        }
        out(0x20, 0x20);
        return irq;
    }

    /** The processor writes EOI, which the I/O APIC hears of if it must. */
    void end() {
        int vector = processor.end();
        if (vector >= 0) {
            chips.ioApic().ended(vector);
        }
    }

    /** Takes an interrupt by the local APIC and ends it. Returns its vector, or -1. */
    int serveApic() {
        int vector = processor.take();
        if (vector >= 0) {
            end();
        }
        return vector;
    }
}
