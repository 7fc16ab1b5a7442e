package io.javisor.emulator.cpu;

import static io.javisor.core.cpu.CpuidEntry.leaf;
import static io.javisor.core.cpu.CpuidEntry.subleaf;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.system.CpuidLookup;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What CPUID may answer in the software engine, as KVM says it by KVM_GET_SUPPORTED_CPUID: an Intel processor of x86-64-v2 or v3, whatever
 * the host's is, so that a guest finds the same one everywhere. Bits are those of SDM vol. 2A, CPUID.
 */
public final class OfferedCpuid {
    /**
     * IA32_ARCH_CAPABILITIES (SDM vol. 4 table 2-2): not affected by what is known of speculation, so that kernels need not work around
     * it. A guest cannot reach the engine's memory by it, for each access is checked, but it shares a process with the engine: see
     * docs/software-engine.md.
     */
    public static final long ARCH_CAPABILITIES = 1 // RDCL_NO
            | 1 << 1 // IBRS_ALL
            | 1 << 3 // SKIP_L1DFL_VMENTRY
            | 1 << 4 // SSB_NO
            | 1 << 5 // MDS_NO
            | 1 << 6 // IF_PSCHANGE_MC_NO
            | 1 << 8 // TAA_NO
            | 7 << 13 // SBDR_SSDP_NO, FBSDP_NO, PSDP_NO
            | 1 << 20 // BHI_NO
            | 1 << 24 // PBRSB_NO
            | 1 << 26 // GDS_NO
            | 1 << 27 // RFDS_NO
            | 1L << 62; // ITS_NO

    /** Family 6, model 0x6A, stepping 6. */
    private static final int SIGNATURE = 0x606A6;

    private static final int MAX_LEAF = 0x16;
    private static final int MAX_EXTENDED_LEAF = 0x8000_0008;
    private static final int PHYSICAL_BITS = 46;
    private static final int LINEAR_BITS = 48;

    private static final int X2APIC = 1 << 21;
    // TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE, MCA, CMOV, PAT, PSE-36, DE, PSE: bits of EDX of leaf 1
    private static final int BASE = 1 << 2 | 1 << 3 | ((0x7F << 4) & ~(1 << 10)) | 1 << 11 | 0x3F << 12;
    private static final int TSC_ADJUST = 1 << 1;
    private static final int SMEP = 1 << 7;
    private static final int ERMS = 1 << 9;
    private static final int UMIP = 1 << 2;
    private static final int FSRM = 1 << 4;
    private static final int SPEC_CTRL = 1 << 26;
    private static final int ARCH_CAPABILITIES_BIT = 1 << 29;
    private static final int LAHF = 1;
    private static final int PREFETCHW = 1 << 8;
    private static final int SYSCALL = 1 << 11;
    private static final int NX = 1 << 20;
    private static final int PAGES_1G = 1 << 26;
    private static final int LONG_MODE = 1 << 29;
    private static final int INVARIANT_TSC = 1 << 8;
    private static final int ARAT = 1 << 2;
    // KVM_FEATURE_NOP_IO_DELAY, KVM_FEATURE_CLOCKSOURCE2, KVM_FEATURE_CLOCKSOURCE_STABLE_BIT
    private static final int KVM_FEATURES = 1 << 1 | 1 << 3 | 1 << 24;

    private static final int AVX_STATE_SIZE = 0x100;
    private static final int AVX_STATE_OFFSET = 0x240;

    private OfferedCpuid() {}

    /** With these instruction sets. */
    public static List<CpuidEntry> of(Set<Feature> features) {
        boolean avx = features.contains(Feature.AVX);
        int xsaveSize = avx ? AVX_STATE_OFFSET + AVX_STATE_SIZE : AVX_STATE_OFFSET;
        int components = avx ? 7 : 3;
        return List.of(
                // "GenuineIntel"
                leaf(0, MAX_LEAF, 0x756E_6547, 0x6C65_746E, 0x4965_6E69),
                leaf(1, SIGNATURE, 0, bits(features, 1, 2) | X2APIC, bits(features, 1, 3) | BASE),
                // leaf 4 has the caches
                leaf(2, 0x0000_FF01, 0, 0, 0),
                cache(0, 1, 1, 12, 64),
                cache(1, 2, 1, 8, 64),
                cache(2, 3, 2, 16, 2048),
                cache(3, 3, 3, 16, 16384),
                subleaf(4, 4, 0, 0, 0, 0),
                leaf(6, ARAT, 0, 0, 0),
                subleaf(
                        7,
                        0,
                        0,
                        bits(features, 7, 1) | TSC_ADJUST | SMEP | ERMS,
                        UMIP,
                        FSRM | SPEC_CTRL | ARCH_CAPABILITIES_BIT),
                subleaf(0xD, 0, components, xsaveSize, xsaveSize, 0),
                subleaf(0xD, 1, bits(features, 0xD, 0), 0, 0, 0),
                subleaf(0xD, 2, avx ? AVX_STATE_SIZE : 0, avx ? AVX_STATE_OFFSET : 0, 0, 0),
                leaf(0x4000_0001, KVM_FEATURES, 0, 0, 0),
                leaf(0x8000_0000, MAX_EXTENDED_LEAF, 0, 0, 0),
                leaf(
                        0x8000_0001,
                        0,
                        0,
                        bits(features, 0x8000_0001, 2) | LAHF | PREFETCHW,
                        bits(features, 0x8000_0001, 3) | SYSCALL | NX | PAGES_1G | LONG_MODE),
                leaf(0x8000_0007, 0, 0, 0, INVARIANT_TSC),
                leaf(0x8000_0008, PHYSICAL_BITS | LINEAR_BITS << 8, 0, 0, 0));
    }

    /** Leaf 4: type 1 is data, 2 code, 3 both; lines of 64 bytes. */
    private static CpuidEntry cache(int index, int type, int level, int ways, int sets) {
        return subleaf(4, index, type | level << 5 | 1 << 8, (ways - 1) << 22 | 63, sets - 1, 0);
    }

    private static int bits(Set<Feature> features, int leaf, int register) {
        int bits = 0;
        for (Feature feature : features) {
            if (feature.leaf() == leaf && feature.register() == register) {
                bits |= 1 << feature.bit();
            }
        }
        return bits;
    }

    /** The instruction sets that a guest is told of, which its instructions are decoded by. */
    static Set<Feature> features(List<CpuidEntry> cpuid) {
        CpuidLookup lookup = new CpuidLookup(cpuid);
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (Feature feature : Feature.all()) {
            lookup.find(feature.leaf(), feature.leaf() == 0xD ? 1 : 0);
            int register =
                    switch (feature.register()) {
                        case 0 -> lookup.eax();
                        case 1 -> lookup.ebx();
                        case 2 -> lookup.ecx();
                        default -> lookup.edx();
                    };
            if ((register >>> feature.bit() & 1) != 0) {
                features.add(feature);
            }
        }
        return features;
    }

    /** What EDX has after a reset: family, model and stepping. */
    static int signature(List<CpuidEntry> cpuid) {
        CpuidLookup lookup = new CpuidLookup(cpuid);
        lookup.find(1, 0);
        return lookup.eax();
    }
}
