package io.javisor.core.cpu;

import static io.javisor.core.cpu.Hosts.find;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuidEntry.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuModelTest {
    private static List<CpuidEntry> intel(String config, int vcpus, int vcpu) {
        return CpuModel.of(Hosts.intelHost(), CpuConfig.parse(config), new CpuTopology(vcpus))
                .cpuid(vcpu);
    }

    private static List<CpuidEntry> amd(String config, int vcpus, int vcpu) {
        return CpuModel.of(Hosts.amdHost(), CpuConfig.parse(config), new CpuTopology(vcpus))
                .cpuid(vcpu);
    }

    @ParameterizedTest
    @CsvSource({
        "host, ''",
        "x86-64-v2, ''",
        "x86-64-v3, ''",
        "-avx2, ''",
        "'host,+vmx', vmx",
        "'x86-64-v2,+vmx', vmx",
        "'host,+sgx', sgx",
        "'host,+sgx,+sgx_lc,+vmx', 'sgx,sgx_lc,vmx'",
        "'+svm', svm",
    })
    void whatLeadsFarIntoTheHostsKernelIsShownOnlyIfAskedFor(String config, String shown) {
        boolean amd = config.contains("svm");
        List<CpuidEntry> offer = amd ? Hosts.amd() : Hosts.intel();
        if (amd) {
            offer.add(CpuidEntry.leaf(0x8000_000A, 1, 8, 0, 0xFF));
        } else {
            offer.replaceAll(entry -> entry.function() == 7 && entry.index() == 0 ? entry.withEcx(1 << 30) : entry);
            offer.add(CpuidEntry.subleaf(0x12, 0, 1, 0, 0, 0x241F));
            offer.add(CpuidEntry.subleaf(0x12, 2, 0x7020_0001, 0, 0x5D80_0001, 0));
        }
        CpuModel model = CpuModel.of(new HostCpu(offer, true, 0), CpuConfig.parse(config), new CpuTopology(1));
        List<String> features = model.features();
        assertEquals(
                shown,
                Stream.of("sgx", "sgx_lc", "skinit", "svm", "vmx")
                        .filter(features::contains)
                        .collect(Collectors.joining(",")));
        List<CpuidEntry> entries = model.cpuid(0);
        if (amd) {
            assertEquals(8, find(entries, 0x8000_000A, 0).ebx());
        } else {
            boolean sgx = shown.contains("sgx");
            assertEquals(sgx ? 0x241F : 0, find(entries, 0x12, 0).edx());
            assertEquals(sgx ? 0x5D80_0001 : 0, find(entries, 0x12, 2).ecx());
        }
    }

    @Test
    void anAmdGuestIsNotToldOfSvm() {
        List<CpuidEntry> offer = Hosts.amd();
        offer.add(CpuidEntry.leaf(0x8000_000A, 1, 8, 0, 0xFF));
        CpuModel model = CpuModel.of(new HostCpu(offer, true, 0), CpuConfig.DEFAULT, new CpuTopology(1));
        assertFalse(model.features().contains("svm"));
        assertEquals(CpuidEntry.leaf(0x8000_000A, 0, 0, 0, 0), find(model.cpuid(0), 0x8000_000A, 0));
    }

    @Test
    void leaf1TellsTheVcpuApart() {
        CpuidEntry leaf = find(intel("host", 6, 5), 1, 0);
        assertEquals(5, leaf.ebx() >>> 24, "initial APIC id");
        assertEquals(8, leaf.ebx() >>> 16 & 0xFF, "addressable ids");
        assertEquals(8, leaf.ebx() >>> 8 & 0xFF, "CLFLUSH units");
        assertEquals(0x42, leaf.ebx() & 0xFF, "brand index");
        assertEquals(1, leaf.edx() >>> 28 & 1, "HTT");
        assertEquals(1, leaf.ecx() >>> 31, "hypervisor");
        assertEquals(1, leaf.ecx() >>> 24 & 1, "TSC deadline timer");
        assertEquals(0, leaf.ecx() >>> 27 & 1, "OSXSAVE is the guest's to set");
    }

    @Test
    void oneVcpuHasNoSiblings() {
        CpuidEntry leaf = find(intel("host", 1, 0), 1, 0);
        assertEquals(1, leaf.ebx() >>> 16 & 0xFF);
        assertEquals(0, leaf.edx() >>> 28 & 1);
        assertEquals(0, find(amd("host", 1, 0), 0x8000_0001, 0).ecx() & 2, "CMP_LEGACY");
    }

    @Test
    void theLargestMachineOverflowsNoField() {
        CpuidEntry leaf = find(intel("host", 254, 253), 1, 0);
        assertEquals(253, leaf.ebx() >>> 24);
        assertEquals(255, leaf.ebx() >>> 16 & 0xFF);
        CpuidEntry lastCache = find(intel("host", 254, 253), 4, 3);
        assertEquals(63, lastCache.eax() >>> 26);
        assertEquals(255, lastCache.eax() >>> 14 & 0xFFF);
        CpuidEntry cores = find(amd("host", 254, 253), 0x8000_0008, 0);
        assertEquals(253, cores.ecx() & 0xFF);
        assertEquals(8, cores.ecx() >>> 12 & 0xF);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 255, -1})
    void moreVcpusThanApicIdsAreRefused(int count) {
        assertThrows(IllegalArgumentException.class, () -> new CpuTopology(count));
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1", "2, 1, 2", "3, 2, 4", "4, 2, 4", "5, 3, 8", "128, 7, 128", "129, 8, 256", "254, 8, 256"})
    void apicIdsArePowersOfTwo(int vcpus, int bits, int ids) {
        CpuTopology topology = new CpuTopology(vcpus);
        assertEquals(bits, topology.apicIdBits());
        assertEquals(ids, topology.addressableIds());
    }

    @Test
    void theLastLevelCacheIsSharedAndTheOthersAreNot() {
        List<CpuidEntry> cpuid = intel("host", 4, 0);
        for (int index = 0; index < 3; index++) {
            assertEquals(0, find(cpuid, 4, index).eax() >>> 14 & 0xFFF);
            assertEquals(3, find(cpuid, 4, index).eax() >>> 26, "core ids less one");
        }
        assertEquals(3, find(cpuid, 4, 3).eax() >>> 14 & 0xFFF);
        assertEquals(0x163, find(cpuid, 4, 3).eax() & 0x3FFF & ~(1 << 14), "type and level are the host's");
        assertEquals(CpuidEntry.subleaf(4, 4, 0, 0, 0, 0), find(cpuid, 4, 4));
        assertEquals(
                (0x3_C163 & 0x3FFF) | 3 << 14,
                find(amd("host", 4, 2), 0x8000_001D, 3).eax());
        assertEquals(0x4121 & 0x3FFF, find(amd("host", 4, 2), 0x8000_001D, 0).eax());
    }

    @ParameterizedTest
    @ValueSource(ints = {0xB, 0x1F})
    void theTopologyLeavesHaveThreadsThenCoresThenTheEnd(int leaf) {
        List<CpuidEntry> cpuid = intel("host", 6, 5);
        assertEquals(CpuidEntry.subleaf(leaf, 0, 0, 1, 0x100, 5), find(cpuid, leaf, 0));
        assertEquals(CpuidEntry.subleaf(leaf, 1, 3, 6, 0x201, 5), find(cpuid, leaf, 1));
        assertEquals(CpuidEntry.subleaf(leaf, 2, 0, 0, 2, 5), find(cpuid, leaf, 2));
    }

    @Test
    void amdTellsItsCoresInItsOwnLeaves() {
        List<CpuidEntry> cpuid = amd("host", 3, 2);
        CpuidEntry cores = find(cpuid, 0x8000_0008, 0);
        assertEquals(2, cores.ecx() & 0xFF);
        assertEquals(2, cores.ecx() >>> 12 & 0xF);
        assertEquals(0x3030, cores.eax(), "address widths are the host's");
        assertEquals(CpuidEntry.leaf(0x8000_001E, 2, 2, 0, 0), find(cpuid, 0x8000_001E, 0));
        assertEquals(2, find(cpuid, 0x8000_0001, 0).ecx() & 2, "CMP_LEGACY");
        assertEquals(0, find(intel("host", 3, 2), 0x8000_0008, 0).ecx(), "Intel has none");
    }

    @Test
    void thereIsNoPmuAndNoPowerManagement() {
        List<CpuidEntry> cpuid = intel("host", 2, 0);
        assertEquals(CpuidEntry.leaf(0xA, 0, 0, 0, 0), find(cpuid, 0xA, 0));
        assertEquals(CpuidEntry.leaf(6, 4, 0, 0, 0), find(cpuid, 6, 0));
        assertEquals(0, find(cpuid, 1, 0).ecx() & 1 << 15, "PDCM");
        assertEquals(0, find(amd("host", 2, 0), 0x8000_0001, 0).ecx() & 1 << 23, "PERFCTR_CORE");
    }

    @Test
    void theFrequenciesAreTold() {
        List<CpuidEntry> cpuid = intel("host", 1, 0);
        CpuidEntry tsc = find(cpuid, 0x15, 0);
        assertEquals(2_100_000_000L, (long) tsc.ecx() * tsc.ebx() / tsc.eax());
        assertEquals(2100, find(cpuid, 0x16, 0).eax());
        assertEquals(CpuidEntry.leaf(0x4000_0010, 2_100_000, 1_000_000, 0, 0), find(cpuid, 0x4000_0010, 0));
        assertEquals(0x4000_0010, find(cpuid, 0x4000_0000, 0).eax());
        assertThrows(AssertionError.class, () -> find(amd("host", 1, 0), 0x15, 0));
    }

    @Test
    void anUnknownFrequencyIsNotTold() {
        HostCpu host = new HostCpu(Hosts.amd(), true, 0);
        List<CpuidEntry> cpuid =
                CpuModel.of(host, CpuConfig.DEFAULT, new CpuTopology(1)).cpuid(0);
        assertEquals(
                CpuidEntry.leaf(0x4000_0000, 0x4000_0001, 0x4B4D_564B, 0x564B_4D56, 0x4D), find(cpuid, 0x4000_0000, 0));
        assertThrows(AssertionError.class, () -> find(cpuid, 0x4000_0010, 0));
    }

    @Test
    void withoutTheTimerCapabilityThereIsNoTscDeadline() {
        HostCpu host = new HostCpu(Hosts.intel(), false, 0);
        CpuModel model = CpuModel.of(host, CpuConfig.DEFAULT, new CpuTopology(1));
        assertFalse(model.features().contains("tsc_deadline_timer"));
    }

    @Test
    void theHostTemplateHidesNothingElse() {
        List<CpuidEntry> cpuid = intel("host,+sgx", 2, 0);
        assertEquals(0xFFFF_FFFF, find(cpuid, 7, 0).ebx());
        assertEquals(0x0100_7EFB, find(cpuid, 0x4000_0001, 0).eax());
        assertEquals(Hosts.AVX512_STATE, find(cpuid, 0xD, 0).eax());
        assertEquals(0x980, find(cpuid, 0xD, 0).ecx());
    }

    @Test
    void hidingXsaveLeavesNoExtendedState() {
        List<CpuidEntry> cpuid = intel("host,-xsave", 2, 0);
        assertEquals(CpuidEntry.subleaf(0xD, 0, 0, 0, 0, 0), find(cpuid, 0xD, 0));
        assertThrows(AssertionError.class, () -> find(cpuid, 0xD, 2));
        assertEquals(0, find(cpuid, 1, 0).ecx() & 1 << 28, "AVX needs XSAVE");
    }

    @Test
    void hidingAvx512ShrinksTheExtendedState() {
        List<CpuidEntry> cpuid = intel("host,-avx512f", 1, 0);
        assertEquals(new CpuidEntry(0xD, 0, true, 7, 0x340, 0x340, 0), find(cpuid, 0xD, 0));
        assertThrows(AssertionError.class, () -> find(cpuid, 0xD, 6));
        assertEquals(0x100, find(cpuid, 0xD, 2).eax());
        assertEquals(0, find(cpuid, 7, 0).ebx() & 0xC030_0000 & 1 << 31, "AVX512VL needs AVX512F");
    }

    @Test
    void hidingAvxLeavesTheLegacyState() {
        CpuidEntry main = find(intel("host,-avx", 1, 0), 0xD, 0);
        assertEquals(3, main.eax());
        assertEquals(576, main.ecx());
    }

    @Test
    void aLevelShowsItsInstructionsAndNoOthers() {
        CpuModel v2 = CpuModel.of(Hosts.intelHost(), CpuConfig.parse("x86-64-v2"), new CpuTopology(1));
        assertTrue(v2.features().containsAll(List.of("cx16", "popcnt", "sse4_2", "ssse3", "pni", "smep", "x2apic")));
        for (String beyond :
                List.of("avx", "xsave", "bmi1", "movbe", "aes", "rdrand", "sha_ni", "adx", "gfni", "rdpid")) {
            assertFalse(v2.features().contains(beyond), beyond);
        }
        List<CpuidEntry> v3Host = Hosts.intel();
        v3Host.replaceAll(
                entry -> entry.function() == 0x8000_0001 ? entry.withEcx(entry.ecx() | 1 << 5 | 1 << 30) : entry);
        CpuModel v3 = CpuModel.of(new HostCpu(v3Host, true, 0), CpuConfig.parse("x86-64-v3"), new CpuTopology(1));
        assertTrue(v3.features().containsAll(List.of("avx2", "fma", "abm", "bmi2", "xsave", "xsaves")));
        assertFalse(v3.features().contains("avx512f"));
        assertEquals(0, find(v3.cpuid(0), 0x8000_0001, 0).ecx() & 1 << 30, "a bit without a name");
        assertEquals(7, find(v3.cpuid(0), 0xD, 0).eax());
    }

    @Test
    void aSwitchedFeatureIsSwitchedInEveryLeafThatHasIt() {
        List<CpuidEntry> cpuid = amd("host,-mmx,-x2apic", 1, 0);
        assertEquals(0, find(cpuid, 1, 0).edx() & 1 << 23);
        assertEquals(0, find(cpuid, 0x8000_0001, 0).edx() & 1 << 23);
        assertEquals(0, find(cpuid, 1, 0).ecx() & 1 << 21);
        assertNotEquals(0, find(cpuid, 1, 0).edx() & 1 << 24, "fxsr stays");
    }

    @Test
    void aBlankBrandIsFilledAndTheHostsIsKept() {
        List<CpuidEntry> cpuid = amd("host", 1, 0);
        ByteBuffer brand = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        for (int leaf = 0x8000_0002; leaf <= 0x8000_0004; leaf++) {
            for (Register register : Register.values()) {
                brand.putInt(find(cpuid, leaf, 0).register(register));
            }
        }
        assertEquals(
                "javisor virtual processor",
                new String(brand.array(), StandardCharsets.US_ASCII).strip().replace("\0", ""));
        assertEquals(0x6574_6E49, find(intel("host", 1, 0), 0x8000_0002, 0).eax());
    }

    @Test
    void onlyTheTopologyDiffersBetweenVcpus() {
        List<CpuidEntry> first = intel("host", 2, 0);
        List<CpuidEntry> second = intel("host", 2, 1);
        List<Integer> differing = first.stream()
                .filter(entry -> !second.contains(entry))
                .map(CpuidEntry::function)
                .distinct()
                .sorted()
                .toList();
        assertEquals(List.of(1, 0xB, 0x1F), differing);
    }
}
