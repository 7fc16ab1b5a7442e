package io.javisor.emulator.decode;

import java.io.ByteArrayOutputStream;
import java.util.SplittableRandom;

/** Bytes for objdump and the decoder to read. All from a seed. */
final class ObjdumpInputs {
    private static final int[] PREFIXES = {0, 0x66, 0xf3, 0xf2};
    private static final byte[] MAPS = {0, 0x0f, 0x38, 0x3a};

    private ObjdumpInputs() {}

    static byte[] random(int count, long seed) {
        byte[] bytes = new byte[count];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** Each opcode of each map with each mandatory prefix, legacy and VEX, with several ModRM bytes; NOPs between, where reading falls in step. */
    static byte[] everyOpcode(int mode, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int map = 0; map < MAPS.length; map++) {
            for (int opcode = 0; opcode < 256; opcode++) {
                for (int prefix = 0; prefix < PREFIXES.length; prefix++) {
                    for (int reg = 0; reg < 8; reg++) {
                        legacy(mode, map, opcode, prefix, reg, random, out);
                    }
                    for (int i = 0; i < 4 && map > 0; i++) {
                        vex(mode, map, opcode, prefix, random, out);
                    }
                }
            }
        }
        return out.toByteArray();
    }

    private static void legacy(
            int mode, int map, int opcode, int prefix, int reg, SplittableRandom random, ByteArrayOutputStream out) {
        if (random.nextInt(8) == 0) {
            out.write(0x67);
        }
        if (prefix > 0) {
            out.write(PREFIXES[prefix]);
        }
        if (mode == 64 && random.nextBoolean()) {
            out.write(0x40 | random.nextInt(16));
        }
        if (map > 0) {
            out.write(0x0f);
        }
        if (map > 1) {
            out.write(MAPS[map]);
        }
        out.write(opcode);
        tail(reg, random.nextBoolean(), random, out);
    }

    private static void vex(
            int mode, int map, int opcode, int prefix, SplittableRandom random, ByteArrayOutputStream out) {
        boolean register = random.nextBoolean();
        int inverted = mode == 64 ? random.nextInt(8) << 5 : 0xe0;
        int vvvv = random.nextBoolean() ? 0x78 : random.nextInt(16) << 3;
        if (map == 1 && random.nextBoolean()) {
            out.write(0xc5);
            out.write((inverted & 0x80) | (mode == 64 ? 0 : 0x40) | vvvv | random.nextInt(2) << 2 | prefix);
        } else {
            out.write(0xc4);
            out.write(inverted | map);
            out.write(random.nextInt(2) << 7 | vvvv | random.nextInt(2) << 2 | prefix);
        }
        out.write(opcode);
        tail(random.nextInt(8), register, random, out);
    }

    private static void tail(int reg, boolean register, SplittableRandom random, ByteArrayOutputStream out) {
        int mod = register ? 3 : random.nextInt(3);
        out.write(mod << 6 | reg << 3 | random.nextInt(8));
        for (int i = 0; i < 5; i++) {
            out.write(random.nextInt(256));
        }
        for (int i = 0; i < 9; i++) {
            out.write(0x90);
        }
    }
}
