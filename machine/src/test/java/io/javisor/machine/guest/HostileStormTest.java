package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;

/** Guests that interrupt themselves without end, fault three times at once, sleep for ever, or come in great number. */
@Timeout(120)
class HostileStormTest {
    /** Reports when the loop has made 10,000 turns and 100 interrupts have come. */
    private static final String TIMER_OF_ONE_TICK = """
        1000: bb 00 00 e0 fe               ; mov ebx,0xfee00000
        1005: c7 83 f0 00 00 00 ff 01 00 00 ; mov DWORD PTR [rbx+0xf0],0x1ff
        100f: c7 83 e0 03 00 00 0b 00 00 00 ; mov DWORD PTR [rbx+0x3e0],0xb
        1019: c7 83 20 03 00 00 40 00 02 00 ; mov DWORD PTR [rbx+0x320],0x20040
        1023: c7 83 80 03 00 00 01 00 00 00 ; mov DWORD PTR [rbx+0x380],0x1
        102d: fb                           ; sti
        102e: 48 ff 04 25 00 a0 00 00      ; inc QWORD PTR ds:0xa000
        1036: 48 83 3c 25 08 a0 00 00 64   ; cmp QWORD PTR ds:0xa008,0x64
        103f: 72 ed                        ; jb 102e
        1041: 48 81 3c 25 00 a0 00 00 10 27 00 00 ; cmp QWORD PTR ds:0xa000,0x2710
        104d: 72 df                        ; jb 102e
        104f: b0 01                        ; mov al,0x1
        1051: e6 80                        ; out 0x80,al
        1053: eb d9                        ; jmp 102e
        """;

    private static final String TIMER_HANDLER = """
        1200: 48 ff 04 25 08 a0 00 00      ; inc QWORD PTR ds:0xa008
        1208: c7 83 b0 00 00 00 00 00 00 00 ; mov DWORD PTR [rbx+0xb0],0x0
        1212: 48 cf                        ; iretq
        """;

    private static final String INTERRUPTS_ITSELF = """
        1000: bb 00 00 e0 fe               ; mov ebx,0xfee00000
        1005: c7 83 f0 00 00 00 ff 01 00 00 ; mov DWORD PTR [rbx+0xf0],0x1ff
        100f: c7 83 00 03 00 00 40 40 04 00 ; mov DWORD PTR [rbx+0x300],0x44040
        1019: fb                           ; sti
        101a: 48 ff 04 25 00 a0 00 00      ; inc QWORD PTR ds:0xa000
        1022: eb f6                        ; jmp 101a
        """;

    /** Reports the ten thousandth. */
    private static final String INTERRUPTS_ITSELF_AGAIN = """
        1200: 48 ff 04 25 08 a0 00 00      ; inc QWORD PTR ds:0xa008
        1208: 48 81 3c 25 08 a0 00 00 10 27 00 00 ; cmp QWORD PTR ds:0xa008,0x2710
        1214: 75 04                        ; jne 121a
        1216: b0 01                        ; mov al,0x1
        1218: e6 80                        ; out 0x80,al
        121a: c7 83 b0 00 00 00 00 00 00 00 ; mov DWORD PTR [rbx+0xb0],0x0
        1224: c7 83 00 03 00 00 40 40 04 00 ; mov DWORD PTR [rbx+0x300],0x44040
        122e: 48 cf                        ; iretq
        """;

    @MachineTest
    void theShortestTimerLeavesTheLoopItsTurns(EngineProvider engine) throws InterruptedException {
        storm(engine, TIMER_OF_ONE_TICK, TIMER_HANDLER);
    }

    @MachineTest
    void aHandlerThatInterruptsItselfIsPaused(EngineProvider engine) throws InterruptedException {
        storm(engine, INTERRUPTS_ITSELF, INTERRUPTS_ITSELF_AGAIN);
    }

    private static void storm(EngineProvider engine, String code, String handler) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .irqchip()
                .code(code)
                .code(handler)
                .gate(0x40, 0x1200)
                .build()) {
            guest.run();
            assertEquals(1, guest.awaitReport());
            for (int i = 0; i < 10; i++) {
                guest.pause();
                guest.run();
            }
        }
    }

    private static final String IN_REAL_MODE = """
        1000: 0f 01 1e 00 06               ; lidtw ds:0x600
        1005: cc                           ; int3
        """;

    private static final String IN_PROTECTED_MODE = """
        1000: fa                           ; cli
        1001: 0f 01 16 f0 05               ; lgdtw ds:0x5f0
        1006: 0f 20 c0                     ; mov eax,cr0
        1009: 0c 01                        ; or al,0x1
        100b: 0f 22 c0                     ; mov cr0,eax
        100e: 0f 01 1e 00 06               ; lidtw ds:0x600
        1013: 0f 0b                        ; ud2
        """;

    private static final String IN_64_BIT_MODE = """
        1000: 0f 01 1c 25 00 a0 00 00      ; lidt ds:0xa000
        1008: 0f 0b                        ; ud2
        """;

    private static final String AT_LEVEL_3 = """
        1000: b0 01                        ; mov al,0x1
        1002: e6 80                        ; out 0x80,al
        1004: 0f 0b                        ; ud2
        """;

    @MachineTest
    void threeFaultsEndAGuestInEachMode(EngineProvider engine) throws InterruptedException {
        List<TinyGuest.Builder> builders = List.of(
                TinyGuest.realMode(engine).code(IN_REAL_MODE),
                TinyGuest.realMode(engine).code(IN_PROTECTED_MODE),
                TinyGuest.longMode(engine).code(IN_64_BIT_MODE),
                TinyGuest.userMode(engine).code(AT_LEVEL_3));
        for (TinyGuest.Builder builder : builders) {
            try (TinyGuest guest = builder.build()) {
                guest.run();
                guest.awaitExit(VcpuExit.TRIPLE_FAULT);
            }
        }
    }

    private static final String SLEEPS_FOR_EVER = """
        1000: b0 01                        ; mov al,0x1
        1002: e6 80                        ; out 0x80,al
        1004: fa                           ; cli
        1005: f4                           ; hlt
        1006: eb fc                        ; jmp 1004
        """;

    @MachineTest
    void haltWithInterruptsOffWakesNobody(EngineProvider engine) throws Exception {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .name("asleep")
                .irqchip()
                .code(SLEEPS_FOR_EVER)
                .build()) {
            guest.run();
            assertEquals(1, guest.awaitReport());
            guest.awaitHalted(0);
            guest.run();
            Thread.sleep(100);
            long before = switches("asleep/vcpu-0");
            Thread.sleep(500);
            assertEquals(before, switches("asleep/vcpu-0"));
        }
    }

    /** How often a thread of this process has gone to sleep so far. */
    private static long switches(String thread) throws IOException {
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                if (Files.readString(task.resolve("comm")).strip().equals(thread)) {
                    return Files.readAllLines(task.resolve("status")).stream()
                            .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                            .mapToLong(line -> Long.parseLong(line.substring(24).strip()))
                            .sum();
                }
            }
        }
        throw new IOException("no thread " + thread);
    }

    /** INIT and SIPI to all others; reports when as many have counted as 0xa800 says. */
    private static final String STARTS_ALL = """
        1000: bb 00 00 e0 fe               ; mov ebx,0xfee00000
        1005: c7 83 f0 00 00 00 ff 01 00 00 ; mov DWORD PTR [rbx+0xf0],0x1ff
        100f: c7 83 00 03 00 00 00 45 0c 00 ; mov DWORD PTR [rbx+0x300],0xc4500
        1019: c7 83 00 03 00 00 0a 46 0c 00 ; mov DWORD PTR [rbx+0x300],0xc460a
        1023: 8b 3c 25 00 a8 00 00         ; mov edi,DWORD PTR ds:0xa800
        102a: f3 90                        ; pause
        102c: 39 3c 25 04 a8 00 00         ; cmp DWORD PTR ds:0xa804,edi
        1033: 75 f5                        ; jne 102a
        1035: b0 01                        ; mov al,0x1
        1037: e6 80                        ; out 0x80,al
        1039: fa                           ; cli
        103a: f4                           ; hlt
        103b: eb fc                        ; jmp 1039
        """;

    private static final String COUNTS = """
        a000: fa                           ; cli
        a001: 31 c0                        ; xor ax,ax
        a003: 8e d8                        ; mov ds,ax
        a005: 66 f0 ff 06 04 a8            ; lock inc DWORD PTR ds:0xa804
        a00b: f4                           ; hlt
        a00c: eb fd                        ; jmp a00b
        """;

    @MachineTest
    void sixtyFourVcpusStart(EngineProvider engine) throws InterruptedException {
        start(engine, 64);
    }

    @MachineTest
    void allVcpusThatThereMayBeStart(EngineProvider engine) throws InterruptedException {
        start(engine, 254);
    }

    private static void start(EngineProvider engine, int count) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .vcpus(count)
                .code(STARTS_ALL)
                .code(COUNTS)
                .build()) {
            guest.memory().putInt(0xA800, count - 1);
            guest.run();
            assertEquals(1, guest.awaitReport());
            assertEquals(count - 1, guest.memory().getInt(0xA804));
        }
    }
}
