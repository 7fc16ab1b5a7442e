package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;

/** Two vCPUs add to the same word, which lies on two cache lines, or on two pages. */
class SplitLockTest {
    private static final int TURNS = 500;

    /** Starts the other, waits for it, adds, waits for its end. The word's address is at 0xa800. */
    private static final String BOOT_CPU = """
        1000: bb 00 00 e0 fe               ; mov ebx,0xfee00000
        1005: c7 83 f0 00 00 00 ff 01 00 00 ; mov DWORD PTR [rbx+0xf0],0x1ff
        100f: 8b 3c 25 00 a8 00 00         ; mov edi,DWORD PTR ds:0xa800
        1016: c7 83 10 03 00 00 00 00 00 01 ; mov DWORD PTR [rbx+0x310],0x1000000
        1020: c7 83 00 03 00 00 00 45 00 00 ; mov DWORD PTR [rbx+0x300],0x4500
        102a: c7 83 00 03 00 00 0a 46 00 00 ; mov DWORD PTR [rbx+0x300],0x460a
        1034: f3 90                        ; pause
        1036: 83 3c 25 04 a8 00 00 00      ; cmp DWORD PTR ds:0xa804,0x0
        103e: 74 f4                        ; je 1034
        1040: b9 f4 01 00 00               ; mov ecx,0x1f4
        1045: f0 83 07 01                  ; lock add DWORD PTR [rdi],0x1
        1049: ff c9                        ; dec ecx
        104b: 75 f8                        ; jne 1045
        104d: f0 ff 04 25 08 a8 00 00      ; lock inc DWORD PTR ds:0xa808
        1055: f3 90                        ; pause
        1057: 83 3c 25 08 a8 00 00 02      ; cmp DWORD PTR ds:0xa808,0x2
        105f: 75 f4                        ; jne 1055
        1061: b0 01                        ; mov al,0x1
        1063: e6 80                        ; out 0x80,al
        1065: f4                           ; hlt
        1066: eb fd                        ; jmp 1065
        """;

    private static final String APPLICATION_CPU = """
        a000: fa                           ; cli
        a001: 31 c0                        ; xor ax,ax
        a003: 8e d8                        ; mov ds,ax
        a005: 66 8b 3e 00 a8               ; mov edi,DWORD PTR ds:0xa800
        a00a: 66 c7 06 04 a8 01 00 00 00   ; mov DWORD PTR ds:0xa804,0x1
        a013: 66 b9 f4 01 00 00            ; mov ecx,0x1f4
        a019: 66 f0 83 05 01               ; lock add DWORD PTR [di],0x1
        a01e: 66 49                        ; dec ecx
        a020: 75 f7                        ; jne a019
        a022: 66 f0 ff 06 08 a8            ; lock inc DWORD PTR ds:0xa808
        a028: f4                           ; hlt
        a029: eb fd                        ; jmp a028
        """;

    @MachineTest
    void acrossACacheLine(EngineProvider engine) throws InterruptedException {
        bothCount(engine, 0xB03E);
    }

    @MachineTest
    void acrossAPage(EngineProvider engine) throws InterruptedException {
        bothCount(engine, 0xBFFD);
    }

    private static void bothCount(EngineProvider engine, int wordGpa) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .vcpus(2)
                .code(BOOT_CPU)
                .code(APPLICATION_CPU)
                .build()) {
            guest.memory().putInt(0xA800, wordGpa);
            guest.run();
            assertEquals(1, guest.awaitReport());
            assertEquals(2 * TURNS, guest.memory().getInt(wordGpa));
        }
    }
}
