package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.RunState;
import io.javisor.core.engine.EngineProvider;
import io.javisor.testkit.guest.HeldDevice;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** Two vCPUs: the first starts the second by INIT and SIPI through its local APIC. */
class SmpTest {
    /** Reports its APIC id; twice: INIT and SIPI (vector 0x0A, so at 0xA000) to APIC 1, then waits until that one has counted. */
    private static final String BOOT_CPU = """
        1000: bb 00 00 e0 fe         ; mov ebx,0xfee00000
        1005: c7 83 f0 00 00 00 ff 01 00 00 ; mov DWORD PTR [rbx+0xf0],0x1ff
        100f: 8b 43 20               ; mov eax,DWORD PTR [rbx+0x20]
        1012: c1 e8 18               ; shr eax,0x18
        1015: e6 80                  ; out 0x80,al
        1017: e4 90                  ; in al,0x90
        1019: b9 02 00 00 00         ; mov ecx,0x2
        101e: 8b 14 25 00 b0 00 00   ; mov edx,DWORD PTR ds:0xb000
        1025: c7 83 10 03 00 00 00 00 00 01 ; mov DWORD PTR [rbx+0x310],0x1000000
        102f: c7 83 00 03 00 00 00 45 00 00 ; mov DWORD PTR [rbx+0x300],0x4500
        1039: c7 83 00 03 00 00 0a 46 00 00 ; mov DWORD PTR [rbx+0x300],0x460a
        1043: f3 90                  ; pause
        1045: 3b 14 25 00 b0 00 00   ; cmp edx,DWORD PTR ds:0xb000
        104c: 74 f5                  ; je 0x1043
        104e: ff c9                  ; dec ecx
        1050: 75 cc                  ; jne 0x101e
        1052: f4                     ; hlt
        1053: eb fd                  ; jmp 0x1052
        """;

    /** From real mode through protected mode for a data segment of 4 GiB, which reaches the local APIC; reports its id and counts. */
    private static final String APPLICATION_CPU = """
        a000: fa                     ; cli
        a001: 31 c0                  ; xor ax,ax
        a003: 8e d8                  ; mov ds,ax
        a005: 66 0f 01 16 f0 05      ; lgdtd ds:0x5f0
        a00b: 0f 20 c0               ; mov eax,cr0
        a00e: 0c 01                  ; or al,0x1
        a010: 0f 22 c0               ; mov cr0,eax
        a013: bb 10 00               ; mov bx,0x10
        a016: 8e db                  ; mov ds,bx
        a018: 24 fe                  ; and al,0xfe
        a01a: 0f 22 c0               ; mov cr0,eax
        a01d: 66 be 20 00 e0 fe      ; mov esi,0xfee00020
        a023: 67 66 8b 06            ; mov eax,DWORD PTR [esi]
        a027: 66 c1 e8 18            ; shr eax,0x18
        a02b: e6 80                  ; out 0x80,al
        a02d: 66 f0 ff 06 00 b0      ; lock inc DWORD PTR ds:0xb000
        a033: f4                     ; hlt
        a034: eb fd                  ; jmp 0xa033
        """;

    private static TinyGuest guest(EngineProvider engine) {
        return TinyGuest.longMode(engine)
                .vcpus(2)
                .code(BOOT_CPU)
                .code(APPLICATION_CPU)
                .build();
    }

    @MachineTest
    void theSecondVcpuWaitsForItsStartUpMessage(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine)) {
            guest.run();
            assertEquals(List.of(0L, 1L, 1L), guest.awaitReports(3));
            guest.awaitHalted(0);
            guest.run();
            guest.awaitHalted(1);
            assertEquals(2, guest.memory().getInt(0xB000));
            assertEquals(0, guest.pendingReports());
        }
    }

    @MachineTest
    void aVcpuThatWaitsForItsStartUpMessageIsPausedAndResumed(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine)) {
            HeldDevice gate = new HeldDevice(0);
            var _ = guest.ports().register("gate", 0x90, 1, gate);
            guest.run();
            assertEquals(0, guest.awaitReport());
            gate.awaitGuest();
            for (int i = 0; i < 20; i++) {
                guest.vcpu(1).requestPause();
                guest.awaitParked(1);
                // Some engines know whether its INIT has come.
                RunState state = guest.engineVcpu(1).runState();
                assertTrue(state == RunState.UNINITIALIZED || state == RunState.INIT_RECEIVED, state.toString());
                guest.vcpu(1).resume();
            }
            gate.release();
            assertEquals(List.of(1L, 1L), guest.awaitReports(2));
        }
    }

    @MachineTest
    void aVcpuThatWasNeverStartedIsStopped(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine)) {
            HeldDevice gate = new HeldDevice(0);
            var _ = guest.ports().register("gate", 0x90, 1, gate);
            guest.run();
            gate.awaitGuest();
            guest.vcpu(1).close();
            gate.release();
        }
    }
}
