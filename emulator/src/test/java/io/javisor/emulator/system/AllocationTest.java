package io.javisor.emulator.system;

import static io.javisor.emulator.system.SystemFixture.CODE64;
import static io.javisor.emulator.system.SystemFixture.INTERRUPT_GATE32;
import static io.javisor.emulator.system.SystemFixture.STACK0;
import static io.javisor.emulator.system.SystemFixture.TSS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Faults, page walks, interrupts and returns allocate nothing. */
class AllocationTest {
    private static final int ROUNDS = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;
    private int faults;

    @Test
    void theWholeWayOfAFaultAllocatesNothing() {
        try (f) {
            f.longMode(3);
            f.idt(14, CODE64, 0x5000, INTERRUPT_GATE32, 0);
            f.idt(13, CODE64, 0x6000, INTERRUPT_GATE32, 0);
            f.memory.putLong(TSS + 4, STACK0);
            round();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                round();
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            assertEquals(2 * (ROUNDS + 1), faults);
            assertTrue(allocated < ROUNDS, "allocated " + allocated + " bytes");
        }
    }

    private void round() {
        f.fixture.mmu.flush(true);
        try {
            f.fixture.linear.read(0x4000_0000, 8);
        } catch (CpuFault fault) {
            faults++;
            f.unit.exceptions().deliver(fault);
        }
        cpu.setGpr(CpuBlock.RSP, cpu.gpr(CpuBlock.RSP) + 8);
        f.unit.interruptReturn().iret(8, 0);
        cpu.setRflags(cpu.rflags() & ~Bits.RF);
        long _ = f.fixture.linear.open(0, 0x6FF8, 16, LinearMemory.READ_WRITE);
        f.fixture.linear.commit(0);
        try {
            f.unit.segments().load(CpuBlock.DS, 0x7777);
        } catch (CpuFault fault) {
            faults++;
        }
    }
}
