package io.javisor.firmware.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.BootPlan;
import io.javisor.firmware.BootRequest;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.image.ElfBuilder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged kernels, thousands of them: each boots or is refused in one line, and nothing else ever comes out. */
class ElfMutationTest {
    private static final int ROUNDS = 1000;
    private static final long MEMORY_SIZE = 4 * TestMachine.MIB;

    /** Values that tend to hurt. */
    private static final long[] NASTY = {
        0,
        1,
        2,
        3,
        4,
        0x7F,
        0x80,
        0xFF,
        0x7FFF,
        0xFFFF,
        0x1000,
        0x9_FC00,
        0x20_0000,
        0x7FFF_FFFFL,
        0x8000_0000L,
        0xFFFF_FFFFL,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -4096
    };

    private static byte[] valid(int kind) {
        return switch (kind) {
            case 0 -> ElfBuilder.kernel().linuxNote().pvhNote(0x20_0010).bytes();
            case 1 -> ElfBuilder.kernel().pvhNote(0x20_0010).bytes();
            default ->
                ElfBuilder.elf32()
                        .entry(0x20_0000)
                        .load(0x20_0000, ElfBuilder.pattern(64, 1), 0x100)
                        .pvhNote(0x20_0000)
                        .bytes();
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void bootsOrIsRefusedInOneLine(int kind) {
        Random random = new Random(0x1A71508 + kind);
        byte[] valid = valid(kind);
        GuestMemory memory = TestMachine.memory(MEMORY_SIZE);
        int booted = 0;
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mutate(valid, random);
            try {
                boot(bytes, memory);
                booted++;
            } catch (ImageException e) {
                refused++;
                assertEquals(1, String.valueOf(e.getMessage()).lines().count(), e.getMessage());
            }
        }
        // Both happen often, or the mutations would be too wild or too tame to find anything.
        assertTrue(booted > ROUNDS / 20, booted + " booted");
        assertTrue(refused > ROUNDS / 20, refused + " refused");
    }

    private static void boot(byte[] bytes, GuestMemory memory) {
        ImageFile file = Images.vmlinux(bytes);
        BootPlan.of(
                        new BootRequest(file, null, null, "console=ttyS0"),
                        TestMachine.LAYOUT,
                        TestMachine.e820(MEMORY_SIZE))
                .write(memory);
    }

    private static byte[] mutate(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            switch (random.nextInt(4)) {
                case 0 -> bytes[headers(bytes, random)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                case 2 -> {
                    int size = 1 << random.nextInt(4);
                    int at = headers(bytes, random) & -size;
                    byte[] value = ElfBuilder.le(NASTY[random.nextInt(NASTY.length)], size);
                    System.arraycopy(value, 0, bytes, at, Math.min(size, bytes.length - at));
                }
                default -> {
                    if (random.nextInt(8) == 0) {
                        bytes = Arrays.copyOf(bytes, 4 + random.nextInt(bytes.length - 4));
                    }
                }
            }
        }
        return bytes;
    }

    /** A place in the headers, or in the notes at the end. */
    private static int headers(byte[] bytes, Random random) {
        int place = random.nextInt(64 + 4 * 56 + 64);
        int at = place < 64 + 4 * 56 ? place : bytes.length - 1 - (place - 64 - 4 * 56);
        return Math.clamp(at, 0, bytes.length - 1);
    }
}
