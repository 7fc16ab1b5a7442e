package io.javisor.core.cpu;

/** The answers that tell a vCPU which one it is and what it shares with others. */
final class TopologyLeaves {
    private static final int LEAF_FEATURES = 0x1;
    private static final int LEAF_CACHE = 0x4;
    private static final int LEAF_TOPOLOGY = 0xB;
    private static final int LEAF_TOPOLOGY_V2 = 0x1F;
    private static final int LEAF_AMD_FEATURES = 0x8000_0001;
    private static final int LEAF_AMD_CORES = 0x8000_0008;
    private static final int LEAF_AMD_CACHE = 0x8000_001D;
    private static final int LEAF_AMD_APIC = 0x8000_001E;

    private static final int HTT = 1 << 28;
    private static final int CMP_LEGACY = 1 << 1;
    /** CLFLUSH line size in units of 8 bytes: 64. */
    private static final int CLFLUSH_UNITS = 8;

    private static final int LEVEL_TYPE_SMT = 1;
    private static final int LEVEL_TYPE_CORE = 2;
    private static final int LAST_LEVEL_CACHE = 3;
    private static final int MAX_IDS_LEAF_1 = 255;
    private static final int MAX_CORE_IDS_LEAF_4 = 64;

    private TopologyLeaves() {}

    static void put(CpuidTable table, CpuVendor vendor, CpuTopology topology, int apicId) {
        table.update(LEAF_FEATURES, entry -> features(entry, topology, apicId));
        table.update(
                LEAF_CACHE, entry -> cache(entry, topology, Math.min(topology.addressableIds(), MAX_CORE_IDS_LEAF_4)));
        if (table.maxLeaf() >= LEAF_TOPOLOGY) {
            putLevels(table, LEAF_TOPOLOGY, topology, apicId);
        }
        if (table.find(LEAF_TOPOLOGY_V2, 0) != null) {
            putLevels(table, LEAF_TOPOLOGY_V2, topology, apicId);
        }
        if (vendor == CpuVendor.AMD) {
            table.update(LEAF_AMD_FEATURES, entry -> entry.withEcx(withBit(entry.ecx(), CMP_LEGACY, topology)));
            // APM vol. 3 E.4.7: ApicIdSize in bits 15:12, cores less one in 7:0
            table.update(
                    LEAF_AMD_CORES,
                    entry -> entry.withEcx(
                            (entry.ecx() & ~0xF0FF) | topology.apicIdBits() << 12 | (topology.vcpuCount() - 1)));
            table.update(LEAF_AMD_CACHE, entry -> cache(entry, topology, 1));
            // APM vol. 3 E.4.16: the core's own id; one thread a core; one node
            table.update(LEAF_AMD_APIC, _ -> CpuidEntry.leaf(LEAF_AMD_APIC, apicId, apicId, 0, 0));
        }
    }

    /** SDM vol. 2A table 3-8 and its EBX: CLFLUSH line, addressable ids in the package, initial APIC id. */
    private static CpuidEntry features(CpuidEntry entry, CpuTopology topology, int apicId) {
        int ebx = (entry.ebx() & 0xFF)
                | CLFLUSH_UNITS << 8
                | Math.min(topology.addressableIds(), MAX_IDS_LEAF_1) << 16
                | apicId << 24;
        return entry.withEbx(ebx).withEdx(withBit(entry.edx(), HTT, topology));
    }

    private static int withBit(int value, int bit, CpuTopology topology) {
        return topology.vcpuCount() > 1 ? value | bit : value & ~bit;
    }

    /**
     * A cache's sharing: the last level belongs to all, the others to one core. SDM vol. 2A, leaf 04H: EAX bits 7:5 level, 25:14 ids
     * that share it less one, 31:26 cores less one; AMD's leaf 8000001DH has no such core count.
     */
    private static CpuidEntry cache(CpuidEntry entry, CpuTopology topology, int coreIds) {
        if ((entry.eax() & 0x1F) == 0) {
            return entry;
        }
        int level = entry.eax() >>> 5 & 0x7;
        int sharing = level >= LAST_LEVEL_CACHE ? topology.addressableIds() : 1;
        return entry.withEax((entry.eax() & 0x3FFF) | (sharing - 1) << 14 | (coreIds - 1) << 26);
    }

    /** SDM vol. 2A, leaves 0BH and 1FH: one thread a core, then the cores of the package, then the end. */
    private static void putLevels(CpuidTable table, int leaf, CpuTopology topology, int apicId) {
        table.removeIf(entry -> entry.function() == leaf);
        table.put(CpuidEntry.subleaf(leaf, 0, 0, 1, LEVEL_TYPE_SMT << 8, apicId));
        table.put(CpuidEntry.subleaf(
                leaf, 1, topology.apicIdBits(), topology.vcpuCount(), 1 | LEVEL_TYPE_CORE << 8, apicId));
        table.put(CpuidEntry.subleaf(leaf, 2, 0, 0, 2, apicId));
    }
}
