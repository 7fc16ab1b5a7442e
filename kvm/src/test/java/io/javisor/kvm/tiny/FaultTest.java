package io.javisor.kvm.tiny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmGuestDebugLayout;
import io.javisor.kvm.abi.KvmRegsLayout;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** How a guest's running ends: exceptions, triple fault, what KVM can't emulate, what KVM_RUN refuses. */
@KvmTest
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

    @Test
    void exceptionsReachTheGuestsHandlers() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode()
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
    @Test
    void aTripleFaultEndsItAndAResetStartsItAgain() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode().code(TRIPLE_FAULT).build()) {
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

    @Test
    void aPageFaultWithoutHandlersIsATripleFault() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode().code(PAGE_FAULT).build()) {
            guest.run();
            guest.awaitExit(VcpuExit.TRIPLE_FAULT);
        }
    }

    private static final String NOT_EMULATED = """
        1000: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1005: dd 73 10               ; fnsave [rbx+0x10]
        1008: f4                     ; hlt
        """;

    /** KVM does not emulate FNSAVE, and must emulate what touches device memory, on every kind of processor. */
    @Test
    void anInstructionThatKvmCannotEmulateIsReportedWithItsBytes() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode().code(NOT_EMULATED).build()) {
            guest.run();
            guest.awaitExit(VcpuExit.INTERNAL_ERROR);
            MemorySegment run = guest.kvmVcpu(0).runPage();
            assertEquals(KvmConstants.KVM_INTERNAL_ERROR_EMULATION, KvmRunLayout.internalSuberror(run));
            assertEquals(
                    KvmConstants.KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES,
                    KvmRunLayout.emulationFailureFlags(run)
                            & KvmConstants.KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES);
            assertTrue(KvmRunLayout.emulationFailureInsnSize(run) >= 3);
            assertEquals(0xDD, KvmRunLayout.emulationFailureInsnBytes(run, 0) & 0xFF);
            assertEquals(0x73, KvmRunLayout.emulationFailureInsnBytes(run, 1) & 0xFF);
            assertEquals(0x10, KvmRunLayout.emulationFailureInsnBytes(run, 2) & 0xFF);
            assertEquals(0x1005, KvmRegsLayout.rip(guest.regs(0)));
        }
    }

    private static final String READ_UNBACKED = """
        1000: 8b 04 25 00 00 20 00   ; mov eax,DWORD PTR ds:0x200000
        1007: e9 f4 ff ff ff         ; jmp 0x1000
        """;

    @Test
    void memoryThatTheHostTookAwayMakesKvmRunFail() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.userMode().code(READ_UNBACKED).build()) {
            int anonymous = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS;
            long hva = Libc.check("mmap", Libc.mmap(0, 0x1000, HostConstants.PROT_NONE, anonymous, -1, 0));
            guest.vm().memory().setUserMemoryRegion(1, 0, 0x20_0000, 0x1000, hva);
            guest.run();
            assertEquals(new TinyGuest.Outcome(0, VcpuExit.RUN_FAILED), guest.awaitOutcome());
            String reason = guest.engineVcpu(0).failure(VcpuExit.RUN_FAILED).reason();
            assertTrue(reason.startsWith("KVM_RUN failed with EFAULT"), reason);
            assertEquals(0x1000, KvmRegsLayout.rip(guest.regs(0)));
            guest.vm().memory().delete(1);
            assertEquals(0, Libc.munmap(hva, 0x1000));
        }
    }

    private static final String STEPS = """
        1000: b8 01 00 00 00         ; mov eax,0x1
        1005: ff c0                  ; inc eax
        1007: f4                     ; hlt
        """;

    @Test
    void aSingleStepIsADebugExit() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode().code(STEPS).build();
                Arena arena = Arena.ofConfined()) {
            MemorySegment debug = arena.allocate(KvmGuestDebugLayout.SIZE, Long.BYTES);
            KvmGuestDebugLayout.setControl(
                    debug, KvmConstants.KVM_GUESTDBG_ENABLE | KvmConstants.KVM_GUESTDBG_SINGLESTEP);
            guest.kvmVcpu(0).setGuestDebug(debug);
            guest.run();
            guest.awaitExit(VcpuExit.DEBUG);
            assertEquals(0x1005, KvmRunLayout.debugArchPc(guest.kvmVcpu(0).runPage()));
            guest.run();
            guest.awaitExit(VcpuExit.DEBUG);
            assertEquals(0x1007, KvmRunLayout.debugArchPc(guest.kvmVcpu(0).runPage()));
            assertEquals(2, KvmRegsLayout.rax(guest.regs(0)));
        }
    }
}
