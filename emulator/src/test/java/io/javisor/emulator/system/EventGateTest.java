package io.javisor.emulator.system;

import static io.javisor.emulator.system.SystemFixture.CODE0;
import static io.javisor.emulator.system.SystemFixture.INTERRUPT_GATE32;
import static io.javisor.emulator.system.SystemFixture.TRAP_GATE32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SDM vol. 3A table 6-2, §6.8.3, §9.4.3; vol. 3B §18.3.1. */
class EventGateTest {
    private static final int DB_HANDLER = 0x1000;
    private static final int NMI_HANDLER = 0x2000;
    private static final int IRQ_HANDLER = 0x3000;

    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;
    private final Events events = new Events();
    private final Attention attention = new Attention(cpu);
    private EventGate gate = gate(true);

    private EventGate gate(boolean boot) {
        return new EventGate(
                new SystemContext(cpu, f.fixture.linear, f.fixture.mmu), f.unit, events, attention, boot, 0x60FB0);
    }

    @BeforeEach
    void handlers() {
        f.protectedMode(0);
        f.idt(1, CODE0, DB_HANDLER, INTERRUPT_GATE32, 0);
        f.idt(2, CODE0, NMI_HANDLER, INTERRUPT_GATE32, 0);
        f.idt(0x30, CODE0, IRQ_HANDLER, INTERRUPT_GATE32, 0);
    }

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void nothingToDo() {
        assertEquals(EventGate.EXECUTE, gate.before());
        assertEquals(0x7000, cpu.rip());
        assertEquals(0, events.polls);
    }

    @Test
    void eventsComeInOrder() {
        events.pending = ProcessorEvents.NMI;
        events.interrupts.add(0x30);
        f.unit.debug().noteStep();
        gate.before();
        // The last one delivered is on top: NMI over #DB; the interrupt waits for IF.
        assertEquals(NMI_HANDLER, cpu.rip());
        assertEquals(DB_HANDLER, f.frame(4, 1)[0]);
        assertEquals(1, events.interrupts.size());
    }

    @Test
    void initComesBeforeTrapsAndNmiButAfterATaskSwitchsTrap() {
        events.pending = ProcessorEvents.INIT | ProcessorEvents.NMI;
        cpu.setRflags(cpu.rflags() & ~Bits.IF);
        f.unit.debug().noteStep();
        gate.before();
        assertFalse(cpu.protectedMode());
        assertEquals(0, cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET));
    }

    @Test
    void interruptsWaitForTheFlagAndTheShadow() {
        events.interrupts.add(0x30);
        cpu.setRflags(Bits.RFLAGS_FIXED);
        gate.before();
        assertEquals(0x7000, cpu.rip());
        f.unit.flags().setInterruptFlag();
        gate.retired();
        assertEquals(EventGate.EXECUTE, gate.before());
        assertEquals(0x7000, cpu.rip(), "one more instruction");
        gate.retired();
        gate.before();
        assertEquals(IRQ_HANDLER, cpu.rip());
    }

    @Test
    void movSsHoldsTrapsAndNmisBackForOneInstruction() {
        events.pending = ProcessorEvents.NMI;
        cpu.setShadow(CpuBlock.SHADOW_MOV_SS);
        f.unit.debug().noteStep();
        gate.before();
        assertEquals(0x7000, cpu.rip());
        gate.retired();
        gate.before();
        assertEquals(NMI_HANDLER, cpu.rip());
        assertEquals(DB_HANDLER, f.frame(4, 1)[0]);
    }

    @Test
    void nmisWaitForIret() {
        events.pending = ProcessorEvents.NMI;
        gate.before();
        assertEquals(NMI_HANDLER, cpu.rip());
        events.pending = ProcessorEvents.NMI;
        gate.before();
        assertEquals(ProcessorEvents.NMI, events.pending);
        f.unit.interruptReturn().iret(4, 0);
        gate.returned();
        gate.before();
        assertEquals(0, events.pending);
        assertEquals(NMI_HANDLER, cpu.rip());
    }

    @Test
    void anInterruptThatWasWithdrawnIsNone() {
        events.interrupts.add(ProcessorEvents.NONE);
        assertEquals(EventGate.EXECUTE, gate.before());
        assertEquals(0x7000, cpu.rip());
    }

    @Test
    void singleStepsTrapAfterTheInstructionThatBeganWithTheFlag() {
        cpu.setRflags(cpu.rflags() | Bits.TF);
        gate.before();
        cpu.setRip(0x7001);
        cpu.setRflags(cpu.rflags() & ~Bits.TF); // POPF clears it: still one trap
        gate.retired();
        gate.before();
        assertEquals(DB_HANDLER, cpu.rip());
        assertEquals(0x7001, f.frame(4, 1)[0]);
        gate.retired();
        gate.before();
        assertEquals(DB_HANDLER, cpu.rip());
    }

    @Test
    void softwareInterruptsAreNotStepped() {
        f.idt(0x40, CODE0, 0x4000, TRAP_GATE32, 0);
        cpu.setRflags(cpu.rflags() | Bits.TF);
        gate.before();
        f.unit.exceptions().software(0x40, 0x7002);
        gate.interrupted();
        gate.before();
        assertEquals(0x4000, cpu.rip());
    }

    @Test
    void resumeHidesACodeBreakpointForOneInstruction() {
        f.unit.debug().write(0, 0x7000);
        f.unit.debug().write(7, 2);
        gate.before();
        assertEquals(DB_HANDLER, cpu.rip());
        gate.retired();
        cpu.setGpr(CpuBlock.RSP, cpu.gpr(CpuBlock.RSP) + 12);
        f.push(4, 0x7000, CODE0, Bits.RF | Bits.IF | 2);
        f.unit.interruptReturn().iret(4, 0);
        gate.returned();
        assertEquals(EventGate.EXECUTE, gate.before());
        assertEquals(0x7000, cpu.rip());
        gate.retired();
        assertFalse(cpu.flag(Bits.RF));
        gate.before();
        assertEquals(DB_HANDLER, cpu.rip());
    }

    @Test
    void haltEndsWithAnInterruptOnly() {
        f.unit.miscellany().halt();
        gate.retired();
        assertEquals(EventGate.PARK, gate.before());
        assertEquals(EventGate.PARK, gate.before());
        events.interrupts.add(0x30);
        attention.raise();
        gate.park();
        assertEquals(EventGate.EXECUTE, gate.before());
        assertEquals(IRQ_HANDLER, cpu.rip());
        assertTrue(events.polls > 0);
    }

    @Test
    void haltWithTheTimerIsBoundedByItAndWithoutInterruptsByNothing() {
        f.unit.miscellany().halt();
        gate.before();
        events.timer = 1;
        gate.park(); // ends by itself
        assertEquals(1, events.polls);
        cpu.setRflags(Bits.RFLAGS_FIXED);
        events.timer = 0;
        attention.raise();
        gate.park();
        assertEquals(2, events.polls);
        assertEquals(EventGate.PARK, gate.before());
    }

    @Test
    void shutdownEndsEverything() {
        cpu.putInt(StateLayout.IDTR_LIMIT_OFFSET, 0);
        events.pending = ProcessorEvents.NMI;
        assertEquals(EventGate.SHUTDOWN, gate.before());
        events.pending = ProcessorEvents.NMI | ProcessorEvents.INIT;
        assertEquals(EventGate.SHUTDOWN, gate.before());
    }

    @Test
    void otherProcessorsWaitForAStartUpAfterInit() {
        gate = gate(false);
        events.pending = ProcessorEvents.INIT | ProcessorEvents.NMI;
        assertEquals(EventGate.PARK, gate.before());
        assertEquals(CpuBlock.WAIT_FOR_SIPI, cpu.activity());
        events.pending = ProcessorEvents.STARTUP;
        events.startUpVector = 0x9A;
        assertEquals(EventGate.EXECUTE, gate.before());
        assertEquals(0x9A000, cpu.base(CpuBlock.CS));
        events.pending = ProcessorEvents.STARTUP;
        gate.before();
        assertEquals(0, events.pending, "it runs: dropped");
        assertEquals(0, cpu.rip());
    }

    @Test
    void theBootProcessorStartsAgainAfterInit() {
        events.pending = ProcessorEvents.INIT;
        assertEquals(EventGate.EXECUTE, gate.before());
        assertEquals(0xFFF0, cpu.rip());
        assertEquals(0x60FB0, cpu.gpr(CpuBlock.RDX));
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void aRaiseBeforeOrDuringTheWaitEndsIt() throws InterruptedException {
        attention.raise();
        attention.await(Attention.NEVER);
        assertTrue(attention.take());
        assertFalse(attention.take());
        for (int i = 0; i < 200; i++) {
            CountDownLatch begun = new CountDownLatch(1);
            Thread raiser = Thread.ofPlatform().start(() -> {
                begun.countDown();
                attention.raise();
            });
            begun.await();
            attention.await(Attention.NEVER);
            assertTrue(attention.take());
            raiser.join();
        }
    }

    private static final class Events implements ProcessorEvents {
        int pending;
        int startUpVector;
        int polls;
        long timer = Attention.NEVER;
        final Deque<Integer> interrupts = new ArrayDeque<>();

        @Override
        public void poll() {
            polls++;
        }

        @Override
        public boolean isPending(int which) {
            return (pending & which) != 0;
        }

        @Override
        public boolean take(int event) {
            boolean was = isPending(event);
            pending &= ~event;
            return was;
        }

        @Override
        public int startUpVector() {
            return startUpVector;
        }

        @Override
        public boolean interruptPending() {
            return !interrupts.isEmpty();
        }

        @Override
        public int acknowledge() {
            return interrupts.remove();
        }

        @Override
        public long nanosToTimer() {
            return timer;
        }
    }
}
