package io.javisor.core.cpu;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Made-up hosts. */
final class Hosts {
    static final int AVX512_STATE = 0xE7;

    private Hosts() {}

    /** An Intel server with AVX-512, every named feature of leaf 1 and 7.0 EBX shown, and a PMU. */
    static List<CpuidEntry> intel() {
        return new ArrayList<>(List.of(
                CpuidEntry.leaf(0, 0x1F, 0x756E_6547, 0x6C65_746E, 0x4965_6E69), // GenuineIntel
                CpuidEntry.leaf(1, 0x0006_06A6, 0xFF40_0842, 0x7FFF_FFFF & ~(1 << 24), 0xBFEB_FBFF),
                CpuidEntry.subleaf(4, 0, 0xFC00_4121, 0x02C0_003F, 0x3F, 0),
                CpuidEntry.subleaf(4, 1, 0xFC00_4122, 0x01C0_003F, 0x3F, 0),
                CpuidEntry.subleaf(4, 2, 0xFC00_4143, 0x04C0_003F, 0x3FF, 0),
                CpuidEntry.subleaf(4, 3, 0xFC1F_C163, 0x02C0_003F, 0xFFFF, 4),
                CpuidEntry.subleaf(4, 4, 0, 0, 0, 0),
                CpuidEntry.leaf(6, 0x77, 2, 9, 0),
                CpuidEntry.subleaf(7, 0, 1, 0xFFFF_FFFF, 0x0040_0000, 1 << 4 | 1 << 29 | 1 << 13),
                CpuidEntry.subleaf(7, 1, 1 << 4, 0, 0, 0),
                CpuidEntry.leaf(0xA, 0x0830_0805, 0, 0xF, 0x8604),
                CpuidEntry.subleaf(0xB, 0, 1, 2, 0x100, 7),
                CpuidEntry.subleaf(0xB, 1, 7, 128, 0x201, 7),
                CpuidEntry.subleaf(0xD, 0, AVX512_STATE, 0x980, 0x980, 0),
                CpuidEntry.subleaf(0xD, 1, 0xF, 0x980, 0, 0),
                CpuidEntry.subleaf(0xD, 2, 0x100, 0x240, 0, 0),
                CpuidEntry.subleaf(0xD, 5, 0x40, 0x340, 0, 0),
                CpuidEntry.subleaf(0xD, 6, 0x200, 0x380, 0, 0),
                CpuidEntry.subleaf(0xD, 7, 0x400, 0x580, 0, 0),
                CpuidEntry.leaf(0x15, 2, 0xA8, 0x017D_7840, 0),
                CpuidEntry.leaf(0x16, 2100, 3000, 100, 0),
                CpuidEntry.subleaf(0x1F, 0, 1, 2, 0x100, 7),
                CpuidEntry.leaf(0x4000_0000, 0x4000_0001, 0x4B4D_564B, 0x564B_4D56, 0x4D),
                CpuidEntry.leaf(0x4000_0001, 0x0100_7EFB, 0, 0, 0),
                CpuidEntry.leaf(0x8000_0001, 0, 0, 0x121, 0x2C10_0800),
                CpuidEntry.leaf(0x8000_0002, 0x6574_6E49, 0x2952_286C, 0, 0),
                CpuidEntry.leaf(0x8000_0008, 0x392E, 0, 0, 0)));
    }

    /** An AMD server with AVX2 and no brand string. */
    static List<CpuidEntry> amd() {
        return new ArrayList<>(List.of(
                CpuidEntry.leaf(0, 0x10, 0x6874_7541, 0x444D_4163, 0x6974_6E65), // AuthenticAMD
                CpuidEntry.leaf(1, 0x00A2_0F10, 0x0510_0800, 0xFEF8_3203 & ~(1 << 24), 0x178B_FBFF),
                CpuidEntry.subleaf(7, 0, 0, 0x219C_97A9, 0, 1 << 4),
                CpuidEntry.subleaf(0xD, 0, 7, 0x340, 0x340, 0),
                CpuidEntry.subleaf(0xD, 1, 0xF, 0x340, 0, 0),
                CpuidEntry.subleaf(0xD, 2, 0x100, 0x240, 0, 0),
                CpuidEntry.leaf(0x4000_0001, 0x0100_7EFB, 0, 0, 0),
                CpuidEntry.leaf(0x8000_0001, 0, 0, 0x75C2_37FF, 0x2FD3_FBFF),
                CpuidEntry.leaf(0x8000_0008, 0x3030, 0x111E_F657, 0x501F, 0),
                CpuidEntry.subleaf(0x8000_001D, 0, 0x4121, 0x01C0_003F, 0x3F, 0),
                CpuidEntry.subleaf(0x8000_001D, 3, 0x3_C163, 0x03C0_003F, 0x7FFF, 1),
                CpuidEntry.leaf(0x8000_001E, 9, 0x104, 0x300, 0)));
    }

    static HostCpu intelHost() {
        return new HostCpu(intel(), true, 2_100_000);
    }

    static HostCpu amdHost() {
        return new HostCpu(amd(), true, 2_450_000);
    }

    static CpuidEntry find(List<CpuidEntry> entries, int function, int index) {
        @Nullable CpuidEntry found = null;
        for (CpuidEntry entry : entries) {
            if (entry.answers(function, index)) {
                if (found != null) {
                    throw new AssertionError("two answers for leaf 0x%x.%d".formatted(function, index));
                }
                found = entry;
            }
        }
        if (found == null) {
            throw new AssertionError("no answer for leaf 0x%x.%d".formatted(function, index));
        }
        return found;
    }
}
