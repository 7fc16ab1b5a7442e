package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.RunState;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.HeldDevice;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.TestReporter;

/** A vCPU is parked and resumed wherever it is: in a loop, in an exit, asleep. */
class PauseTest {
    private static final long COUNTER_GPA = 0xA000;

    private static final String COUNT_REAL = """
        1000: 66 ff 06 00 a0         ; inc DWORD PTR ds:0xa000
        1005: eb f9                  ; jmp 0x1000
        """;

    private static final String COUNT_LONG = """
        1000: ff 04 25 00 a0 00 00   ; inc DWORD PTR ds:0xa000
        1007: eb f7                  ; jmp 0x1000
        """;

    private static TinyGuest countInRealMode(EngineProvider engine) {
        return TinyGuest.realMode(engine).code(COUNT_REAL).build();
    }

    private static TinyGuest countInLongMode(EngineProvider engine) {
        return TinyGuest.longMode(engine).code(COUNT_LONG).build();
    }

    /** At privilege level 3 the guest runs on the processor, with no exit by itself, by every KVM. */
    private static TinyGuest countInUserMode(EngineProvider engine) {
        return TinyGuest.userMode(engine).code(COUNT_LONG).build();
    }

    @MachineTest
    void aThousandPausesInALoopInRealMode(EngineProvider engine, TestReporter reporter) throws InterruptedException {
        pauseOften(countInRealMode(engine), reporter);
    }

    @MachineTest
    void aThousandPausesInALoopInLongMode(EngineProvider engine, TestReporter reporter) throws InterruptedException {
        pauseOften(countInLongMode(engine), reporter);
    }

    @MachineTest
    void aThousandPausesInALoopInUserMode(EngineProvider engine, TestReporter reporter) throws InterruptedException {
        pauseOften(countInUserMode(engine), reporter);
    }

    private static void pauseOften(TinyGuest counting, TestReporter reporter) throws InterruptedException {
        try (TinyGuest guest = counting) {
            long[] nanos = new long[100];
            for (int i = 0; i < 1000; i++) {
                int before = guest.memory().getInt(COUNTER_GPA);
                guest.run();
                boolean inGuest = i % 10 == 0;
                if (inGuest) {
                    awaitCounter(guest, before);
                } else { // race the pause against the way into the guest
                    spin(i * 13);
                }
                long start = System.nanoTime();
                guest.pause();
                if (inGuest) {
                    nanos[i / 10] = System.nanoTime() - start;
                }
                int parked = guest.memory().getInt(COUNTER_GPA);
                long rip = guest.registers(0).rip();
                assertTrue(rip >= 0x1000 && rip < 0x100A, "rip 0x" + Long.toHexString(rip));
                assertEquals(parked, guest.memory().getInt(COUNTER_GPA));
            }
            report(reporter, "pause of a loop", nanos);
        }
    }

    private static void spin(int rounds) {
        for (int i = 0; i < rounds; i++) {
            Thread.onSpinWait();
        }
    }

    private static void awaitCounter(TinyGuest guest, int before) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TinyGuest.TIMEOUT_MILLIS);
        while (guest.memory().getInt(COUNTER_GPA) == before) {
            assertTrue(System.nanoTime() < deadline, "the guest does not count");
            Thread.onSpinWait();
        }
    }

    /** Recorded for whoever looks; the bound is there for a broken wake-up, which would take until the next host interrupt or for ever. */
    private static void report(TestReporter reporter, String what, long[] nanos) {
        Arrays.sort(nanos);
        reporter.publishEntry(
                what,
                "median " + nanos[nanos.length / 2] / 1000 + " us, max " + nanos[nanos.length - 1] / 1000 + " us");
        assertTrue(nanos[nanos.length / 2] < 100_000_000L, "median of " + nanos[nanos.length / 2] + " ns");
    }

    @MachineTest
    void stoppedInALoopInRealMode(EngineProvider engine, TestReporter reporter) {
        stopOften(() -> countInRealMode(engine), reporter);
    }

    @MachineTest
    void stoppedInALoopInLongMode(EngineProvider engine, TestReporter reporter) {
        stopOften(() -> countInLongMode(engine), reporter);
    }

    @MachineTest
    void stoppedInALoopInUserMode(EngineProvider engine, TestReporter reporter) {
        stopOften(() -> countInUserMode(engine), reporter);
    }

    private static void stopOften(Supplier<TinyGuest> counting, TestReporter reporter) {
        long[] nanos = new long[20];
        for (int i = 0; i < nanos.length; i++) {
            try (TinyGuest guest = counting.get()) {
                guest.run();
                awaitCounter(guest, 0);
                long start = System.nanoTime();
                guest.vcpu(0).close();
                nanos[i] = System.nanoTime() - start;
                int stopped = guest.memory().getInt(COUNTER_GPA);
                guest.run(); // does nothing
                assertEquals(stopped, guest.memory().getInt(COUNTER_GPA));
            }
        }
        report(reporter, "stop of a loop", nanos);
    }

    private static final String PORT_READ = """
        1000: 48 c7 c0 ff ff ff ff   ; mov rax,0xffffffffffffffff
        1007: ba 34 12 00 00         ; mov edx,0x1234
        100c: 66 ed                  ; in ax,dx
        100e: 48 89 04 25 00 a0 00 00 ; mov QWORD PTR ds:0xa000,rax
        1016: 66 ed                  ; in ax,dx
        1018: 48 89 04 25 08 a0 00 00 ; mov QWORD PTR ds:0xa008,rax
        1020: f4                     ; hlt
        """;

    @MachineTest
    void aPortReadIsCompletedBeforeThePause(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(PORT_READ).build()) {
            HeldDevice device = new HeldDevice(0x5A01);
            var _ = guest.ports().register("held", 0x1234, 2, device);
            pauseIn(guest, device);
            assertEquals(0x100E, guest.registers(0).rip());
            assertEquals(0xFFFF_FFFF_FFFF_5A01L, guest.registers(0).rax());
            assertEquals(0, guest.memory().getLong(0xA000));
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0xFFFF_FFFF_FFFF_5A01L, guest.memory().getLong(0xA000));
            assertEquals(0xFFFF_FFFF_FFFF_5A02L, guest.memory().getLong(0xA008));
            assertEquals(2, device.accesses());
        }
    }

    private static final String PORT_WRITE = """
        1000: ba 34 12 00 00         ; mov edx,0x1234
        1005: ee                     ; out dx,al
        1006: f4                     ; hlt
        """;

    @MachineTest
    void aPortWriteIsCompletedBeforeThePause(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(PORT_WRITE).build()) {
            HeldDevice device = new HeldDevice(0);
            var _ = guest.ports().register("held", 0x1234, 1, device);
            pauseIn(guest, device);
            assertEquals(0x1006, guest.registers(0).rip());
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(1, device.accesses());
        }
    }

    private static final String MEMORY_READ = """
        1000: bb fc 0f 00 d0         ; mov ebx,0xd0000ffc
        1005: 48 8b 03               ; mov rax,QWORD PTR [rbx]
        1008: 48 89 04 25 00 a0 00 00 ; mov QWORD PTR ds:0xa000,rax
        1010: f4                     ; hlt
        """;

    /** The device is asked twice, as the value crosses a page; a pause in the first half waits for the second. */
    @MachineTest
    void aMemoryReadInTwoHalvesIsCompletedBeforeThePause(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(MEMORY_READ).build()) {
            HeldDevice device = new HeldDevice(0x5A01);
            var _ = guest.deviceMemory().register("held", 0xD000_0000L, 0x2000, device);
            pauseIn(guest, device);
            assertEquals(2, device.accesses());
            assertEquals(0x1008, guest.registers(0).rip());
            assertEquals(0x0000_5A02_0000_5A01L, guest.registers(0).rax());
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0x0000_5A02_0000_5A01L, guest.memory().getLong(0xA000));
            assertEquals(2, device.accesses());
        }
    }

    private static final String STRING_READ = """
        1000: fc                     ; cld
        1001: ba 34 12 00 00         ; mov edx,0x1234
        1006: bf 00 a0 00 00         ; mov edi,0xa000
        100b: b9 06 00 00 00         ; mov ecx,0x6
        1010: f3 6c                  ; rep ins BYTE PTR es:[rdi],dx
        1012: f4                     ; hlt
        """;

    /** A pause in a string may come between its elements; none is lost and none is read twice. */
    @MachineTest
    void aStringReadGoesOnAfterThePause(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(STRING_READ).build()) {
            HeldDevice device = new HeldDevice(0x11);
            var _ = guest.ports().register("held", 0x1234, 1, device);
            pauseIn(guest, device);
            long done = 6 - guest.registers(0).rcx();
            assertEquals(0xA000 + done, guest.registers(0).rdi());
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0x1615_1413_1211L, guest.memory().getLong(0xA000));
            assertEquals(6, device.accesses());
        }
    }

    private static void pauseIn(TinyGuest guest, HeldDevice device) throws InterruptedException {
        guest.run();
        device.awaitGuest();
        guest.vcpu(0).requestPause();
        device.release();
        guest.awaitParked(0);
    }

    private static final String HALTED = """
        1000: b0 11                  ; mov al,0x11
        1002: e6 20                  ; out 0x20,al
        1004: b0 20                  ; mov al,0x20
        1006: e6 21                  ; out 0x21,al
        1008: b0 04                  ; mov al,0x4
        100a: e6 21                  ; out 0x21,al
        100c: b0 01                  ; mov al,0x1
        100e: e6 21                  ; out 0x21,al
        1010: b0 ef                  ; mov al,0xef
        1012: e6 21                  ; out 0x21,al
        1014: e6 80                  ; out 0x80,al
        1016: fb                     ; sti
        1017: f4                     ; hlt
        1018: eb fd                  ; jmp 0x1017
        """;

    private static final String HANDLER = """
        1100: b0 20                  ; mov al,0x20
        1102: e6 20                  ; out 0x20,al
        1104: e6 80                  ; out 0x80,al
        1106: cf                     ; iret
        """;

    private static TinyGuest halted(EngineProvider engine) throws InterruptedException {
        TinyGuest guest = TinyGuest.realMode(engine)
                .irqchip()
                .code(HALTED)
                .code(HANDLER)
                .gate(0x24, 0x1100)
                .build();
        guest.run();
        assertEquals(0xEF, guest.awaitReport());
        guest.awaitHalted(0);
        guest.run();
        return guest;
    }

    @MachineTest
    void aHaltedGuestIsPausedAndHaltsOn(EngineProvider engine, TestReporter reporter) throws InterruptedException {
        try (TinyGuest guest = halted(engine);
                ConnectedLine line = guest.edge(4)) {
            long[] nanos = new long[20];
            for (int i = 0; i < nanos.length; i++) {
                Thread.sleep(1); // until it sleeps again
                long start = System.nanoTime();
                guest.pause();
                nanos[i] = System.nanoTime() - start;
                assertEquals(RunState.HALTED, guest.engineVcpu(0).runState());
                guest.run();
            }
            report(reporter, "pause of a halted guest", nanos);
            assertEquals(0, guest.pendingReports());
            line.pulse();
            assertEquals(0x20, guest.awaitReport());
        }
    }

    /** Neither an interrupt is lost nor does one come twice, wherever the pause meets it. */
    @MachineTest
    void pausesAreRacedAgainstInterrupts(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = halted(engine);
                ConnectedLine line = guest.edge(4)) {
            for (int i = 0; i < 300; i++) {
                line.pulse();
                spin(i % 30 * 100);
                guest.pause();
                guest.run();
                assertEquals(0x20, guest.awaitReport());
            }
            guest.awaitHalted(0);
            assertEquals(0, guest.pendingReports());
        }
    }

    @MachineTest
    void aHaltedGuestIsStopped(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = halted(engine)) {
            guest.vcpu(0).close();
            assertNotEquals(0, guest.registers(0).rip());
        }
    }
}
