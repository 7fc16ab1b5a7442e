package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;

/** How a guest's running ends: exceptions that it handles, triple faults. */
class FaultTest {
    private static final String EXCEPTION = """
        1000: 31 d2                  ; xor edx,edx
        1002: 31 c9                  ; xor ecx,ecx
        1004: f7 f1                  ; div ecx
        1006: 0f 0b                  ; ud2
        1008: f4                     ; hlt
        """;

    private static final String DIVIDE_ERROR_HANDLER = """
        1100: b0 d0                  ; mov al,0xd0
        1102: e6 80                  ; out 0x80,al
        1104: 48 83 04 24 02         ; add QWORD PTR [rsp],0x2
        1109: 48 cf                  ; iretq
        """;

    private static final String INVALID_OPCODE_HANDLER = """
        1140: b0 0d                  ; mov al,0xd
        1142: e6 80                  ; out 0x80,al
        1144: 48 83 04 24 02         ; add QWORD PTR [rsp],0x2
        1149: 48 cf                  ; iretq
        """;

    @MachineTest
    void exceptionsReachTheGuestsHandlers(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .code(EXCEPTION)
                .code(DIVIDE_ERROR_HANDLER)
                .code(INVALID_OPCODE_HANDLER)
                .gate(0, 0x1100)
                .gate(6, 0x1140)
                .build()) {
            guest.run();
            assertEquals(0xD0, guest.awaitReport());
            assertEquals(0x0D, guest.awaitReport());
            guest.awaitExit(VcpuExit.HALT);
        }
    }

    private static final String TRIPLE_FAULT = """
        1000: fe 04 25 10 a0 00 00   ; inc BYTE PTR ds:0xa010
        1007: 8a 04 25 10 a0 00 00   ; mov al,BYTE PTR ds:0xa010
        100e: e6 80                  ; out 0x80,al
        1010: 0f 01 1c 25 00 a0 00 00 ; lidt ds:0xa000
        1018: 0f 0b                  ; ud2
        """;

    /** What a PC's kernel does as the last way to a reset; the machine then starts it again. */
    @MachineTest
    void aTripleFaultEndsItAndAResetStartsItAgain(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(TRIPLE_FAULT).build()) {
            guest.run();
            assertEquals(1, guest.awaitReport());
            guest.awaitExit(VcpuExit.TRIPLE_FAULT);
            guest.reset();
            guest.run();
            assertEquals(2, guest.awaitReport());
            guest.awaitExit(VcpuExit.TRIPLE_FAULT);
        }
    }

    private static final String PAGE_FAULT = """
        1000: 0f 01 1c 25 00 a0 00 00 ; lidt ds:0xa000
        1008: 48 b8 00 00 00 00 40 00 00 00 ; movabs rax,0x4000000000
        1012: 88 00                  ; mov BYTE PTR [rax],al
        """;

    @MachineTest
    void aPageFaultWithoutHandlersIsATripleFault(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(PAGE_FAULT).build()) {
            guest.run();
            guest.awaitExit(VcpuExit.TRIPLE_FAULT);
        }
    }
}
