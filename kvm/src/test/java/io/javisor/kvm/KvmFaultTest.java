package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.DebugRequest;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How KVM ends a guest's running: what it can't emulate, what KVM_RUN refuses, single steps. */
@KvmTest
class KvmFaultTest {
    private static final EngineProvider KVM = new KvmEngineProvider();

    private static final String NOT_EMULATED = """
        1000: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1005: dd 73 10               ; fnsave [rbx+0x10]
        1008: f4                     ; hlt
        """;

    /** KVM does not emulate FNSAVE, and must emulate what touches device memory, on every kind of processor. */
    @Test
    void anInstructionThatKvmCannotEmulateIsReportedWithItsBytes() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(KVM).code(NOT_EMULATED).build()) {
            guest.run();
            guest.awaitExit(VcpuExit.INTERNAL_ERROR);
            MemorySegment run = KvmParts.vcpu(guest).runPage();
            assertEquals(KvmConstants.KVM_INTERNAL_ERROR_EMULATION, KvmRunLayout.internalSuberror(run));
            assertEquals(
                    KvmConstants.KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES,
                    KvmRunLayout.emulationFailureFlags(run)
                            & KvmConstants.KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES);
            assertTrue(KvmRunLayout.emulationFailureInsnSize(run) >= 3);
            assertEquals(0xDD, KvmRunLayout.emulationFailureInsnBytes(run, 0) & 0xFF);
            assertEquals(0x73, KvmRunLayout.emulationFailureInsnBytes(run, 1) & 0xFF);
            assertEquals(0x10, KvmRunLayout.emulationFailureInsnBytes(run, 2) & 0xFF);
            assertEquals(0x1005, guest.registers(0).rip());
        }
    }

    private static final String READ_UNBACKED = """
        1000: 8b 04 25 00 00 20 00   ; mov eax,DWORD PTR ds:0x200000
        1007: e9 f4 ff ff ff         ; jmp 0x1000
        """;

    @Test
    void memoryThatTheHostTookAwayMakesKvmRunFail() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.userMode(KVM).code(READ_UNBACKED).build()) {
            int anonymous = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS;
            long hva = Libc.check("mmap", Libc.mmap(0, 0x1000, HostConstants.PROT_NONE, anonymous, -1, 0));
            KvmParts.vm(guest).memory().setUserMemoryRegion(1, 0, 0x20_0000, 0x1000, hva);
            guest.run();
            assertEquals(new TinyGuest.Outcome(0, VcpuExit.RUN_FAILED), guest.awaitOutcome());
            String reason = guest.engineVcpu(0).failure(VcpuExit.RUN_FAILED).reason();
            assertTrue(reason.startsWith("KVM_RUN failed with EFAULT"), reason);
            assertEquals(0x1000, guest.registers(0).rip());
            KvmParts.vm(guest).memory().delete(1);
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
        try (TinyGuest guest = TinyGuest.longMode(KVM).code(STEPS).build()) {
            guest.engineVcpu(0).debug(new DebugRequest(true, List.of()));
            guest.run();
            guest.awaitExit(VcpuExit.DEBUG);
            assertEquals(0x1005, KvmRunLayout.debugArchPc(KvmParts.vcpu(guest).runPage()));
            guest.run();
            guest.awaitExit(VcpuExit.DEBUG);
            assertEquals(0x1007, KvmRunLayout.debugArchPc(KvmParts.vcpu(guest).runPage()));
            assertEquals(2, guest.registers(0).rax());
        }
    }
}
