package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.DebugRequest;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** Breakpoints and single steps of a debugger, and the guest's own, which are none of its business. */
class DebugTest {
    private static final String COUNTS = """
        1000: b0 01      ; mov al,0x1
        1002: fe c0      ; inc al
        1004: e6 80      ; out 0x80,al
        1006: fe c0      ; inc al
        1008: e6 80      ; out 0x80,al
        100a: f4         ; hlt
        """;

    private static final DebugRequest STEP = new DebugRequest(true, List.of());

    private static DebugRequest at(Long... breakpoints) {
        return new DebugRequest(false, List.of(breakpoints));
    }

    private static void stopsAt(TinyGuest guest, long rip) throws InterruptedException {
        guest.run();
        guest.awaitExit(VcpuExit.DEBUG);
        assertEquals(rip, guest.registers(0).rip());
    }

    @MachineTest
    void itStopsBeforeTheInstructionsWithABreakpoint(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(COUNTS).build()) {
            guest.engineVcpu(0).debug(at(0x1002L, 0x1006L, 0xFFFF_FFFF_8000_0000L));
            stopsAt(guest, 0x1002);
            assertEquals(1, guest.registers(0).rax());
            stopsAt(guest, 0x1002); // still there, and nothing of it executed
            guest.engineVcpu(0).debug(STEP);
            stopsAt(guest, 0x1004);
            assertEquals(2, guest.registers(0).rax());
            guest.engineVcpu(0).debug(at(0x1006L));
            stopsAt(guest, 0x1006);
            guest.engineVcpu(0).debug(DebugRequest.NONE);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(List.of(2L, 3L), guest.awaitReports(2));
        }
    }

    @MachineTest
    void itStopsAtTheFirstInstruction(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine).code(COUNTS).build()) {
            guest.engineVcpu(0).debug(at(0x1000L));
            stopsAt(guest, 0x1000);
            assertEquals(0, guest.pendingReports());
        }
    }

    @MachineTest
    void itStepsOverAnInstructionThatIsADevices(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine).code(COUNTS).build()) {
            guest.engineVcpu(0).debug(STEP);
            for (long rip : new long[] {0x1002, 0x1004, 0x1006, 0x1008, 0x100A}) {
                stopsAt(guest, rip);
            }
            assertEquals(List.of(2L, 3L), guest.awaitReports(2));
        }
    }

    @MachineTest
    void aBreakpointIsALinearAddress(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine)
                .code("1000: ea 05 00 10 01 ; jmp 0x110:0x5")
                .code("""
                    1105: 90 ; nop
                    1106: f4 ; hlt
                    """)
                .build()) {
            guest.engineVcpu(0).debug(at(0x1106L, 5L, 6L));
            stopsAt(guest, 6);
            assertEquals(0x1100, guest.engineVcpu(0).registers().system().cs().base());
        }
    }

    @MachineTest
    void theGuestsOwnBreakpointInstructionIsTheGuests(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest =
                TinyGuest.realMode(engine).gate(3, 0x1100).code("""
                    1000: cc    ; int3
                    1001: 90    ; nop
                    1002: f4    ; hlt
                    """).code("""
                        1100: b0 03 ; mov al,0x3
                        1102: e6 80 ; out 0x80,al
                        1104: cf    ; iret
                        """).build()) {
            guest.engineVcpu(0).debug(at(0x1002L));
            stopsAt(guest, 0x1002);
            assertEquals(List.of(3L), guest.awaitReports(1));
        }
    }

    @MachineTest
    void aStepAtHltEndsBehindIt(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).irqchip().code("""
            1000: f4 ; hlt
            1001: 90 ; nop
            """).build()) {
            guest.engineVcpu(0).debug(STEP);
            stopsAt(guest, 0x1001);
        }
    }
}
