package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.cpu.CpuModel;
import io.javisor.core.cpu.CpuTopology;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.HostCpu;
import io.javisor.emulator.decode.Feature;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OfferedCpuidTest {
    private static final Set<String> OLD_HOST = Set.of(
            "fpu", "clflush", "mmx", "fxsr", "sse", "sse2", "pni", "ssse3", "cx16", "sse4_1", "sse4_2", "popcnt");

    private static HostCpu offer(Set<Feature> features) {
        return new HostCpu(OfferedCpuid.of(features), true, GuestClock.TSC_KHZ);
    }

    @Test
    void aModelTellsTheDecoderWhatTheGuestIsTold() {
        Set<Feature> all = Feature.all();
        List<CpuidEntry> cpuid =
                CpuModel.of(offer(all), CpuConfig.DEFAULT, new CpuTopology(2)).cpuid(1);
        assertEquals(all, OfferedCpuid.features(cpuid));
    }

    @Test
    void aTemplateIsWhatTheDecoderKnows() throws Exception {
        List<CpuidEntry> cpuid = CpuModel.of(offer(Feature.all()), CpuConfig.parse("x86-64-v2"), new CpuTopology(1))
                .cpuid(0);
        Set<Feature> features = OfferedCpuid.features(cpuid);
        assertTrue(features.containsAll(EnumSet.of(Feature.SSE42, Feature.POPCNT, Feature.CX16)));
        assertFalse(features.contains(Feature.AVX));
        assertFalse(features.contains(Feature.BMI1));
    }

    @Test
    void aHostWithoutAvxOffersLevelTwo() {
        HostCpu cpu = offer(HostFeatures.of(OLD_HOST));
        for (String name : List.of("cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3", "nx", "pdpe1gb")) {
            assertTrue(cpu.supports(name), name);
        }
        assertFalse(cpu.supports("avx"));
        assertFalse(cpu.supports("vmx"));
        assertFalse(cpu.supports("svm"));
        assertFalse(cpu.supports("monitor"));
        assertFalse(cpu.supports("vme"));
    }

    @Test
    void withoutAvxNothingThatIsMadeOfItIsThere() {
        Set<Feature> features = HostFeatures.of(Set.of("sse2", "xsave", "avx2", "fma", "f16c", "bmi2"));
        assertEquals(EnumSet.of(Feature.SSE2, Feature.XSAVE, Feature.BMI2), features);
    }

    /** What Java does by itself needs nothing of the host. */
    @Test
    void whatNoHostHasToHaveIsThereOnEach() {
        assertTrue(HostFeatures.offered(HostFeatures.of(Set.of()))
                .containsAll(
                        EnumSet.of(Feature.SMAP, Feature.FSGSBASE, Feature.RDTSCP, Feature.XSAVE, Feature.INVPCID)));
    }
}
