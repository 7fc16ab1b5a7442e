package io.javisor.emulator.system;

import io.javisor.core.cpu.CpuidEntry;
import java.util.List;

/**
 * The answers of CPUID (SDM vol. 2A). A lookup allocates nothing; what it found is in the accessors until the next one. A leaf beyond
 * the highest gives the highest basic leaf's answer on Intel's processors, zeros on AMD's; one that is missing between gives zeros.
 */
public final class CpuidLookup {
    private static final CpuidEntry NOTHING = CpuidEntry.leaf(0, 0, 0, 0, 0);
    private static final int GENUINE = 0x756E_6547; // "Genu"

    private final CpuidEntry[] entries;
    private final int maxBasic;
    private final int maxExtended;
    private final boolean intel;
    private CpuidEntry found = NOTHING;

    /** Over these answers. */
    public CpuidLookup(List<CpuidEntry> entries) {
        this.entries = entries.toArray(CpuidEntry[]::new);
        CpuidEntry basic = exact(0, 0);
        maxBasic = basic.eax();
        intel = basic.ebx() == GENUINE;
        maxExtended = exact(0x8000_0000, 0).eax();
    }

    /** Looks one up. */
    public void find(int leaf, int subleaf) {
        boolean hypervisor = leaf >>> 16 == 0x4000;
        boolean extended = leaf >>> 16 == 0x8000;
        boolean beyond = extended
                ? Integer.compareUnsigned(leaf, maxExtended) > 0
                : !hypervisor && Integer.compareUnsigned(leaf, maxBasic) > 0;
        if (beyond) {
            found = intel ? exact(maxBasic, subleaf) : NOTHING;
        } else {
            found = exact(leaf, subleaf);
        }
    }

    public int eax() {
        return found.eax();
    }

    public int ebx() {
        return found.ebx();
    }

    public int ecx() {
        return found.ecx();
    }

    public int edx() {
        return found.edx();
    }

    private CpuidEntry exact(int leaf, int subleaf) {
        for (CpuidEntry entry : entries) {
            if (entry.answers(leaf, subleaf)) {
                return entry;
            }
        }
        return NOTHING;
    }
}
