package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** Guests whose tables, stack, code and strings are where none should be. */
class HostileMemoryTest {
    private static final long DEVICE_GPA = 0xD000_0000L;

    private static final String REPORTS_GP = """
        1200: b0 0d                        ; mov al,0xd
        1202: e6 80                        ; out 0x80,al
        1204: f4                           ; hlt
        """;

    private static final String REPORTS_UD = """
        1240: b0 06                        ; mov al,0x6
        1242: e6 80                        ; out 0x80,al
        1244: f4                           ; hlt
        """;

    private static final String TABLES_ON_A_DEVICE = """
        1000: b8 00 00 00 d0               ; mov eax,0xd0000000
        1005: 0f 22 d8                     ; mov cr3,rax
        1008: f4                           ; hlt
        """;

    private static final String TABLES_BEYOND_MEMORY = """
        1000: 48 b8 00 f0 ff ff ff 3f 00 00 ; movabs rax,0x3ffffffff000
        100a: 0f 22 d8                     ; mov cr3,rax
        100d: f4                           ; hlt
        """;

    @MachineTest
    void pageTablesThatAreNoMemoryMapNothing(EngineProvider engine) throws InterruptedException {
        assumeTrue(engine.name().equals("software"), "KVM tries again for ever where such a table is no memory");
        for (String code : List.of(TABLES_ON_A_DEVICE, TABLES_BEYOND_MEMORY)) {
            try (TinyGuest guest = TinyGuest.longMode(engine).code(code).build()) {
                guest.run();
                guest.awaitExit(VcpuExit.TRIPLE_FAULT);
            }
        }
    }

    /** Has the last entry of the top table point to that table, reads it through itself, and takes its first entry away. */
    private static final String TABLES_THAT_MAP_THEMSELVES = """
        1000: 48 c7 04 25 f8 2f 00 00 63 20 00 00 ; mov QWORD PTR ds:0x2ff8,0x2063
        100c: 48 b8 00 f0 ff ff ff ff ff ff ; movabs rax,0xfffffffffffff000
        1016: 48 8b 98 f8 0f 00 00         ; mov rbx,QWORD PTR [rax+0xff8]
        101d: 88 d8                        ; mov al,bl
        101f: e6 80                        ; out 0x80,al
        1021: 48 b8 00 f0 ff ff ff ff ff ff ; movabs rax,0xfffffffffffff000
        102b: 48 c7 00 00 00 00 00         ; mov QWORD PTR [rax],0x0
        1032: b0 02                        ; mov al,0x2
        1034: e6 80                        ; out 0x80,al
        1036: 0f 20 d8                     ; mov rax,cr3
        1039: 0f 22 d8                     ; mov cr3,rax
        103c: f4                           ; hlt
        """;

    @MachineTest
    void pageTablesMapThemselves(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest =
                TinyGuest.longMode(engine).code(TABLES_THAT_MAP_THEMSELVES).build()) {
            guest.run();
            assertEquals(0x63, guest.awaitReport());
            assertEquals(2, guest.awaitReport());
            guest.awaitExit(VcpuExit.TRIPLE_FAULT); // with CR3 goes what was kept of it
            assertEquals(0, guest.memory().getLong(0x2000));
        }
    }

    private static final String CODE_THAT_UNMAPS_ITSELF = """
        1000: b0 01                        ; mov al,0x1
        1002: e6 80                        ; out 0x80,al
        1004: 48 c7 04 25 00 40 00 00 00 00 00 00 ; mov QWORD PTR ds:0x4000,0x0
        1010: 0f 01 3c 25 00 10 00 00      ; invlpg BYTE PTR ds:0x1000
        1018: b0 02                        ; mov al,0x2
        101a: e6 80                        ; out 0x80,al
        101c: f4                           ; hlt
        """;

    @MachineTest
    void codeTakesItsOwnPageAway(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest =
                TinyGuest.longMode(engine).code(CODE_THAT_UNMAPS_ITSELF).build()) {
            guest.run();
            assertEquals(1, guest.awaitReport());
            guest.awaitExit(VcpuExit.TRIPLE_FAULT);
            assertEquals(0, guest.pendingReports());
        }
    }

    private static final String CODE_ON_A_DEVICE = """
        1000: b8 00 00 00 d0               ; mov eax,0xd0000000
        1005: ff e0                        ; jmp rax
        """;

    /** A device that answers with NOP, or nobody, who answers with an instruction that there is not. */
    @MachineTest
    void codeLiesOnADevice(EngineProvider engine) throws InterruptedException {
        assumeTrue(engine.name().equals("software"), "KVM fetches no code from devices");
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .code(CODE_ON_A_DEVICE)
                .code(REPORTS_UD)
                .gate(6, 0x1240)
                .build()) {
            BusDevice nops = new BusDevice() {
                @Override
                public long read(long offset, int size) {
                    return 0x9090_9090_9090_9090L;
                }

                @Override
                public void write(long offset, int size, long value) {}
            };
            var _ = guest.deviceMemory().register("nops", DEVICE_GPA, 0x100, nops);
            guest.run();
            assertEquals(6, guest.awaitReport());
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0x1245, guest.registers(0).rip());
        }
    }

    /** The descriptor of selector 8 lies half in memory. */
    private static final String DESCRIPTORS_AT_THE_EDGE = """
        1000: 66 c7 04 25 00 a0 00 00 ff ff ; mov WORD PTR ds:0xa000,0xffff
        100a: 48 c7 04 25 02 a0 00 00 f4 ff 00 00 ; mov QWORD PTR ds:0xa002,0xfff4
        1016: 0f 01 14 25 00 a0 00 00      ; lgdt ds:0xa000
        101e: b8 08 00 00 00               ; mov eax,0x8
        1023: 8e d8                        ; mov ds,eax
        1025: b0 01                        ; mov al,0x1
        1027: e6 80                        ; out 0x80,al
        1029: 66 0f 00 c0                  ; sldt ax
        102d: f4                           ; hlt
        """;

    @MachineTest
    void aDescriptorTableLeavesMemory(EngineProvider engine) throws InterruptedException {
        assumeTrue(engine.name().equals("software"), "KVM tries again for ever where such a table is no memory");
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .code(DESCRIPTORS_AT_THE_EDGE)
                .code(REPORTS_GP)
                .gate(13, 0x1200)
                .build()) {
            guest.memory().putInt(0xFFFC, 0xFFFF);
            guest.run();
            long report = guest.awaitReport();
            assertTrue(report == 1 || report == 0xD, () -> "0x" + Long.toHexString(report));
            guest.awaitExit(VcpuExit.HALT);
        }
    }

    /** Pushes half into memory and half beyond, where nobody keeps it; then right below the edge. */
    private static final String STACK_AT_THE_EDGE = """
        1000: bc 04 00 01 00               ; mov esp,0x10004
        1005: 68 78 56 34 12               ; push 0x12345678
        100a: 58                           ; pop rax
        100b: 48 c1 e8 18                  ; shr rax,0x18
        100f: e6 80                        ; out 0x80,al
        1011: bc 00 00 01 00               ; mov esp,0x10000
        1016: 6a 55                        ; push 0x55
        1018: 58                           ; pop rax
        1019: e6 80                        ; out 0x80,al
        101b: f4                           ; hlt
        """;

    @MachineTest
    void theStackLeavesMemory(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest =
                TinyGuest.longMode(engine).code(STACK_AT_THE_EDGE).build()) {
            guest.run();
            assertEquals(0x12, guest.awaitReport());
            assertEquals(0x55, guest.awaitReport());
            guest.awaitExit(VcpuExit.HALT);
        }
    }

    private static final String JUMP_TO_NOWHERE = """
        1000: 48 b8 00 00 00 00 00 80 00 00 ; movabs rax,0x800000000000
        100a: ff e0                        ; jmp rax
        """;

    @MachineTest
    void aJumpToAnAddressThatThereIsNotFaults(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .code(JUMP_TO_NOWHERE)
                .code(REPORTS_GP)
                .gate(13, 0x1200)
                .build()) {
            guest.run();
            assertEquals(0xD, guest.awaitReport());
            guest.awaitExit(VcpuExit.HALT);
        }
    }

    /** NOP and MOV AL in the last bytes of memory; what comes then is nobody's. */
    private static final String LAST_BYTES = """
        1000: c6 04 25 fe ff 00 00 b0      ; mov BYTE PTR ds:0xfffe,0xb0
        1008: c6 04 25 ff ff 00 00 77      ; mov BYTE PTR ds:0xffff,0x77
        1010: c6 04 25 fd ff 00 00 90      ; mov BYTE PTR ds:0xfffd,0x90
        1018: b8 fd ff 00 00               ; mov eax,0xfffd
        101d: ff e0                        ; jmp rax
        """;

    private static final String INSTRUCTION_ACROSS_THE_END = """
        1000: c6 04 25 ff ff 00 00 b8      ; mov BYTE PTR ds:0xffff,0xb8
        1008: b8 ff ff 00 00               ; mov eax,0xffff
        100d: ff e0                        ; jmp rax
        """;

    @MachineTest
    void codeRunsOverTheEndOfMemory(EngineProvider engine) throws InterruptedException {
        assumeTrue(engine.name().equals("software"), "KVM fetches no code from devices");
        for (String code : List.of(LAST_BYTES, INSTRUCTION_ACROSS_THE_END)) {
            try (TinyGuest guest = TinyGuest.longMode(engine)
                    .code(code)
                    .code(REPORTS_UD)
                    .gate(6, 0x1240)
                    .build()) {
                guest.memory().putLong(0x500, 0);
                guest.run();
                assertEquals(6, guest.awaitReport());
                guest.awaitExit(VcpuExit.HALT);
            }
        }
    }

    private static final String ENDLESS_MOVE = """
        1000: b0 01                        ; mov al,0x1
        1002: e6 80                        ; out 0x80,al
        1004: bf 00 00 00 d0               ; mov edi,0xd0000000
        1009: be 00 00 10 d0               ; mov esi,0xd0100000
        100e: 48 b9 ff ff ff ff ff 7f 00 00 ; movabs rcx,0x7fffffffffff
        1018: f3 a4                        ; rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]
        101a: f4                           ; hlt
        """;

    @MachineTest
    void anEndlessMoveBetweenDevicesIsPaused(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(ENDLESS_MOVE).build()) {
            guest.run();
            assertEquals(1, guest.awaitReport());
            long left = Long.MAX_VALUE;
            for (int i = 0; i < 20; ) {
                guest.pause();
                GeneralRegisters now = guest.registers(0);
                if (now.rip() == 0x1018 && now.rcx() < left) {
                    left = now.rcx();
                    i++;
                }
                guest.run();
            }
        }
    }
}
