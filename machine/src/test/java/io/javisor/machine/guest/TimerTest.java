package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The 8254 of a PC: counter 0 at the 8259A and at the I/O APIC, counter 2 at port 0x61. Its counts are 11932, 10 ms. */
class TimerTest {
    private static final long TICKS = 5;
    private static final long TICKS_MILLIS = 49;
    private static final int OUT_2 = 0x20;

    // 8259A: only IRQ 0 open. 8254: counter 0, mode 2.
    private static final String BY_8259A = """
        101c: b0 fe                      ; mov al,0xfe
        101e: e6 21                      ; out 0x21,al
        1020: b0 ff                      ; mov al,0xff
        1022: e6 a1                      ; out 0xa1,al
        1024: b0 34                      ; mov al,0x34
        1026: e6 43                      ; out 0x43,al
        1028: b0 9c                      ; mov al,0x9c
        102a: e6 40                      ; out 0x40,al
        102c: b0 2e                      ; mov al,0x2e
        102e: e6 40                      ; out 0x40,al
        1030: fb                         ; sti
        1031: f4                         ; hlt
        1032: eb fd                      ; jmp 0x1031
        """;

    private static final String REAL_HANDLER = """
        1100: fe 06 00 a0                ; inc BYTE PTR ds:0xa000
        1104: a0 00 a0                   ; mov al,ds:0xa000
        1107: e6 80                      ; out 0x80,al
        1109: b0 20                      ; mov al,0x20
        110b: e6 20                      ; out 0x20,al
        110d: cf                         ; iret
        """;

    @MachineTest
    void counter0TicksAtThe8259A(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine)
                .irqchip()
                .code(ChipStart.PICS)
                .code(BY_8259A)
                .code(REAL_HANDLER)
                .gate(0x20, 0x1100)
                .build()) {
            assertTicks(guest);
        }
    }

    // I/O APIC input 2 to vector 0x30, APIC 0. 8254: counter 0, mode 2.
    private static final String BY_IO_APIC = """
        1015: bb 00 00 c0 fe             ; mov ebx,0xfec00000
        101a: c7 03 15 00 00 00          ; mov DWORD PTR [rbx],0x15
        1020: c7 43 10 00 00 00 00       ; mov DWORD PTR [rbx+0x10],0x0
        1027: c7 03 14 00 00 00          ; mov DWORD PTR [rbx],0x14
        102d: c7 43 10 30 00 00 00       ; mov DWORD PTR [rbx+0x10],0x30
        1034: b0 34                      ; mov al,0x34
        1036: e6 43                      ; out 0x43,al
        1038: b0 9c                      ; mov al,0x9c
        103a: e6 40                      ; out 0x40,al
        103c: b0 2e                      ; mov al,0x2e
        103e: e6 40                      ; out 0x40,al
        1040: fb                         ; sti
        1041: f4                         ; hlt
        1042: eb fd                      ; jmp 0x1041
        """;

    private static final String LONG_HANDLER = """
        1100: fe 04 25 00 a0 00 00       ; inc BYTE PTR ds:0xa000
        1107: 8a 04 25 00 a0 00 00       ; mov al,BYTE PTR ds:0xa000
        110e: e6 80                      ; out 0x80,al
        1110: bb 00 00 e0 fe             ; mov ebx,0xfee00000
        1115: c7 83 b0 00 00 00 00 00 00 00 ; mov DWORD PTR [rbx+0xb0],0x0
        111f: 48 cf                      ; iretq
        """;

    @MachineTest
    void counter0TicksAtTheIoApic(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .irqchip()
                .code(ChipStart.LOCAL_APIC)
                .code(BY_IO_APIC)
                .code(LONG_HANDLER)
                .gate(0x30, 0x1100)
                .build()) {
            assertTicks(guest);
        }
    }

    /** Late ones come quicker, but none before its time. */
    private static void assertTicks(TinyGuest guest) throws InterruptedException {
        long start = System.nanoTime();
        guest.run();
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L), guest.awaitReports((int) TICKS));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= TICKS_MILLIS, TICKS + " ticks in " + millis + " ms");
    }

    // Gate up; counter 2, mode 0; its output; the count; until the output is up: changes of the refresh bit.
    private static final String BY_PORT_B = """
        1000: e4 61                      ; in al,0x61
        1002: 24 fc                      ; and al,0xfc
        1004: 0c 01                      ; or al,0x1
        1006: e6 61                      ; out 0x61,al
        1008: b0 b0                      ; mov al,0xb0
        100a: e6 43                      ; out 0x43,al
        100c: 66 31 c9                   ; xor ecx,ecx
        100f: e4 61                      ; in al,0x61
        1011: 88 c3                      ; mov bl,al
        1013: 24 20                      ; and al,0x20
        1015: e6 80                      ; out 0x80,al
        1017: b0 9c                      ; mov al,0x9c
        1019: e6 42                      ; out 0x42,al
        101b: b0 2e                      ; mov al,0x2e
        101d: e6 42                      ; out 0x42,al
        101f: e4 61                      ; in al,0x61
        1021: 88 c4                      ; mov ah,al
        1023: 30 dc                      ; xor ah,bl
        1025: 80 e4 10                   ; and ah,0x10
        1028: 74 04                      ; je 0x102e
        102a: 66 41                      ; inc ecx
        102c: 88 c3                      ; mov bl,al
        102e: a8 20                      ; test al,0x20
        1030: 74 ed                      ; je 0x101f
        1032: 24 20                      ; and al,0x20
        1034: e6 80                      ; out 0x80,al
        1036: 66 89 c8                   ; mov eax,ecx
        1039: 66 e7 80                   ; out 0x80,eax
        103c: f4                         ; hlt
        """;

    @MachineTest
    void counter2IsPolledAtPortB(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest =
                TinyGuest.realMode(engine).irqchip().code(BY_PORT_B).build()) {
            long start = System.nanoTime();
            guest.run();
            assertEquals(0, guest.awaitReport());
            assertEquals(OUT_2, guest.awaitReport());
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertTrue(millis >= 9, "10 ms passed in " + millis);
            assertTrue(guest.awaitReport() > 0, "the refresh bit stands");
        }
    }
}
