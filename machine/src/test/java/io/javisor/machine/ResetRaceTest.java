package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** 64 vCPUs ask for a reset at the same moment, half of them by the keyboard controller, half by a triple fault. */
class ResetRaceTest {
    private static final int VCPUS = 64;
    private static final int LIVES = 2;

    /** Prints a letter, starts the others at 0x60000 with the code from 5d on, waits for them, lets all go. */
    private static final String CODE = """
        ba f8 03 00 00                 ; 0: mov edx,0x3f8
        b0 72                          ; 5: mov al,0x72
        ee                             ; 7: out dx,al
        48 8d 35 4e 00 00 00           ; 8: lea rsi,[rip+0x4e]
        bf 00 00 06 00                 ; f: mov edi,0x60000
        b9 40 00 00 00                 ; 14: mov ecx,0x40
        f3 a4                          ; 19: rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]
        bb 00 00 e0 fe                 ; 1b: mov ebx,0xfee00000
        c7 83 f0 00 00 00 ff 01 00 00  ; 20: mov DWORD PTR [rbx+0xf0],0x1ff
        c7 83 00 03 00 00 00 45 0c 00  ; 2a: mov DWORD PTR [rbx+0x300],0xc4500
        c7 83 00 03 00 00 60 46 0c 00  ; 34: mov DWORD PTR [rbx+0x300],0xc4660
        f3 90                          ; 3e: pause
        83 3c 25 00 10 06 00 3f        ; 40: cmp DWORD PTR ds:0x61000,0x3f
        75 f4                          ; 48: jne 3e
        c7 04 25 04 10 06 00 01 00 00 00 ; 4a: mov DWORD PTR ds:0x61004,0x1
        b0 fe                          ; 55: mov al,0xfe
        e6 64                          ; 57: out 0x64,al
        fa                             ; 59: cli
        f4                             ; 5a: hlt
        eb fc                          ; 5b: jmp 59
        8c c8                          ; 5d: mov ax,cs
        8e d8                          ; 5f: mov ds,ax
        66 b8 01 00 00 00              ; 61: mov eax,0x1
        66 f0 0f c1 06 00 10           ; 67: lock xadd DWORD PTR ds:0x1000,eax
        f3 90                          ; 6e: pause
        66 83 3e 04 10 01              ; 70: cmp DWORD PTR ds:0x1004,0x1
        75 f6                          ; 76: jne 6e
        a8 01                          ; 78: test al,0x1
        74 06                          ; 7a: je 82
        0f 01 1e 10 10                 ; 7c: lidtw ds:0x1010
        cc                             ; 81: int3
        b0 fe                          ; 82: mov al,0xfe
        e6 64                          ; 84: out 0x64,al
        fa                             ; 86: cli
        f4                             ; 87: hlt
        eb fc                          ; 88: jmp 86
        """;

    @TempDir
    private Path directory = Path.of("");

    @MachineTest
    @Timeout(300)
    void eachLifeEndsOnceAndTheNextBegins(EngineProvider engine) throws Exception {
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger letters = new AtomicInteger();
        BootObserver observer = new BootObserver() {
            @Override
            public void reached(BootStep step) {
                if (step == BootStep.LIFE_ENDED) {
                    ended.getAndIncrement();
                }
            }

            @Override
            public void consoleOutput(int value) {
                letters.getAndIncrement();
            }
        };
        try (Fd in = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDONLY, 0));
                Fd out = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_WRONLY, 0));
                Machine machine = Machine.create(
                        MachineConfig.builder(CodeKernel.writeTo(directory, code()))
                                .accel(Accel.parse(engine.name()))
                                .cpus(VCPUS)
                                .memoryBytes(16 << 20)
                                .build(),
                        new Console(in.value(), out.value(), ConsoleInputFilter.NONE),
                        observer)) {
            machine.start();
            while (ended.get() < LIVES) {
                assertNull(machine.await(10));
            }
            machine.powerOff();
            assertEquals(new Outcome.PowerOff(), machine.await());
        }
        // Each life prints once; the last one may have been ended before it did.
        assertTrue(
                letters.get() == ended.get() || letters.get() == ended.get() - 1, () -> ended + " ended, " + letters);
    }

    private static int[] code() {
        return CODE.lines()
                .map(line -> line.substring(0, line.indexOf(';')).strip())
                .flatMapToInt(hex -> {
                    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
                    return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF);
                })
                .toArray();
    }
}
