package io.javisor.emulator.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Makes inputs for {@link HostileGuest} and runs them, in a process of its own: {@code FIRST_SEED COUNT FILE}. The input that runs is in
 * the file while it does.
 */
final class HostileInputs {
    /** What is interesting, up to where ModRM begins; 0x1xx are opcodes behind 0F, 0x2xx behind 0F38, 0x3xx behind 0F3A. */
    private static final int[] OPCODES = {
        0x00, 0x01, 0x03, 0x11, 0x29, 0x31, 0x39, 0x3b, 0x50, 0x54, 0x58, 0x5c, 0x60, 0x61, 0x62, 0x63, 0x68, 0x69,
        0x6a, 0x6c, 0x6e, 0x70, 0x74, 0x75, 0x80, 0x81, 0x83, 0x84, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d,
        0x8e, 0x8f, 0x90, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0xa0, 0xa2, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab,
        0xac, 0xae, 0xaf, 0xb0, 0xb8, 0xc0, 0xc1, 0xc2, 0xc3, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xcf,
        0xd0, 0xd1, 0xd3, 0xd4, 0xd7, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xe2, 0xe3, 0xe4, 0xe5,
        0xe6, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xee, 0xf1, 0xf4, 0xf5, 0xf6, 0xf7, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
        0xc4, 0xc5, 0x100, 0x101, 0x102, 0x103, 0x105, 0x106, 0x107, 0x108, 0x109, 0x10b, 0x10d, 0x110, 0x111, 0x112,
        0x118, 0x11f, 0x120, 0x121, 0x122, 0x123, 0x128, 0x129, 0x12a, 0x12e, 0x130, 0x131, 0x132, 0x133, 0x134, 0x135,
        0x140, 0x150, 0x158, 0x160, 0x16e, 0x16f, 0x170, 0x177, 0x17e, 0x17f, 0x180, 0x184, 0x190, 0x1a0, 0x1a2, 0x1a3,
        0x1a4, 0x1a5, 0x1a8, 0x1aa, 0x1ab, 0x1ac, 0x1ad, 0x1ae, 0x1af, 0x1b0, 0x1b1, 0x1b2, 0x1b3, 0x1b4, 0x1b6, 0x1ba,
        0x1bb, 0x1bc, 0x1bd, 0x1bf, 0x1c0, 0x1c1, 0x1c3, 0x1c4, 0x1c7, 0x1c8, 0x1d6, 0x1e7, 0x1f7, 0x200, 0x210, 0x217,
        0x22a, 0x238, 0x280, 0x282, 0x28c, 0x290, 0x292, 0x2db, 0x2f0, 0x2f1, 0x2f2, 0x2f7, 0x30f, 0x314, 0x316, 0x320,
        0x322, 0x360, 0x363, 0x3df, 0x3f0
    };

    private static final int[] PREFIXES = {
        0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x40, 0x41, 0x44, 0x48, 0x49, 0x4c, 0x4d, 0x4f
    };

    private static final int[] MSRS = {0x10, 0x1b, 0x174, 0x176, 0x1a0, 0x277, 0x6e0, 0x808, 0x830, 0x832, 0x838, 0x83f
    };

    private final SplittableRandom random;
    private final byte[] input = new byte[700];
    private int size;

    private HostileInputs(long seed) {
        random = new SplittableRandom(seed);
    }

    /** The input of a seed. */
    static byte[] of(long seed) {
        return new HostileInputs(seed).make();
    }

    private byte[] make() {
        put(random.nextInt(2 * HostileGuest.MODES));
        put(random.nextInt(8) == 0 ? random.nextInt(256) : random.nextInt(4) * 64 | (1 & random.nextInt()));
        int changes = random.nextInt(3) == 0 ? random.nextInt(HostileGuest.MAX_CHANGES) : 0;
        put(changes);
        for (int i = 0; i < changes; i++) {
            int kind = random.nextInt(4);
            put(kind);
            int[] tables = {0x1000, 0x2000, 0x3000, 0x4000, 0x4080, 0x5000, 0x6000, 0x6080, 0x7000};
            int slot = (tables[random.nextInt(tables.length)] - 0x1000) / 8
                    + random.nextInt(random.nextInt(5) == 0 ? 512 : 16);
            put(slot);
            put(slot >> 8);
            for (int j = kind == 0 ? 8 : 2; j > 0; j--) {
                put(random.nextInt());
            }
        }
        int instructions = 4 + random.nextInt(60);
        for (int i = 0; i < instructions; i++) {
            if (random.nextInt(12) == 0) {
                put(random.nextInt());
            } else if (random.nextInt(40) == 0) { // MSRs
                put(0xb9);
                put32(MSRS[random.nextInt(MSRS.length)]);
                put(0x0f);
                put(random.nextBoolean() ? 0x30 : 0x32);
            } else {
                instruction();
            }
        }
        return Arrays.copyOf(input, size);
    }

    private void instruction() {
        while (random.nextInt(3) == 0) {
            put(PREFIXES[random.nextInt(PREFIXES.length)]);
        }
        if (random.nextInt(12) == 0) {
            vex();
        } else {
            int opcode = OPCODES[random.nextInt(OPCODES.length)];
            if (opcode >= 0x100) {
                put(0x0f);
            }
            if (opcode >= 0x200) {
                put(opcode >= 0x300 ? 0x3a : 0x38);
            }
            put(opcode);
        }
        int mod = random.nextInt(4);
        int rm = random.nextInt(8);
        put(mod << 6 | random.nextInt(8) << 3 | rm);
        if (mod != 3 && rm == 4) {
            put(random.nextInt());
        }
        if (mod == 1) {
            put(random.nextInt());
        } else if (mod == 2) {
            put32(random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(0x100) - 0x80);
        }
        for (int i = random.nextInt(6) == 0 ? random.nextInt(5) : 0; i > 0; i--) {
            put(random.nextInt());
        }
    }

    private void vex() {
        if (random.nextBoolean()) {
            put(0xc5);
            put(random.nextInt());
        } else {
            put(0xc4);
            put((random.nextInt() & 0xe0) | (1 + random.nextInt(3)));
            put(random.nextInt());
        }
        put(random.nextInt());
    }

    private void put32(int value) {
        for (int i = 0; i < 32; i += 8) {
            put(value >>> i);
        }
    }

    private void put(int value) {
        if (size < input.length) {
            input[size++] = (byte) value;
        }
    }

    public static void main(String[] words) throws IOException {
        long first = Long.parseLong(words[0]);
        long count = Long.parseLong(words[1]);
        Path file = Path.of(words[2]);
        long failures = 0;
        Map<String, Long> counters;
        try (HostileGuest guest = new HostileGuest()) {
            for (long seed = first; seed < first + count; seed++) {
                byte[] input = of(seed);
                Files.write(file, input);
                try {
                    guest.run(input);
                    guest.run(input, new StateMutator(seed));
                } catch (AssertionError | RuntimeException e) {
                    failures++;
                    System.out.println("seed " + seed + " " + HexFormat.of().formatHex(input) + "\n  " + e);
                    StackTraceElement[] trace = e.getStackTrace();
                    for (int i = 0; i < Math.min(8, trace.length); i++) {
                        System.out.println("    " + trace[i]);
                    }
                }
            }
            counters = guest.counters();
        }
        System.out.println(count + " inputs, " + failures + " failures, " + counters);
        System.exit(failures == 0 ? 0 : 1);
    }
}
