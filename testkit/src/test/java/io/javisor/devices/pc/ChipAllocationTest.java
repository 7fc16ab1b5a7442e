package io.javisor.devices.pc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.ioapic.IoApicDevice;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.devices.pic.PicDevice;
import io.javisor.devices.pit.PitDevice;
import io.javisor.devices.pit.PitRegisters;
import io.javisor.testkit.FakeTime;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The chips that every interrupt passes: accesses, lines, acknowledge cycles and ends allocate nothing. */
class ChipAllocationTest {
    private static final int ROUNDS = 1000;

    private final FakeTime time = new FakeTime(0);
    private final PcChips chips = new PcChips(InterruptLine.UNCONNECTED, (addressGpa, data) -> true, time, time);
    private final PicDevice pic = chips.pic();
    private final IoApicDevice ioApic = chips.ioApic();
    private final PitDevice pit = chips.pit();
    private final InterruptLine edge = chips.connect(GsiInput.isa(12));
    private final InterruptLine level =
            chips.connect(new GsiInput(9, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_HIGH));

    @Test
    void nothingIsAllocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int round = 0; round < ROUNDS; round++) {
                interrupts();
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(best < ROUNDS, best + " bytes for " + ROUNDS + " rounds");
        assertTrue(pit.counters().interrupts() > 0);
        assertTrue(pic.counters().interrupts() > 0);
        assertTrue(ioApic.counters().messages() > 0);
    }

    private void interrupts() {
        pit.write(PitRegisters.CONTROL_OFFSET, 1, 0x34);
        pit.write(0, 1, 0xE8);
        pit.write(0, 1, 0x03);
        time.jump(2_000_000);
        long _ = pit.read(0, 1);
        long _ = pit.read(0, 1);
        long _ = pit.portB().read(0, 1);
        int _ = pic.acknowledge();
        pic.firstPorts().write(0, 1, 0x20);
        edge.raise();
        edge.lower();
        int _ = pic.acknowledge();
        pic.secondPorts().write(0, 1, 0x20);
        pic.firstPorts().write(0, 1, 0x20);
        ioApic.write(IoApicRegisters.IOREGSEL_OFFSET, 4, IoApicRegisters.IOREDTBL + 2 * 9);
        ioApic.write(IoApicRegisters.IOWIN_OFFSET, 4, 0x61 | IoApicRegisters.LEVEL);
        level.raise();
        level.lower();
        ioApic.ended(0x61);
    }
}
