package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.apic.TestCpus.Cpu;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApicTimerTest {
    private static final int VECTOR = 0xEC;
    private static final int PERIODIC = 1 << LVT_TIMER_MODE_SHIFT;
    private static final int DEADLINE = 2 << LVT_TIMER_MODE_SHIFT;
    private static final int DIVIDE_BY_1 = 0xB;

    private final TestCpus machine = new TestCpus(0);
    private final Cpu cpu = machine.cpu(0);

    @BeforeEach
    void enable() {
        cpu.enable();
        cpu.set(DIVIDE, DIVIDE_BY_1);
    }

    @ParameterizedTest
    @CsvSource({"0x0, 2", "0x1, 4", "0x2, 8", "0x3, 16", "0x8, 32", "0x9, 64", "0xA, 128", "0xB, 1"})
    void aOneShotComesOnceAfterItsCount(String register, int divisor) {
        cpu.set(DIVIDE, Integer.decode(register));
        cpu.set(LVT_TIMER, VECTOR);
        cpu.set(INITIAL_COUNT, 1000);
        assertEquals(1000L * divisor, cpu.timerDue);
        machine.nanos += 400L * divisor;
        assertEquals(600, cpu.get(CURRENT_COUNT));
        assertEquals(600L * divisor, cpu.apic.nanosToTimer());
        machine.nanos += 600L * divisor - 1;
        assertEquals(-1, cpu.serve());
        machine.nanos++;
        assertEquals(VECTOR, cpu.serve());
        assertEquals(0, cpu.get(CURRENT_COUNT));
        assertEquals(1000, cpu.get(INITIAL_COUNT));
        assertEquals(ApicOwner.NEVER, cpu.timerDue);
        machine.nanos += 1_000_000_000;
        assertEquals(-1, cpu.serve());
    }

    @Test
    void aPeriodicTimerKeepsItsBeat() {
        cpu.set(LVT_TIMER, VECTOR | PERIODIC);
        cpu.set(INITIAL_COUNT, 1_000_000);
        for (int i = 0; i < 10; i++) {
            machine.nanos += cpu.timerDue + i; // the host is late now and then
            assertEquals(VECTOR, cpu.serve());
            assertEquals(1_000_000 - i, cpu.timerDue);
            assertEquals(1_000_000 - i, cpu.get(CURRENT_COUNT));
        }
        machine.nanos += 5_500_000;
        assertEquals(VECTOR, cpu.serve());
        assertEquals(-1, cpu.serve());
        assertEquals(4, cpu.access.counters().missedPeriods());
        assertEquals(11, cpu.access.counters().timerExpiries());
    }

    @Test
    void theShortestPeriodIsBounded() {
        cpu.set(LVT_TIMER, VECTOR | PERIODIC);
        cpu.set(INITIAL_COUNT, 1);
        int served = 0;
        for (int i = 0; i < 10_000; i++) {
            machine.nanos += 100;
            served += cpu.serve() == VECTOR ? 1 : 0;
            assertTrue(cpu.timerDue > 0 || cpu.apic.nanosToTimer() == 0);
        }
        assertEquals(1_000_000 / ApicTimer.MIN_PERIOD_NANOS, (double) served, 1);
    }

    @Test
    void aCountOf0Stops() {
        cpu.set(LVT_TIMER, VECTOR | PERIODIC);
        cpu.set(INITIAL_COUNT, 1000);
        cpu.set(INITIAL_COUNT, 0);
        assertEquals(ApicOwner.NEVER, cpu.timerDue);
        machine.nanos += 10_000;
        assertEquals(-1, cpu.serve());
    }

    @Test
    void maskedItCountsAndWakesNobody() {
        cpu.set(LVT_TIMER, VECTOR | LVT_MASKED);
        cpu.set(INITIAL_COUNT, 1000);
        assertEquals(ApicOwner.NEVER, cpu.timerDue);
        machine.nanos += 600;
        assertEquals(400, cpu.get(CURRENT_COUNT));
        cpu.set(LVT_TIMER, VECTOR);
        assertEquals(400, cpu.timerDue);
        cpu.set(LVT_TIMER, VECTOR | LVT_MASKED);
        machine.nanos += 500;
        cpu.set(LVT_TIMER, VECTOR);
        assertEquals(-1, cpu.serve(), "it expired while it was masked");
    }

    @Test
    void anotherDivisorTakesTheCountThatIsLeft() {
        cpu.set(LVT_TIMER, VECTOR);
        cpu.set(INITIAL_COUNT, 1000);
        machine.nanos += 600;
        cpu.set(DIVIDE, 0x3);
        assertEquals(400, cpu.get(CURRENT_COUNT));
        assertEquals(6400, cpu.timerDue);
    }

    @Test
    void oneShotBecomesPeriodicOnItsWay() {
        cpu.set(LVT_TIMER, VECTOR);
        cpu.set(INITIAL_COUNT, 100_000);
        machine.nanos += 60_000;
        cpu.set(LVT_TIMER, VECTOR | PERIODIC);
        assertEquals(40_000, cpu.timerDue);
        machine.nanos += 40_000;
        assertEquals(VECTOR, cpu.serve());
        assertEquals(100_000, cpu.timerDue);
    }

    @Test
    void theDeadlineIsOneOfTheTsc() {
        cpu.set(LVT_TIMER, VECTOR | DEADLINE);
        deadline(machine.tsc() + 5000);
        assertEquals(5000, cpu.timerDue);
        assertEquals(machine.tsc() + 5000, cpu.access.readMsr(MSR_TSC_DEADLINE));
        machine.nanos += 4999;
        assertEquals(-1, cpu.serve());
        machine.nanos++;
        assertEquals(VECTOR, cpu.serve());
        assertEquals(0, cpu.access.readMsr(MSR_TSC_DEADLINE));
        assertEquals(ApicOwner.NEVER, cpu.timerDue);
        deadline(1);
        assertEquals(0, cpu.timerDue, "one that is past comes at once");
        assertEquals(VECTOR, cpu.serve());
        deadline(-1L);
        assertEquals(Long.MAX_VALUE, cpu.timerDue, "centuries away");
        deadline(0);
        assertEquals(ApicOwner.NEVER, cpu.timerDue);
    }

    @Test
    void theDeadlineComesNearerAsTheTscJumps() {
        cpu.set(LVT_TIMER, VECTOR | DEADLINE);
        deadline(machine.tsc() + 5000);
        machine.tscAhead += 3000;
        cpu.apic.timeStampCounterMoved();
        assertEquals(2000, cpu.timerDue);
        machine.tscAhead -= 4000;
        cpu.apic.timeStampCounterMoved();
        assertEquals(6000, cpu.timerDue);
        machine.tscAhead += 6000;
        cpu.apic.timeStampCounterMoved();
        assertEquals(VECTOR, cpu.serve());
        assertEquals(ApicOwner.NEVER, cpu.timerDue);
    }

    @Test
    void deadlineAndCountAreOfTheirModesOnly() {
        cpu.set(LVT_TIMER, VECTOR);
        deadline(machine.tsc() + 10);
        assertEquals(0, cpu.access.readMsr(MSR_TSC_DEADLINE));
        cpu.set(INITIAL_COUNT, 1000);
        cpu.set(LVT_TIMER, VECTOR | DEADLINE);
        assertEquals(0, cpu.get(INITIAL_COUNT));
        assertEquals(ApicOwner.NEVER, cpu.timerDue);
        cpu.set(INITIAL_COUNT, 1000);
        assertEquals(0, cpu.get(INITIAL_COUNT));
        assertEquals(0, cpu.get(CURRENT_COUNT));
        deadline(machine.tsc() + 10);
        cpu.set(LVT_TIMER, VECTOR);
        machine.nanos += 100;
        assertEquals(-1, cpu.serve());
    }

    @Test
    void theReservedModeNeverExpires() {
        cpu.set(LVT_TIMER, VECTOR | 3 << LVT_TIMER_MODE_SHIFT);
        cpu.set(INITIAL_COUNT, 1000);
        deadline(1);
        machine.nanos += 10_000;
        assertEquals(-1, cpu.serve());
        assertEquals(ApicOwner.NEVER, cpu.timerDue);
    }

    private void deadline(long tsc) {
        assertTrue(cpu.access.writeMsr(MSR_TSC_DEADLINE, tsc));
    }
}
