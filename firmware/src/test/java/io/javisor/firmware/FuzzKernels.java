package io.javisor.firmware;

import io.javisor.testkit.image.BzImageBuilder;
import io.javisor.testkit.image.ElfBuilder;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** The small valid images that the fuzz targets start from, and the splitting of an input into options and image. */
final class FuzzKernels {
    static final int TEXT_GPA = 0x20_0000;
    private static final int DATA_GPA = 0x30_0000;

    private FuzzKernels() {}

    /** As 64-bit Linux has it: text, data with a .bss, both notes. */
    static ElfBuilder linux() {
        return ElfBuilder.elf64()
                .entry(TEXT_GPA + 0x10)
                .load(TEXT_GPA, ElfBuilder.pattern(64, 1), 64)
                .load(DATA_GPA, ElfBuilder.pattern(32, 2), 0x5000)
                .linuxNote()
                .pvhNote(TEXT_GPA + 0x20);
    }

    /** A 32-bit image with a PVH note. */
    static ElfBuilder pvh32() {
        return ElfBuilder.elf32()
                .entry(TEXT_GPA)
                .load(TEXT_GPA, ElfBuilder.pattern(48, 1), 0x100)
                .pvhNote(TEXT_GPA);
    }

    /** {@link #linux} and behind it relocations of the three kinds. */
    static byte[] relocatable() {
        return concat(linux().bytes(), words(0, 0x8020_0008, 0x8020_0010, 0, 0x8030_0000, 0, 0x8020_0020, 0x8030_0008));
    }

    /** {@link #linux} and behind it relocations of the two kinds that newer kernels have. */
    static byte[] relocatableWithTwoLists() {
        return concat(linux().bytes(), words(0, 0x8020_0018, 0, 0x8030_0004));
    }

    /** {@code vmlinux} in a bzImage that fits the small PC. */
    static BzImageBuilder bzImage(byte[] vmlinux) {
        return BzImageBuilder.gzip(vmlinux).put(0x258, 8, TEXT_GPA);
    }

    /** An input: the options, then the image. */
    static byte[] input(int options, byte[] image) {
        return concat(new byte[] {(byte) options}, image);
    }

    static byte[] image(byte[] input) {
        return Arrays.copyOfRange(input, 1, input.length);
    }

    private static byte[] words(int... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int word : words) {
            out.writeBytes(ElfBuilder.le(word, 4));
        }
        return out.toByteArray();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
