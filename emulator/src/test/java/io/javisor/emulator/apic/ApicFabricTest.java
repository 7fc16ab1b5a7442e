package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.javisor.core.irq.DeliveryMode;
import io.javisor.emulator.apic.TestCpus.Cpu;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApicFabricTest {
    private static final int VECTOR = 0x40;
    private static final int SELF = 1 << ICR_SHORTHAND_SHIFT;
    private static final int OTHERS = 3 << ICR_SHORTHAND_SHIFT;

    private final TestCpus machine = new TestCpus(0, 1, 2, 17);

    @BeforeEach
    void enable() {
        machine.cpus.forEach(Cpu::enable);
    }

    @ParameterizedTest
    @CsvSource({"0, 1000", "1, 0100", "2, 0010", "17, 0001", "3, 0000", "254, 0000", "255, 1111"})
    void physicalDestinations(int destination, String reached) {
        ipi(machine.cpu(0), destination, VECTOR);
        assertEquals(reached, served());
        machine.cpus.forEach(Cpu::enableX2apic);
        x2apicIpi(machine.cpu(0), destination, VECTOR);
        assertEquals(destination == 255 ? "0000" : reached, served());
        x2apicIpi(machine.cpu(0), 0xFFFF_FFFFL, VECTOR);
        assertEquals("1111", served());
        x2apicIpi(machine.cpu(0), 0x100, VECTOR);
        assertEquals("0000", served());
    }

    @ParameterizedTest
    @CsvSource({"0x01, 1000", "0x06, 0110", "0x88, 0001", "0x70, 0000", "0xFF, 1111"})
    void logicalFlatDestinations(int destination, String reached) {
        int[] ids = {1, 2, 4, 8};
        IntStream.range(0, 4).forEach(i -> machine.cpu(i).set(LDR, ids[i] << 24));
        ipi(machine.cpu(2), destination, ICR_LOGICAL | VECTOR);
        assertEquals(reached, served());
    }

    @ParameterizedTest
    @CsvSource({"0x11, 1000", "0x13, 1100", "0x23, 0010", "0x2F, 0011", "0x31, 0000", "0xFF, 1111"})
    void logicalClusterDestinations(int destination, String reached) {
        int[] ids = {0x11, 0x12, 0x21, 0x24};
        for (int i = 0; i < 4; i++) {
            machine.cpu(i).set(DFR, 0x0FFF_FFFF);
            machine.cpu(i).set(LDR, ids[i] << 24);
        }
        ipi(machine.cpu(3), destination, ICR_LOGICAL | VECTOR);
        assertEquals(reached, served());
    }

    @ParameterizedTest
    @CsvSource({"0x00000007, 1110", "0x00000005, 1010", "0x00010002, 0001", "0x00010001, 0000", "0xFFFFFFFF, 1111"})
    void x2apicLogicalDestinations(String destination, String reached) {
        machine.cpus.forEach(Cpu::enableX2apic);
        x2apicIpi(machine.cpu(1), Long.decode(destination), ICR_LOGICAL | VECTOR);
        assertEquals(reached, served());
    }

    @ParameterizedTest
    @CsvSource({
        "0x40000, 0100",
        "0x80000, 1111",
        "0xC0000, 1011",
        "0x40100, 0000",
        "0x80100, 0000",
        "0x40400, 0000",
        "0x00300, 0000",
        "0x00700, 0000",
        "0xC0700, 0000"
    })
    void shorthands(int command, String reached) {
        ipi(machine.cpu(1), 0, command | VECTOR);
        assertEquals(reached, served());
        ApicCounters counters = machine.cpu(1).access.counters();
        assertEquals(reached.equals("0000") ? 1 : 0, counters.badIpis());
        assertEquals(reached.equals("0000") ? 0 : 1, counters.ipis());
    }

    @Test
    void startingTheOthers() {
        Cpu first = machine.cpu(0);
        ipi(first, 0, OTHERS | ICR_ASSERT | 5 << 8);
        ipi(first, 0, OTHERS | ICR_LEVEL | 5 << 8); // the de-assertion
        for (Cpu cpu : machine.cpus) {
            assertEquals(cpu == first ? 0 : LocalApic.EVENT_INIT, cpu.apic.takeEvents(~0));
        }
        ipi(first, 17, ICR_ASSERT | 6 << 8 | 0x9A);
        assertEquals(LocalApic.EVENT_STARTUP | 0x9A00, machine.cpu(3).apic.takeEvents(~0));
        ipi(first, 1, 4 << 8);
        ipi(first, 1, 2 << 8);
        assertEquals(
                LocalApic.EVENT_NMI | LocalApic.EVENT_SMI, machine.cpu(1).apic.takeEvents(~0));
        ipi(first, 0, 4 << 8);
        assertEquals(LocalApic.EVENT_NMI, first.apic.takeEvents(~0), "an NMI to itself, by its id");
    }

    @Test
    void lowestPriorityGoesToOneOfThoseThatDoLeast() {
        machine.cpu(0).set(TPR, 0x20);
        machine.cpu(1).set(TPR, 0x10);
        machine.cpu(2).set(TPR, 0x10);
        machine.cpu(3).set(SVR, 0xFF);
        int[] count = new int[4];
        for (int i = 0; i < 100; i++) {
            assertTrue(machine.fabric.send(DeliveryMode.LOWEST_PRIORITY, VECTOR, ApicFabric.BROADCAST, true, false));
            String reached = served();
            count[reached.indexOf('1')]++;
            assertEquals(reached.lastIndexOf('1'), reached.indexOf('1'));
        }
        assertEquals(0, count[0] + count[3]);
        assertTrue(count[1] >= 20 && count[2] >= 20, () -> "each has its turn: " + count[1] + ", " + count[2]);
    }

    @Test
    void illegalVectorsAreNotSent() {
        Cpu sender = machine.cpu(0);
        sender.set(LVT_ERROR, 0x91);
        ipi(sender, 1, 0x0F);
        assertEquals(0x91, sender.serve());
        sender.set(ESR, 0);
        assertEquals(ESR_SEND_ILLEGAL_VECTOR, sender.get(ESR));
        assertEquals("0000", served());
        sender.enableX2apic();
        assertTrue(sender.access.writeMsr(MSR_X2APIC + SELF_IPI, 0x0F));
        assertEquals(0x91, sender.serve());
    }

    @Test
    void selfIpi() {
        Cpu cpu = machine.cpu(2);
        cpu.enableX2apic();
        assertTrue(cpu.access.writeMsr(MSR_X2APIC + SELF_IPI, 0x44));
        assertFalse(cpu.access.writeMsr(MSR_X2APIC + SELF_IPI, 0x144));
        assertEquals(0x44, cpu.serve());
        ipi(machine.cpu(0), 0, SELF | 0x45);
        assertEquals(0x45, machine.cpu(0).serve());
    }

    /** An 8-bit message reaches APICs in either mode, also when modes are mixed. */
    @Test
    void messageSignalledInterrupts() {
        machine.cpu(1).enableX2apic();
        assertTrue(machine.fabric.send(0xFEE0_1000L, VECTOR));
        assertEquals("0100", served());
        assertTrue(machine.fabric.send(0xFEEF_F000L, VECTOR));
        assertEquals("1111", served());
        assertTrue(machine.fabric.send(0xFEE0_2004L, VECTOR));
        assertEquals("0100", served(), "bit 1 of cluster 0");
        assertFalse(machine.fabric.send(0xFEE0_5000L, VECTOR));
        assertFalse(machine.fabric.send(0xFEE0_1000L, 0x3 << 8 | VECTOR));
        assertFalse(machine.fabric.send(0xFEE0_1000L, 0x6 << 8 | VECTOR), "no start-up IPI comes from a device");
        assertTrue(machine.fabric.send(0xFEE0_0000L, 0x400));
        assertEquals(LocalApic.EVENT_NMI, machine.cpu(0).apic.takeEvents(~0));
        assertTrue(machine.fabric.send(0xFEE0_0000L, 0xC000 | VECTOR));
        assertEquals("1000", served());
        assertEquals(List.of(VECTOR), machine.ended);
    }

    @Test
    void idsAreUniqueAndBelow255() {
        assertThrows(IllegalArgumentException.class, () -> machine.new Cpu(17));
        assertThrows(IllegalArgumentException.class, () -> machine.new Cpu(255));
        assertThrows(IllegalArgumentException.class, () -> machine.new Cpu(-1));
        TestCpus many = new TestCpus(IntStream.rangeClosed(0, ApicFabric.ID_MAX).toArray());
        many.cpus.forEach(Cpu::enable);
        many.cpus.forEach(Cpu::enableX2apic);
        x2apicIpi(many.cpu(0), 15 << 16 | 0x6000L, ICR_LOGICAL | VECTOR);
        assertEquals(VECTOR, many.cpu(253).serve());
        assertEquals(VECTOR, many.cpu(254).serve());
        x2apicIpi(many.cpu(100), 0, OTHERS | VECTOR);
        assertEquals(
                254, many.cpus.stream().filter(cpu -> cpu.serve() == VECTOR).count());
    }

    @Test
    void nothingIsAllocated() {
        machine.cpu(1).enableX2apic();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                exchange();
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(best < 1000, best + " bytes for 1000 rounds");
    }

    private void exchange() {
        Cpu first = machine.cpu(0);
        Cpu second = machine.cpu(1);
        ipi(first, 1, VECTOR);
        int _ = second.serve();
        x2apicIpi(second, 0xFFFF_FFFFL, VECTOR + 1);
        for (int i = 0; i < 4; i++) {
            int _ = machine.cpu(i).serve();
        }
        boolean _ = machine.fabric.send(DeliveryMode.LOWEST_PRIORITY, VECTOR, ApicFabric.BROADCAST, true, false);
        for (int i = 0; i < 4; i++) {
            int _ = machine.cpu(i).serve();
        }
        first.set(LVT_TIMER, 0x55 | 2 << LVT_TIMER_MODE_SHIFT);
        boolean _ = first.access.writeMsr(MSR_TSC_DEADLINE, machine.tsc());
        int _ = first.serve();
        first.apic.lint0().raise();
        int _ = first.take();
        first.apic.lint0().lower();
        boolean _ = machine.fabric.send(DeliveryMode.NMI, 0, 0, false, false);
        int _ = first.apic.takeEvents(~0);
    }

    /** Devices and processors send at once: each vector that was set is seen, and each that is seen was set. */
    @Test
    void manyThreadsSendAtOnce() throws InterruptedException {
        int senders = 4;
        int rounds = 20_000;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            int vector = 0x40 + 0x31 * i;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int round = 0; round < rounds; round++) {
                    boolean _ = machine.fabric.send(DeliveryMode.FIXED, vector, 2, false, round % 2 == 0);
                    boolean _ = machine.fabric.send(DeliveryMode.NMI, 0, 2, false, false);
                }
            }));
        }
        Cpu receiver = machine.cpu(2);
        int[] seen = new int[256];
        int nmis = 0;
        boolean alive = true;
        while (alive) {
            alive = threads.stream().anyMatch(Thread::isAlive);
            int vector = receiver.serve();
            while (vector >= 0) {
                seen[vector]++;
                vector = receiver.serve();
            }
            nmis += receiver.apic.takeEvents(~0) == LocalApic.EVENT_NMI ? 1 : 0;
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (int vector = 0; vector < 256; vector++) {
            boolean sent = vector >= 0x40 && (vector - 0x40) % 0x31 == 0 && vector < 0x40 + 0x31 * senders;
            assertEquals(sent, seen[vector] > 0, "vector " + vector);
            assertTrue(seen[vector] <= rounds);
        }
        assertTrue(nmis > 0 && nmis <= senders * rounds);
        assertEquals(-1, receiver.serve());
    }

    /** Which processors have an interrupt, which they serve. */
    private String served() {
        StringBuilder reached = new StringBuilder();
        for (Cpu cpu : machine.cpus) {
            reached.append(cpu.serve() >= 0 ? '1' : '0');
        }
        return reached.toString();
    }

    private static void ipi(Cpu sender, int destination, int command) {
        sender.set(ICR_HIGH, destination << 24);
        sender.set(ICR, command);
    }

    private static void x2apicIpi(Cpu sender, long destination, int command) {
        assertTrue(sender.access.writeMsr(MSR_X2APIC + ICR, destination << 32 | command));
    }
}
