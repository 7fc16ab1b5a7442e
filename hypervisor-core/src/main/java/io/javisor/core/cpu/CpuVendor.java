package io.javisor.core.cpu;

/** Who made the processor, as leaf 0 says. */
enum CpuVendor {
    INTEL,
    /** AMD, and Hygon, whose processors answer alike. */
    AMD,
    OTHER;

    static CpuVendor of(CpuidTable table) {
        CpuidEntry entry = table.find(0, 0);
        if (entry == null) {
            return OTHER;
        }
        return switch (entry.ebx()) { // the first four letters
            case 0x756E_6547 -> INTEL; // GenuineIntel
            case 0x6874_7541, 0x6F67_7948 -> AMD; // AuthenticAMD, HygonGenuine
            default -> OTHER;
        };
    }
}
