package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.VcpuFailure;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;

/** A guest's memory becomes that of a file which has no such page, as when a file is cut off: its next access is a SIGBUS. */
class MemoryTakenAwayTest {
    private static final int SIZE = 0x40_0000;
    private static final int CUT = 0x20_0000;

    /** Reports, then counts in memory for ever, in a block. */
    private static final String COUNTS_IN_A_BLOCK = """
        1000: bb 00 00 20 00         ; mov ebx,0x200000
        1005: 48 ff 03               ; inc QWORD PTR [rbx]
        1008: b0 01                  ; mov al,0x1
        100a: e6 80                  ; out 0x80,al
        100c: 48 ff 03               ; inc QWORD PTR [rbx]
        100f: eb fb                  ; jmp 0x100c
        """;

    /** The same with 16-bit code, which is stepped. */
    private static final String COUNTS_IN_STEPS = """
        1000: fa                     ; cli
        1001: 0f 01 16 f0 05         ; lgdtw ds:0x5f0
        1006: 0f 20 c0               ; mov eax,cr0
        1009: 0c 01                  ; or al,0x1
        100b: 0f 22 c0               ; mov cr0,eax
        100e: bb 10 00               ; mov bx,0x10
        1011: 8e db                  ; mov ds,bx
        1013: 66 bb 00 00 20 00      ; mov ebx,0x200000
        1019: b0 01                  ; mov al,0x1
        101b: e6 80                  ; out 0x80,al
        101d: 67 66 ff 03            ; inc DWORD PTR [ebx]
        1021: eb fa                  ; jmp 0x101d
        """;

    /** Copies from there, which the JVM does and no emitted code. */
    private static final String COPIES = """
        1000: b0 01                  ; mov al,0x1
        1002: e6 80                  ; out 0x80,al
        1004: be 00 00 20 00         ; mov esi,0x200000
        1009: bf 00 a0 00 00         ; mov edi,0xa000
        100e: b9 00 04 00 00         ; mov ecx,0x400
        1013: f3 a4                  ; rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]
        1015: eb ed                  ; jmp 0x1004
        """;

    @MachineTest
    void aBlock(EngineProvider engine) throws InterruptedException {
        endsAlone(engine, TinyGuest.longMode(engine).code(COUNTS_IN_A_BLOCK));
    }

    @MachineTest
    void aStep(EngineProvider engine) throws InterruptedException {
        endsAlone(engine, TinyGuest.realMode(engine).code(COUNTS_IN_STEPS));
    }

    @MachineTest
    void aCopy(EngineProvider engine) throws InterruptedException {
        endsAlone(engine, TinyGuest.longMode(engine).code(COPIES));
    }

    private static void endsAlone(EngineProvider engine, TinyGuest.Builder builder) throws InterruptedException {
        assumeTrue(engine.name().equals("software"), "on KVM the host's kernel sees the fault");
        try (TinyGuest neighbour = TinyGuest.longMode(engine)
                        .code(COUNTS_IN_A_BLOCK)
                        .memory(new GpaRange(0, SIZE))
                        .build();
                TinyGuest guest = builder.memory(new GpaRange(0, SIZE)).build()) {
            neighbour.run();
            assertEquals(1, neighbour.awaitReport());
            guest.run();
            assertEquals(1, guest.awaitReport());
            takeAway(guest.memory().pageHva(CUT));
            guest.awaitExit(VcpuExit.INTERNAL_ERROR);
            VcpuFailure failure = guest.engineVcpu(0).failure(VcpuExit.INTERNAL_ERROR);
            assertTrue(failure.reason().startsWith("host fault: "), failure.reason());
            assertTrue(failure.instruction().length() > 0);
            long before = neighbour.memory().getLong(0x20_0000);
            long after = before;
            while (after == before) {
                Thread.onSpinWait();
                after = neighbour.memory().getLong(0x20_0000);
            }
        }
    }

    private static void takeAway(long hva) {
        try (Fd empty = Fd.own("memfd", Libc.memfdCreate("empty", HostConstants.MFD_CLOEXEC))) {
            int fixed = HostConstants.MAP_SHARED | HostConstants.MAP_FIXED;
            assertEquals(hva, Libc.mmap(hva, 4096, HostConstants.PROT_READ, fixed, empty.value(), 0));
        }
    }
}
