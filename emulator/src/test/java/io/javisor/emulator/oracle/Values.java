package io.javisor.emulator.oracle;

import java.util.SplittableRandom;

/** Numbers that find faults: edges of all widths, floating-point specials, and plain random ones. */
final class Values {
    private static final long[] EDGES = {
        0,
        1,
        2,
        3,
        7,
        8,
        15,
        16,
        31,
        32,
        63,
        64,
        0x7f,
        0x80,
        0xff,
        0x100,
        0x7fff,
        0x8000,
        0xffff,
        0x1_0000,
        0x7fff_ffffL,
        0x8000_0000L,
        0xffff_ffffL,
        0x1_0000_0000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -2,
        0x5555_5555_5555_5555L,
        0x0f0f_0f0f_0f0f_0f0fL
    };
    private static final int[] FLOATS = {
        0,
        0x8000_0000,
        1,
        0x7f_ffff,
        0x80_0000,
        0x3f80_0000,
        0xbf80_0000,
        0x7f7f_ffff,
        0x7f80_0000,
        0xff80_0000,
        0x7fc0_0000,
        0x7fa0_0000,
        0x4f00_0000,
        0xcf00_0000,
        0x5f00_0000,
        0x3f00_0000,
        0x4b00_0001
    };
    private static final long[] DOUBLES = {
        0,
        Long.MIN_VALUE,
        1,
        0xf_ffff_ffff_ffffL,
        0x10_0000_0000_0000L,
        0x3ff0_0000_0000_0000L,
        0xbff0_0000_0000_0000L,
        0x7fef_ffff_ffff_ffffL,
        0x7ff0_0000_0000_0000L,
        0xfff0_0000_0000_0000L,
        0x7ff8_0000_0000_0000L,
        0x7ff4_0000_0000_0000L,
        0x41e0_0000_0000_0000L,
        0xc1e0_0000_0000_0000L,
        0x43e0_0000_0000_0000L,
        0x3fe0_0000_0000_0000L,
        0x36a0_0000_0000_0000L
    };

    private Values() {}

    static long integer(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> EDGES[random.nextInt(EDGES.length)];
            case 1 -> EDGES[random.nextInt(EDGES.length)] + random.nextInt(-2, 3);
            case 2 -> random.nextLong() >> random.nextInt(64);
            default -> random.nextLong();
        };
    }

    /** Half a vector: two floats, a double, or integers. */
    static long vector(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> (long) single(random) << 32 | (single(random) & 0xffff_ffffL);
            case 1 -> DOUBLES[random.nextInt(DOUBLES.length)];
            case 2 -> Double.doubleToRawLongBits((random.nextDouble() - 0.5) * Math.pow(2, random.nextInt(-70, 70)));
            case 3 -> {
                float one = (float) ((random.nextDouble() - 0.5) * Math.pow(2, random.nextInt(-40, 40)));
                yield (long) Float.floatToRawIntBits(one) << 32 | (single(random) & 0xffff_ffffL);
            }
            default -> integer(random);
        };
    }

    private static int single(SplittableRandom random) {
        return FLOATS[random.nextInt(FLOATS.length)];
    }

    /** The low 8 bytes of an x87 register. */
    static long significand(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> Long.MIN_VALUE;
            case 1 -> random.nextLong() | Long.MIN_VALUE;
            case 2 -> 0;
            default -> random.nextLong();
        };
    }

    /** The upper 2 bytes of an x87 register. */
    static int exponent(SplittableRandom random) {
        int sign = random.nextBoolean() ? 0x8000 : 0;
        return sign
                | switch (random.nextInt(5)) {
                    case 0 -> 0;
                    case 1 -> 0x7fff;
                    case 2 -> random.nextInt(0x8000);
                    default -> 0x3fff + random.nextInt(-70, 70);
                };
    }
}
