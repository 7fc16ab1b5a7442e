package io.javisor.core.cpu;

/** Leaf 0DH: which parts of the extended state exist, and how large they are. SDM vol. 1 §13.2 */
final class XsaveLeaf {
    private static final int LEAF = 0xD;
    private static final int FIRST_COMPONENT = 2;
    private static final int LAST_COMPONENT = 62;
    /** Legacy region and header. SDM vol. 1 §13.4 */
    private static final int BASE_SIZE = 512 + 64;

    private static final long X87_SSE = 0b11;
    private static final long AVX = 1L << 2;
    private static final long MPX = 0b11L << 3;
    private static final long AVX512 = 0b111L << 5;
    private static final long PKRU = 1L << 9;
    private static final long AMX = 0b11L << 17;

    private XsaveLeaf() {}

    /** Takes away the state of features that the guest does not see. */
    static void fitToFeatures(CpuidTable table) {
        CpuidEntry main = table.find(LEAF, 0);
        if (main == null) {
            return;
        }
        HostCpu shown = new HostCpu(table.entries(), false, 0);
        if (!shown.supports("xsave")) {
            table.removeIf(entry -> entry.function() == LEAF);
            table.put(CpuidEntry.subleaf(LEAF, 0, 0, 0, 0, 0));
            return;
        }
        long offered = Integer.toUnsignedLong(main.eax()) | (long) main.edx() << Integer.SIZE;
        long kept = offered & ~hiddenState(shown);
        table.removeIf(entry -> entry.function() == LEAF
                && entry.index() >= FIRST_COMPONENT
                && entry.index() <= LAST_COMPONENT
                && (offered & ~kept & 1L << entry.index()) != 0);
        int size = BASE_SIZE;
        for (int component = FIRST_COMPONENT; component <= LAST_COMPONENT; component++) {
            CpuidEntry entry = table.find(LEAF, component);
            if (entry != null && (kept & 1L << component) != 0) {
                size = Math.max(size, entry.ebx() + entry.eax());
            }
        }
        table.put(new CpuidEntry(LEAF, 0, main.indexed(), (int) kept, size, size, (int) (kept >>> Integer.SIZE)));
    }

    private static long hiddenState(HostCpu shown) {
        long hidden = 0;
        hidden |= shown.supports("avx") ? 0 : AVX;
        hidden |= shown.supports("mpx") ? 0 : MPX;
        hidden |= shown.supports("avx512f") ? 0 : AVX512;
        hidden |= shown.supports("pku") ? 0 : PKRU;
        hidden |= shown.supports("amx_tile") ? 0 : AMX;
        return hidden & ~X87_SSE;
    }
}
