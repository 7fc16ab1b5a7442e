package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** The x87 with its exceptions: #NM when a task switch is noted in CR0, #MF for a result that the guest wants to hear of. */
class X87Test {
    private static final int DEVICE_NOT_AVAILABLE = 7;
    private static final int FLOATING_POINT = 16;
    private static final long CONTROL_GPA = 0x8010;

    /** Adds 1 a thousand times, with CR0.TS set before each; then divides by 0 as often. Counts, in rbx, are the handlers'. */
    private static final String CODE = """
        1000: db e3                  ; fninit
        1002: b9 e8 03 00 00         ; mov ecx,1000
        1007: 31 db                  ; xor ebx,ebx
        1009: d9 ee                  ; fldz
        100b: d9 e8                  ; fld1
        100d: 0f 20 c0               ; mov rax,cr0
        1010: 0c 08                  ; or al,0x8
        1012: 0f 22 c0               ; mov cr0,rax
        1015: de c1                  ; faddp
        1017: ff c9                  ; dec ecx
        1019: 75 f0                  ; jne 0x100b
        101b: db 1c 25 00 80 00 00   ; fistp DWORD PTR ds:0x8000
        1022: 8b 04 25 00 80 00 00   ; mov eax,DWORD PTR ds:0x8000
        1029: e7 80                  ; out 0x80,eax
        102b: 89 d8                  ; mov eax,ebx
        102d: e7 80                  ; out 0x80,eax
        102f: b9 e8 03 00 00         ; mov ecx,1000
        1034: 31 db                  ; xor ebx,ebx
        1036: d9 2c 25 10 80 00 00   ; fldcw WORD PTR ds:0x8010
        103d: d9 e8                  ; fld1
        103f: d9 ee                  ; fldz
        1041: de f9                  ; fdivp
        1043: 9b                     ; fwait
        1044: dd c0                  ; ffree st(0)
        1046: d9 f7                  ; fincstp
        1048: ff c9                  ; dec ecx
        104a: 75 f1                  ; jne 0x103d
        104c: 89 d8                  ; mov eax,ebx
        104e: e7 80                  ; out 0x80,eax
        1050: df e0                  ; fnstsw ax
        1052: 25 bf 38 00 00         ; and eax,0x38bf
        1057: e7 80                  ; out 0x80,eax
        1059: f4                     ; hlt
        """;

    private static final String AVAILABLE_AGAIN = """
        6000: ff c3                  ; inc ebx
        6002: 0f 06                  ; clts
        6004: 48 cf                  ; iretq
        """;

    /** Counts divisions by zero, and pops the zero. */
    private static final String DIVIDED_BY_ZERO = """
        7000: df e0                  ; fnstsw ax
        7002: 25 bf 00 00 00         ; and eax,0xbf
        7007: 3d 84 00 00 00         ; cmp eax,0x84
        700c: 75 02                  ; jne 0x7010
        700e: ff c3                  ; inc ebx
        7010: db e2                  ; fnclex
        7012: dd d8                  ; fstp st(0)
        7014: 48 cf                  ; iretq
        """;

    @MachineTest
    void exceptionsInALoopAreTheGuests(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .code(CODE)
                .code(AVAILABLE_AGAIN)
                .code(DIVIDED_BY_ZERO)
                .gate(DEVICE_NOT_AVAILABLE, 0x6000)
                .gate(FLOATING_POINT, 0x7000)
                .build()) {
            guest.memory().putShort(CONTROL_GPA, (short) 0x37b);
            guest.run();
            assertEquals(List.of(1000L, 1000L, 1000L, 0L), guest.awaitReports(4));
            guest.awaitExit(VcpuExit.HALT);
        }
    }
}
