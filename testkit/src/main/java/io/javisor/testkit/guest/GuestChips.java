package io.javisor.testkit.guest;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.engine.EngineInterrupts;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.event.EventLoop;
import io.javisor.core.irq.InterruptChips;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.devices.pc.PcChips;
import io.javisor.devices.pic.PicRegisters;
import io.javisor.devices.pit.PitRegisters;
import org.jspecify.annotations.Nullable;

/** A guest's interrupt chips and timer: the engine's, or devices on the guest's buses, with an event loop for the timer. Any thread. */
final class GuestChips implements AutoCloseable {
    private static final int PIC_PORT = 0x20;
    private static final int SECOND_PIC_PORT = 0xA0;
    private static final int ELCR_PORT = 0x4D0;
    private static final int PIT_PORT = 0x40;
    private static final int PORT_B = 0x61;
    private static final long IO_APIC_GPA = 0xFEC0_0000L;

    private final @Nullable InterruptChips chips;
    private final Runnable end;

    private GuestChips(@Nullable InterruptChips chips, Runnable end) {
        this.chips = chips;
        this.end = end;
    }

    /** Those of a VM that has no vCPU yet; closed after its vCPUs and before itself. */
    static GuestChips of(String name, EngineVm vm, AddressBus ports, AddressBus deviceMemory) {
        return switch (vm.interrupts()) {
            case EngineInterrupts.None _ -> new GuestChips(null, () -> {});
            case EngineInterrupts.Chips(InterruptChips ofEngine) -> new GuestChips(ofEngine, () -> {});
            case EngineInterrupts.Socket socket -> plug(name, vm, socket, ports, deviceMemory);
        };
    }

    private static GuestChips plug(
            String name, EngineVm vm, EngineInterrupts.Socket socket, AddressBus ports, AddressBus deviceMemory) {
        EventLoop loop = EventLoop.start(name + "/timers");
        try {
            PcChips chips = new PcChips(socket.intr(), vm.messages(), System::nanoTime, loop);
            var _ = ports.register(
                    "pic", PIC_PORT, PicRegisters.PORT_COUNT, chips.pic().firstPorts());
            var _ = ports.register(
                    "pic 2",
                    SECOND_PIC_PORT,
                    PicRegisters.PORT_COUNT,
                    chips.pic().secondPorts());
            var _ = ports.register(
                    "elcr", ELCR_PORT, PicRegisters.ELCR_PORT_COUNT, chips.pic().elcrPorts());
            var _ = ports.register("pit", PIT_PORT, PitRegisters.PORT_COUNT, chips.pit());
            var _ = ports.register("port b", PORT_B, 1, chips.pit().portB());
            var _ = deviceMemory.register("io-apic", IO_APIC_GPA, IoApicRegisters.WINDOW_SIZE, chips.ioApic());
            socket.plug(chips.pic(), chips.ioApic());
            return new GuestChips(chips, () -> {
                chips.close();
                loop.close();
            });
        } catch (RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    /**
     * The chips.
     *
     * @throws IllegalStateException if the guest has none
     */
    InterruptChips require() {
        if (chips == null) {
            throw new IllegalStateException("the guest has no interrupt chips");
        }
        return chips;
    }

    @Override
    public void close() {
        end.run();
    }
}
