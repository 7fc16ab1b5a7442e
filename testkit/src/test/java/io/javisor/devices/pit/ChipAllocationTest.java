package io.javisor.devices.pit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.ioapic.IoApicDevice;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.devices.pic.PicDevice;
import io.javisor.testkit.FakeTime;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The chips that every interrupt passes: accesses, lines, acknowledge cycles and ends allocate nothing. */
class ChipAllocationTest {
    private static final int ROUNDS = 1000;

    private final FakeTime time = new FakeTime(0);
    private final PicDevice pic = new PicDevice(InterruptLine.UNCONNECTED);
    private final IoApicDevice ioApic =
            new IoApicDevice(IoApicRegisters.VERSION_20, (mode, vector, destination, logical, level) -> true);
    private final PitDevice pit = new PitDevice(time, pic.line(0), time);

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
        pic.line(12).pulse();
        int _ = pic.acknowledge();
        pic.secondPorts().write(0, 1, 0x20);
        pic.firstPorts().write(0, 1, 0x20);
        ioApic.write(IoApicRegisters.IOREGSEL_OFFSET, 4, IoApicRegisters.IOREDTBL + 2 * 9);
        ioApic.write(IoApicRegisters.IOWIN_OFFSET, 4, 0x61 | IoApicRegisters.LEVEL);
        ioApic.line(9).raise();
        ioApic.line(9).lower();
        ioApic.ended(0x61);
    }
}
