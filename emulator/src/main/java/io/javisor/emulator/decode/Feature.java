package io.javisor.emulator.decode;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What CPUID says of an instruction: leaf, register (0 to 3: EAX to EDX) and bit; leaf 7 and 0xD with subleaf 0 or, for 0xD, 1. */
public enum Feature {
    X87(1, 3, 0),
    CLFSH(1, 3, 19),
    MMX(1, 3, 23),
    FXSR(1, 3, 24),
    SSE(1, 3, 25),
    SSE2(1, 3, 26),
    SSE3(1, 2, 0),
    PCLMUL(1, 2, 1),
    SSSE3(1, 2, 9),
    FMA(1, 2, 12),
    CX16(1, 2, 13),
    SSE41(1, 2, 19),
    SSE42(1, 2, 20),
    MOVBE(1, 2, 22),
    POPCNT(1, 2, 23),
    AES(1, 2, 25),
    XSAVE(1, 2, 26),
    AVX(1, 2, 28),
    F16C(1, 2, 29),
    RDRAND(1, 2, 30),
    FSGSBASE(7, 1, 0),
    BMI1(7, 1, 3),
    AVX2(7, 1, 5),
    BMI2(7, 1, 8),
    INVPCID(7, 1, 10),
    RDSEED(7, 1, 18),
    ADX(7, 1, 19),
    SMAP(7, 1, 20),
    CLFLUSHOPT(7, 1, 23),
    CLWB(7, 1, 24),
    SHA(7, 1, 29),
    XSAVEOPT(0xd, 0, 0),
    ABM(0x8000_0001, 2, 5),
    RDTSCP(0x8000_0001, 3, 27);

    private final int leaf;
    private final int register;
    private final int bit;

    Feature(int leaf, int register, int bit) {
        this.leaf = leaf;
        this.register = register;
        this.bit = bit;
    }

    public int leaf() {
        return leaf;
    }

    /** 0 to 3: EAX, EBX, ECX, EDX. */
    public int register() {
        return register;
    }

    public int bit() {
        return bit;
    }

    /** Everything that the table knows. */
    public static Set<Feature> all() {
        return EnumSet.allOf(Feature.class);
    }

    /** A bit of its own in {@link Form#features}. */
    @SuppressWarnings("EnumOrdinal") // a place in a mask that nobody keeps
    public long mask() {
        return 1L << ordinal();
    }

    static long mask(Set<Feature> features) {
        long mask = 0;
        for (Feature feature : features) {
            mask |= feature.mask();
        }
        return mask;
    }

    /** As the table writes it. */
    String token() {
        return name().toLowerCase(Locale.ROOT);
    }
}
