package io.javisor.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuFeature.Bit;
import io.javisor.core.cpu.CpuidEntry.Register;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuFeaturesTest {
    /** Linux arch/x86/include/asm/cpufeatures.h and the manuals, bit by bit, apart from the table's own order. */
    @ParameterizedTest
    @CsvSource({
        "pni, 0x1, 0, ECX, 0",
        "cx16, 0x1, 0, ECX, 13",
        "pcid, 0x1, 0, ECX, 17",
        "x2apic, 0x1, 0, ECX, 21",
        "popcnt, 0x1, 0, ECX, 23",
        "tsc_deadline_timer, 0x1, 0, ECX, 24",
        "xsave, 0x1, 0, ECX, 26",
        "avx, 0x1, 0, ECX, 28",
        "hypervisor, 0x1, 0, ECX, 31",
        "ht, 0x1, 0, EDX, 28",
        "pbe, 0x1, 0, EDX, 31",
        "arat, 0x6, 0, EAX, 2",
        "avx2, 0x7, 0, EBX, 5",
        "smep, 0x7, 0, EBX, 7",
        "erms, 0x7, 0, EBX, 9",
        "smap, 0x7, 0, EBX, 20",
        "avx512vl, 0x7, 0, EBX, 31",
        "umip, 0x7, 0, ECX, 2",
        "la57, 0x7, 0, ECX, 16",
        "rdpid, 0x7, 0, ECX, 22",
        "sgx_lc, 0x7, 0, ECX, 30",
        "fsrm, 0x7, 0, EDX, 4",
        "ibt, 0x7, 0, EDX, 20",
        "amx_tile, 0x7, 0, EDX, 24",
        "arch_capabilities, 0x7, 0, EDX, 29",
        "ssbd, 0x7, 0, EDX, 31",
        "avx_vnni, 0x7, 1, EAX, 4",
        "fred, 0x7, 1, EAX, 17",
        "lam, 0x7, 1, EAX, 26",
        "avx10, 0x7, 1, EDX, 19",
        "xsaves, 0xD, 1, EAX, 3",
        "kvm-pv-unhalt, 0x40000001, 0, EAX, 7",
        "kvm-pv-tlb-flush, 0x40000001, 0, EAX, 9",
        "kvm-pv-ipi, 0x40000001, 0, EAX, 11",
        "kvm-pv-sched-yield, 0x40000001, 0, EAX, 13",
        "kvm-migration-control, 0x40000001, 0, EAX, 17",
        "kvmclock-stable-bit, 0x40000001, 0, EAX, 24",
        "syscall, 0x80000001, 0, EDX, 11",
        "nx, 0x80000001, 0, EDX, 20",
        "lm, 0x80000001, 0, EDX, 29",
        "svm, 0x80000001, 0, ECX, 2",
        "abm, 0x80000001, 0, ECX, 5",
        "topoext, 0x80000001, 0, ECX, 22",
        "mwaitx, 0x80000001, 0, ECX, 29",
        "nonstop_tsc, 0x80000007, 0, EDX, 8",
        "ibpb, 0x80000008, 0, EBX, 12",
        "ibrs, 0x80000008, 0, EBX, 14",
        "amd_ssbd, 0x80000008, 0, EBX, 24",
        "autoibrs, 0x80000021, 0, EAX, 8",
    })
    void aFeatureIsWhereTheManualPutsIt(String name, String function, int index, Register register, int bit) {
        CpuFeature feature = CpuFeatures.find(name).orElseThrow();
        assertEquals(name, feature.name());
        assertEquals(List.of(new Bit(Long.decode(function).intValue(), index, register, bit)), feature.bits());
    }

    @Test
    void severalBitsMayHaveOneName() {
        assertEquals(
                List.of(new Bit(0x4000_0001, 0, Register.EAX, 0), new Bit(0x4000_0001, 0, Register.EAX, 3)),
                CpuFeatures.find("kvmclock").orElseThrow().bits());
        assertEquals(
                List.of(new Bit(1, 0, Register.EDX, 23), new Bit(0x8000_0001, 0, Register.EDX, 23)),
                CpuFeatures.find("mmx").orElseThrow().bits());
    }

    @Test
    void noBitHasTwoNames() {
        Set<Bit> seen = new HashSet<>();
        for (CpuFeature feature : CpuFeatures.all()) {
            for (Bit bit : feature.bits()) {
                assertTrue(seen.add(bit), () -> bit + " is " + feature.name() + " too");
                assertTrue(bit.bit() < 32, bit::toString);
            }
        }
        assertTrue(seen.size() > 200, () -> seen.size() + " bits");
    }

    @Test
    void theTableAndItsRulesNameTheSameFeatures() {
        for (CpuFeature feature : CpuFeatures.all()) {
            CpuFeatures.prerequisites(feature.name())
                    .forEach(name -> assertTrue(CpuFeatures.find(name).isPresent(), name));
        }
        for (CpuTemplate template : CpuTemplate.values()) {
            template.hidden()
                    .forEach(name -> assertEquals(
                            name, CpuFeatures.find(name).orElseThrow().name()));
            template.required()
                    .forEach(name -> assertEquals(
                            name, CpuFeatures.find(name).orElseThrow().name()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "AVX2, avx2",
        "sse4.1, sse4_1",
        "kvm_pv_ipi, kvm-pv-ipi",
        "tsc-deadline, tsc_deadline_timer",
        "sse3, pni"
    })
    void namesAreFoundInOtherSpellings(String spelling, String name) {
        assertEquals(name, CpuFeatures.find(spelling).orElseThrow().name());
    }

    @Test
    void whatNeedsAHiddenFeatureIsHiddenToo() {
        Set<String> hidden = CpuFeatures.withDependents(List.of("xsave"));
        assertTrue(
                hidden.containsAll(List.of(
                        "avx",
                        "avx2",
                        "fma",
                        "avx512f",
                        "avx512_vnni",
                        "xsaves",
                        "xfd",
                        "pku",
                        "amx_tile",
                        "amx_int8",
                        "vaes")),
                hidden::toString);
        assertEquals(Set.of("smap"), CpuFeatures.withDependents(List.of("smap")));
    }

    @ParameterizedTest
    @CsvSource({"avx3, avx", "x2apci, x2apic", "kvm-pv-eip, kvm-pv-ipi", "popcount, popcnt"})
    void theNearestNameIsFirst(String wrong, String meant) {
        assertTrue(CpuFeatures.nearest(wrong).contains(meant), () -> CpuFeatures.nearest(wrong) + "");
    }
}
