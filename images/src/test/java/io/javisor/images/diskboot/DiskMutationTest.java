package io.javisor.images.diskboot;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.testing.BootDisks;
import io.javisor.images.testing.DiskHarness;
import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.image.ExtBuilder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged disks, thousands of them: each boots or is refused in one line, and nothing else ever comes out. */
class DiskMutationTest {
    private static final int ROUNDS = 600;

    /** Values that tend to hurt. */
    private static final long[] NASTY = {
        0,
        1,
        2,
        3,
        7,
        8,
        11,
        12,
        60,
        0x7F,
        0x80,
        0xFF,
        0x400,
        0x7FFF,
        0x8000,
        0x8001,
        0xF30A,
        0xFFFF,
        0x1_0000,
        0x7FFF_FFFFL,
        0x8000_0000L,
        0xFFFF_FFFFL,
        1L << 32,
        1L << 48,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -4096
    };

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void bootsOrIsRefusedInOneLine(int kind) {
        byte[] valid =
                switch (kind) {
                    case 0 -> BootDisks.grub();
                    case 1 -> BootDisks.bls();
                    default -> BootDisks.names();
                };
        int start =
                switch (kind) {
                    case 0 -> 34 * 512;
                    // Behind a root of 192 KiB.
                    case 1 -> 34 * 512 + (192 << 10);
                    default -> 512;
                };
        Random random = new Random(0x1A71508 + kind);
        int booted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            booted += DiskHarness.boot(mutate(valid, start, random)) ? 1 : 0;
        }
        // Both happen often, or the mutations would be too wild or too tame to find anything.
        assertTrue(booted > ROUNDS / 20 && booted < ROUNDS * 19 / 20, booted + " booted");
    }

    private static byte[] mutate(byte[] valid, int fileSystem, Random random) {
        byte[] bytes = valid.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = place(bytes, fileSystem, random);
            switch (random.nextInt(8)) {
                case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = (byte) random.nextInt(256);
                case 3 -> {
                    // A block in another's place.
                    int from = random.nextInt(bytes.length / 1024 - 1) * 1024;
                    System.arraycopy(
                            bytes, from, bytes, at / 1024 * 1024, Math.min(1024, bytes.length - at / 1024 * 1024));
                }
                case 4 -> {
                    if (random.nextInt(16) == 0) {
                        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
                    }
                }
                default -> {
                    int size = 1 << random.nextInt(4);
                    byte[] value = ElfBuilder.le(NASTY[random.nextInt(NASTY.length)], size);
                    int aligned = at & -size;
                    System.arraycopy(value, 0, bytes, aligned, Math.min(size, bytes.length - aligned));
                }
            }
            if (bytes.length < 4096) {
                break;
            }
        }
        return bytes;
    }

    /** The tables, the superblock, the inodes or the contents: each about as often. */
    private static int place(byte[] bytes, int fileSystem, Random random) {
        int at =
                switch (random.nextInt(4)) {
                    case 0 -> random.nextInt(fileSystem);
                    case 1 -> fileSystem + ExtBuilder.SUPERBLOCK + random.nextInt(0x110);
                    case 2 -> fileSystem + ExtBuilder.inodeOffset(1) + random.nextInt(26 * 128);
                    default ->
                        fileSystem + ExtBuilder.inodeOffset(ExtBuilder.INODE_COUNT + 1) + random.nextInt(20 << 10);
                };
        return Math.min(at, bytes.length - 1);
    }
}
