package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.irq.DeliveryMode;
import io.javisor.emulator.apic.TestCpus.Cpu;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalApicTest {
    private final TestCpus machine = new TestCpus(0, 1);
    private final Cpu cpu = machine.cpu(0);
    private final LocalApic apic = cpu.apic;

    @Test
    void afterPowerOnItIsDisabledBySoftware() {
        assertEquals(0xFF, cpu.get(SVR));
        assertFalse(fixed(0x40));
        assertEquals(-1, cpu.take());
        assertEquals(DEFAULT_BASE_GPA | BASE_ENABLED | BASE_BSP, cpu.access.readMsr(MSR_APIC_BASE));
        assertEquals(DEFAULT_BASE_GPA | BASE_ENABLED, machine.cpu(1).access.readMsr(MSR_APIC_BASE));
        assertEquals(0x700, cpu.get(LVT_LINT0), "virtual wire");
        assertEquals(LVT_MASKED, machine.cpu(1).get(LVT_LINT0));
        cpu.enable();
        assertTrue(fixed(0x40));
        assertEquals(1, cpu.kicks);
        assertEquals(0x40, cpu.serve());
    }

    @Test
    void theHighestVectorComesFirst() {
        cpu.enable();
        for (int vector : new int[] {0x41, 0xF0, 0x10, 0x80}) {
            assertTrue(fixed(vector));
        }
        assertEquals(0xF0, cpu.serve());
        assertEquals(0x80, cpu.serve());
        assertEquals(0x41, cpu.serve());
        assertEquals(0x10, cpu.serve());
        assertEquals(-1, cpu.serve());
        assertEquals(4, cpu.access.counters().interrupts());
    }

    @Test
    void whatIsInServiceHoldsItsClassBack() {
        cpu.enable();
        fixed(0x45);
        assertEquals(0x45, cpu.take());
        assertEquals(0x40, cpu.get(PPR));
        fixed(0x4F);
        assertEquals(-1, cpu.take(), "the same class");
        fixed(0x50);
        assertEquals(0x50, cpu.take());
        assertEquals(1 << 0x45 % 32, cpu.get(ISR + 2) & 1 << 0x45 % 32);
        assertEquals(1 << 0x10, cpu.get(ISR + 2) & 1 << 0x10);
        cpu.set(EOI, 0);
        assertEquals(-1, cpu.take());
        cpu.set(EOI, 0);
        assertEquals(0x4F, cpu.take());
    }

    @Test
    void theSameVectorIsPendingOnceMoreWhileItIsServed() {
        cpu.enable();
        fixed(0x60);
        assertEquals(0x60, cpu.take());
        fixed(0x60);
        fixed(0x60);
        cpu.set(EOI, 0);
        assertEquals(0x60, cpu.serve());
        assertEquals(-1, cpu.serve());
    }

    @ParameterizedTest
    @CsvSource({"0x3F, 0x40, true", "0x40, 0x4F, false", "0x4F, 0x50, true", "0xFF, 0xFF, false", "0x00, 0x10, true"})
    void taskPriorityHoldsBack(int tpr, int vector, boolean comes) {
        cpu.enable();
        cpu.set(TPR, tpr);
        assertEquals(tpr, cpu.get(PPR));
        fixed(vector);
        assertEquals(comes ? vector : -1, cpu.take());
        cpu.set(TPR, 0);
        assertEquals(comes ? -1 : vector, cpu.take());
    }

    @Test
    void cr8IsTheTaskPrioritysClass() {
        apic.setCr8(7);
        assertEquals(0x70, cpu.get(TPR));
        cpu.set(TPR, 0xA5);
        assertEquals(0xA, apic.cr8());
        apic.setCr8(0x123);
        assertEquals(3, apic.cr8());
    }

    @Test
    void anInterruptThatIsHeldBackBetweenIsSpurious() {
        cpu.enable();
        fixed(0x40);
        assertTrue(apic.interruptPending());
        cpu.set(TPR, 0xF0);
        assertEquals(0xFF, apic.acknowledge());
        assertEquals(-1, new TestBits(cpu, ISR).highest());
        cpu.set(TPR, 0);
        assertEquals(0x40, apic.acknowledge());
    }

    @Test
    void levelsAreEndedOnTheIoApicsToo() {
        cpu.enable();
        machine.fabric.send(DeliveryMode.FIXED, 0x51, 0, false, true);
        fixed(0x61);
        assertEquals(0x61, cpu.serve());
        assertEquals(List.of(), machine.ended);
        assertEquals(0x51, cpu.take());
        assertEquals(0x51, new TestBits(cpu, TMR).highest());
        cpu.set(EOI, 0);
        assertEquals(List.of(0x51), machine.ended);
        fixed(0x51);
        assertEquals(0x51, cpu.serve());
        assertEquals(1, machine.ended.size(), "an edge this time");
        cpu.set(EOI, 0);
        assertEquals(1, machine.ended.size(), "nothing in service");
    }

    @Test
    void vectorsBelow16AreErrors() {
        cpu.enable();
        cpu.set(LVT_ERROR, 0x90);
        assertFalse(fixed(0x0F));
        assertEquals(0x90, cpu.serve());
        assertEquals(0, cpu.get(ESR), "not yet latched");
        cpu.set(ESR, 0);
        assertEquals(ESR_RECEIVE_ILLEGAL_VECTOR, cpu.get(ESR));
        cpu.set(ESR, 0);
        assertEquals(0, cpu.get(ESR));
    }

    @Test
    void theErrorInterruptComesOnceAWriteOfEsr() {
        cpu.enable();
        cpu.set(LVT_ERROR, 0x90);
        cpu.set(0x3D, 0);
        cpu.set(0x3D, 0);
        assertEquals(0x90, cpu.serve());
        assertEquals(-1, cpu.serve());
        cpu.set(ESR, 0);
        assertEquals(ESR_ILLEGAL_REGISTER, cpu.get(ESR));
        cpu.set(0x3D, 0);
        assertEquals(0x90, cpu.serve());
        cpu.set(ESR, 0);
        cpu.set(LVT_ERROR, 0x05);
        cpu.set(0x3D, 0);
        assertEquals(-1, cpu.serve(), "an error's own illegal vector is silent");
        cpu.set(ESR, 0);
        assertEquals(ESR_ILLEGAL_REGISTER, cpu.get(ESR));
    }

    @Test
    void softwareDisableMasksTheLvtAndKeepsWhatIsPending() {
        cpu.enable();
        cpu.set(LVT_TIMER, 0x40);
        fixed(0x70);
        cpu.set(SVR, 0x0FF);
        assertEquals(0x40 | LVT_MASKED, cpu.get(LVT_TIMER));
        cpu.set(LVT_TIMER, 0x41);
        assertEquals(0x41 | LVT_MASKED, cpu.get(LVT_TIMER));
        assertFalse(fixed(0x71));
        assertEquals(0x70, cpu.serve());
        assertTrue(machine.fabric.send(DeliveryMode.NMI, 0, 0, false, false), "others still come");
        assertTrue(apic.eventPending(LocalApic.EVENT_NMI));
    }

    @Test
    void globalDisableForgetsAllAndTurnsThePinsIntoIntrAndNmi() {
        cpu.enable();
        fixed(0x70);
        assertTrue(cpu.access.writeMsr(MSR_APIC_BASE, DEFAULT_BASE_GPA));
        assertFalse(apic.isXapic() || apic.isX2apic());
        assertEquals(-1, cpu.take());
        assertFalse(machine.fabric.send(DeliveryMode.NMI, 0, 0, false, false));
        apic.lint0().raise();
        assertEquals(0x30, cpu.take());
        apic.lint0().lower();
        assertEquals(-1, cpu.take());
        apic.lint1().raise();
        apic.poll();
        assertEquals(LocalApic.EVENT_NMI, apic.takeEvents(LocalApic.EVENT_NMI));
        assertTrue(cpu.access.writeMsr(MSR_APIC_BASE, DEFAULT_BASE_GPA | BASE_ENABLED));
        assertEquals(0xFF, cpu.get(SVR));
    }

    @ParameterizedTest
    @CsvSource({
        "0xC00, true, true",
        "0x800, true, false",
        "0x400, false, false",
        "0x000, true, false",
        "0x900, true, false",
        "0x801, false, false",
        "0xA00, false, false",
        "0xD00, true, true"
    })
    void modesFromXapic(int flags, boolean legal, boolean x2apic) {
        assertEquals(legal, cpu.access.writeMsr(MSR_APIC_BASE, DEFAULT_BASE_GPA | flags));
        assertEquals(x2apic, apic.isX2apic());
        assertEquals(legal ? DEFAULT_BASE_GPA | flags : DEFAULT_BASE_GPA | 0x900, cpu.access.readMsr(MSR_APIC_BASE));
    }

    @Test
    void modesFromX2apicAndFromDisabled() {
        cpu.enableX2apic();
        assertFalse(cpu.access.writeMsr(MSR_APIC_BASE, DEFAULT_BASE_GPA | BASE_ENABLED), "back to xAPIC");
        assertTrue(cpu.access.writeMsr(MSR_APIC_BASE, DEFAULT_BASE_GPA));
        assertFalse(cpu.access.writeMsr(MSR_APIC_BASE, DEFAULT_BASE_GPA | BASE_ENABLED | BASE_X2APIC));
        assertTrue(cpu.access.writeMsr(MSR_APIC_BASE, 0x1_2345_6000L | BASE_ENABLED));
        assertEquals(0x1_2345_6000L, apic.baseGpa());
        assertTrue(apic.isXapic());
    }

    @Test
    void externalInterruptsComeByLint0() {
        apic.lint0().raise();
        assertEquals(1, cpu.kicks);
        assertEquals(0x30, cpu.take());
        assertEquals(0x30, cpu.take(), "as long as the 8259A asks");
        apic.lint0().lower();
        assertEquals(-1, cpu.take());
        cpu.enable();
        apic.lint0().raise();
        fixed(0x90);
        assertEquals(0x30, cpu.take(), "before the APIC's own");
        cpu.set(LVT_LINT0, 0x1_0700);
        assertEquals(0x90, cpu.take());
        cpu.set(LVT_LINT0, 0x700);
        assertEquals(0x30, cpu.take());
        assertEquals(4, machine.picCycles);
        assertEquals(4, cpu.access.counters().externalInterrupts());
    }

    @Test
    void anExtIntMessageIsTakenOnce() {
        cpu.enable();
        cpu.set(LVT_LINT0, LVT_MASKED);
        assertTrue(machine.fabric.send(DeliveryMode.EXTINT, 0x77, 0, false, false));
        assertEquals(0x30, cpu.take());
        assertEquals(-1, cpu.take());
    }

    @Test
    void lint0AsAFixedEdgeAndAsALevel() {
        cpu.enable();
        cpu.set(LVT_LINT0, 0x55);
        apic.lint0().raise();
        apic.lint0().raise();
        assertEquals(0x55, cpu.serve());
        assertEquals(-1, cpu.serve());
        cpu.set(LVT_LINT0, 0x55 | LVT_LEVEL);
        assertEquals(0x55, cpu.take(), "it is high");
        assertEquals(LVT_REMOTE_IRR, cpu.get(LVT_LINT0) & LVT_REMOTE_IRR);
        cpu.set(EOI, 0);
        assertEquals(0x55, cpu.take());
        apic.lint0().lower();
        cpu.set(EOI, 0);
        assertEquals(-1, cpu.take());
        assertEquals(0, cpu.get(LVT_LINT0) & LVT_REMOTE_IRR);
        apic.lint0().pulse();
        assertEquals(-1, cpu.take(), "a level that is gone");
    }

    @Test
    void lint1AsNmi() {
        cpu.enable();
        cpu.set(LVT_LINT1, 0x400);
        apic.lint1().pulse();
        apic.poll();
        assertEquals(LocalApic.EVENT_NMI, apic.takeEvents(~0));
        cpu.set(LVT_LINT1, 0x1_0400);
        apic.lint1().raise();
        apic.poll();
        assertEquals(0, apic.takeEvents(~0));
    }

    @Test
    void eventsAreTakenAskedForOnly() {
        for (DeliveryMode mode : List.of(DeliveryMode.NMI, DeliveryMode.SMI, DeliveryMode.INIT, DeliveryMode.STARTUP)) {
            assertTrue(machine.fabric.send(mode, 0x9A, 0, false, false));
        }
        assertEquals(LocalApic.EVENT_INIT, apic.takeEvents(LocalApic.EVENT_INIT));
        assertEquals(LocalApic.EVENT_STARTUP | 0x9A00, apic.takeEvents(LocalApic.EVENT_STARTUP));
        assertFalse(apic.eventPending(LocalApic.EVENT_INIT | LocalApic.EVENT_STARTUP));
        assertEquals(LocalApic.EVENT_NMI | LocalApic.EVENT_SMI, apic.takeEvents(~0));
        assertEquals(0, apic.takeEvents(~0));
        assertEquals(4, cpu.kicks);
    }

    /** Else a processor that is to be started again, and looks for a start-up IPI first, would never start. */
    @Test
    void aStartupIpiWaitsForTheInitBeforeIt() {
        machine.fabric.send(DeliveryMode.INIT, 0, 0, false, false);
        machine.fabric.send(DeliveryMode.STARTUP, 0x9A, 0, false, false);
        assertEquals(0, apic.takeEvents(LocalApic.EVENT_STARTUP));
        assertEquals(LocalApic.EVENT_INIT, apic.takeEvents(LocalApic.EVENT_INIT));
        assertEquals(LocalApic.EVENT_STARTUP | 0x9A00, apic.takeEvents(LocalApic.EVENT_STARTUP));
    }

    @Test
    void anInitForgetsAStartupIpiBeforeIt() {
        machine.fabric.send(DeliveryMode.STARTUP, 0x9A, 0, false, false);
        machine.fabric.send(DeliveryMode.INIT, 0, 0, false, false);
        assertEquals(LocalApic.EVENT_INIT, apic.takeEvents(~0));
        machine.fabric.send(DeliveryMode.STARTUP, 0xF0, 0, false, false);
        machine.fabric.send(DeliveryMode.STARTUP, 0x0F, 0, false, false);
        assertEquals(LocalApic.EVENT_STARTUP | 0x0F00, apic.takeEvents(~0));
    }

    @Test
    void initKeepsIdAndBase() {
        Cpu other = machine.cpu(1);
        other.enableX2apic();
        other.enable();
        other.set(TPR, 0x20);
        other.apic.receive(DeliveryMode.FIXED, 0x44, true);
        other.apic.init();
        assertTrue(other.apic.isX2apic());
        assertEquals(0xFF, other.get(SVR));
        assertEquals(0, other.get(TPR));
        assertEquals(2, other.get(LDR));
        assertEquals(-1, new TestBits(other, IRR).highest());
        assertEquals(-1, new TestBits(other, TMR).highest());
        other.apic.reset();
        assertTrue(other.apic.isXapic());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stateGoesOnElsewhere(boolean x2apic) {
        cpu.enable();
        if (x2apic) {
            cpu.enableX2apic();
        } else {
            cpu.set(LDR, 0x4400_0000);
            cpu.set(DFR, 0x0FFF_FFFF);
        }
        machine.fabric.send(DeliveryMode.FIXED, 0x81, 0, false, true);
        assertEquals(0x81, cpu.take());
        fixed(0x91);
        fixed(0x22);
        cpu.set(TPR, 0x15);
        apic.lint1().raise();
        machine.fabric.send(DeliveryMode.STARTUP, 0x9A, 0, false, false);
        fixed(3);
        cpu.set(LVT_TIMER, 0x2_0033);
        cpu.set(DIVIDE, 0xB);
        cpu.set(INITIAL_COUNT, 1000);
        machine.nanos += 300;
        ApicState state = apic.save();
        Cpu other = new TestCpus(0).cpu(0);
        other.apic.restore(state);
        assertEquals(state, other.apic.save());
        assertEquals(700, other.timerDue);
        assertEquals(700, other.get(CURRENT_COUNT));
        assertEquals(0x91, other.serve());
        other.set(EOI, 0);
        assertEquals(0x22, other.serve());
        assertEquals(LocalApic.EVENT_STARTUP | 0x9A00, other.apic.takeEvents(~0));
        other.set(ESR, 0);
        assertEquals(ESR_RECEIVE_ILLEGAL_VECTOR, other.get(ESR));
    }

    @Test
    void statesThatCannotBeAreRefused() {
        ApicState s = apic.save();
        assertRefused(2, s.base(), 0, s.svr(), s.lvt(), s.irr(), s.timer());
        assertRefused(1, BASE_X2APIC, 0, s.svr(), s.lvt(), s.irr(), s.timer());
        assertRefused(1, 1, 0, s.svr(), s.lvt(), s.irr(), s.timer());
        assertRefused(1, s.base(), 256, s.svr(), s.lvt(), s.irr(), s.timer());
        assertRefused(1, s.base(), 0, 0x1000, s.lvt(), s.irr(), s.timer());
        assertRefused(1, s.base(), 0, s.svr(), s.lvt().subList(1, 6), s.irr(), s.timer());
        assertRefused(1, s.base(), 0, s.svr(), List.of(1 << 12, 0, 0, 0, 0, 0), s.irr(), s.timer());
        assertRefused(1, s.base(), 0, s.svr(), List.of(1 << 17, 0, 0, 0, 0, 0), s.irr(), s.timer());
        assertRefused(1, s.base(), 0, s.svr(), s.lvt(), List.of(1L, 0L, 0L, 0L), s.timer());
        assertRefused(1, s.base(), 0, s.svr(), s.lvt(), List.of(0L, 0L, 0L), s.timer());
        assertThrows(IllegalArgumentException.class, () -> new ApicState.Timer(4, 0, 0, false, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new ApicState.Timer(0, 4, 0, false, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new ApicState.Timer(0, 0, 1, false, 2, 0));
        assertThrows(IllegalArgumentException.class, () -> new ApicState.Timer(1, 0, 0, true, 0, 0));
    }

    private static void assertRefused(
            int version, long base, int tpr, int svr, List<Integer> lvt, List<Long> irr, ApicState.Timer timer) {
        List<Long> none = List.of(0L, 0L, 0L, 0L);
        assertThrows(
                IllegalArgumentException.class,
                () -> new ApicState(
                        version, base, tpr, 0, 0, svr, 0, 0, false, 0, lvt, 0, 0, 0, irr, none, none, timer));
    }

    private boolean fixed(int vector) {
        return machine.fabric.send(DeliveryMode.FIXED, vector, 0, false, false);
    }

    /** Eight registers of 32 vectors. */
    private record TestBits(Cpu cpu, int index) {
        int highest() {
            for (int vector = 255; vector >= 0; vector--) {
                if ((cpu.get(index + vector / 32) >>> vector % 32 & 1) != 0) {
                    return vector;
                }
            }
            return -1;
        }
    }
}
