package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.Obstacle;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.emulator.SoftwareEngineProvider;
import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.cpu.SoftwareEngine;
import io.javisor.emulator.cpu.Translation;
import io.javisor.emulator.decode.Feature;
import io.javisor.testkit.guest.TinyGuest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the software engine offers on a host whose processor has no AVX: XSAVE with x87's and SSE's state, which it keeps. */
class HostWithoutAvxTest {
    private static final String GUEST = """
        1000: b8 01 00 00 00            ; mov eax,0x1
        1005: 31 c9                     ; xor ecx,ecx
        1007: 0f a2                     ; cpuid
        1009: c1 e9 18                  ; shr ecx,0x18
        100c: 83 e1 14                  ; and ecx,0x14
        100f: 89 c8                     ; mov eax,ecx
        1011: e7 80                     ; out 0x80,eax
        1013: b8 0d 00 00 00            ; mov eax,0xd
        1018: 31 c9                     ; xor ecx,ecx
        101a: 0f a2                     ; cpuid
        101c: e7 80                     ; out 0x80,eax
        101e: 89 c8                     ; mov eax,ecx
        1020: e7 80                     ; out 0x80,eax
        1022: b8 0d 00 00 00            ; mov eax,0xd
        1027: b9 02 00 00 00            ; mov ecx,0x2
        102c: 0f a2                     ; cpuid
        102e: 09 d8                     ; or eax,ebx
        1030: e7 80                     ; out 0x80,eax
        1032: 0f 20 e0                  ; mov rax,cr4
        1035: 0d 00 06 04 00            ; or eax,0x40600
        103a: 0f 22 e0                  ; mov cr4,rax
        103d: 31 c9                     ; xor ecx,ecx
        103f: 31 d2                     ; xor edx,edx
        1041: b8 03 00 00 00            ; mov eax,0x3
        1046: 0f 01 d1                  ; xsetbv
        1049: b8 07 00 00 00            ; mov eax,0x7
        104e: 0f 01 d1                  ; xsetbv
        1051: 0f 01 d0                  ; xgetbv
        1054: e7 80                     ; out 0x80,eax
        1056: b9 10 00 00 00            ; mov ecx,0x10
        105b: b8 34 12 5a 5a            ; mov eax,0x5a5a1234
        1060: 66 44 0f 6e c8            ; movd xmm9,eax
        1065: b8 07 00 00 00            ; mov eax,0x7
        106a: ba 00 00 00 00            ; mov edx,0x0
        106f: bf 00 b0 00 00            ; mov edi,0xb000
        1074: 48 0f ae 27               ; xsave64 [rdi]
        1078: 66 45 0f ef c9            ; pxor xmm9,xmm9
        107d: 48 0f ae 2f               ; xrstor64 [rdi]
        1081: e2 d8                     ; loop 0x105b
        1083: 66 44 0f 7e c8            ; movd eax,xmm9
        1088: e7 80                     ; out 0x80,eax
        108a: 8b 87 00 02 00 00         ; mov eax,DWORD PTR [rdi+0x200]
        1090: e7 80                     ; out 0x80,eax
        1092: c5 fd ef c0               ; vpxor ymm0,ymm0,ymm0
        1096: f4                        ; hlt
        """;

    private static final String PROTECTION_HANDLER = """
        1100: b0 d0                     ; mov al,0xd0
        1102: e6 80                     ; out 0x80,al
        1104: 48 83 44 24 08 03         ; add QWORD PTR [rsp+0x8],0x3
        110a: 48 83 c4 08               ; add rsp,0x8
        110e: 48 cf                     ; iretq
        """;

    private static final String INVALID_OPCODE_HANDLER = """
        1140: b0 d6                     ; mov al,0xd6
        1142: e6 80                     ; out 0x80,al
        1144: 48 83 04 24 04            ; add QWORD PTR [rsp],0x4
        1149: 48 cf                     ; iretq
        """;

    /** The loop turns often enough to be a block. */
    @Test
    void thereIsNoAvxAndSseIsKept() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(new WithoutAvx(new SoftwareEngineProvider()))
                .code(GUEST)
                .code(PROTECTION_HANDLER)
                .code(INVALID_OPCODE_HANDLER)
                .gate(6, 0x1140)
                .gate(13, 0x1100)
                .build()) {
            guest.run();
            assertEquals(1 << (26 - 24), guest.awaitReport(), "XSAVE and not AVX");
            assertEquals(List.of(3L, 0x240L), guest.awaitReports(2), "components, and their size");
            assertEquals(0, guest.awaitReport(), "size and place of AVX's");
            assertEquals(0xD0, guest.awaitReport(), "#GP for XCR0.AVX");
            assertEquals(3, guest.awaitReport(), "XCR0");
            assertEquals(0x5A5A_1234, guest.awaitReport(), "xmm9 by way of memory");
            assertEquals(2, guest.awaitReport(), "XSTATE_BV");
            assertEquals(0xD6, guest.awaitReport(), "#UD for VPXOR");
            guest.awaitExit(VcpuExit.HALT);
        }
    }

    private record WithoutAvx(EngineProvider engine) implements EngineProvider {
        @Override
        public String name() {
            return engine.name();
        }

        @Override
        public EngineTraits traits() {
            return engine.traits();
        }

        @Override
        public Optional<Obstacle> obstacle() {
            return engine.obstacle();
        }

        @Override
        public Engine open() {
            Set<Feature> host = HostFeatures.ofHost();
            host.removeAll(Set.of(Feature.AVX, Feature.AVX2, Feature.FMA, Feature.F16C));
            return new SoftwareEngine(traits(), host, Translation.ON);
        }
    }
}
