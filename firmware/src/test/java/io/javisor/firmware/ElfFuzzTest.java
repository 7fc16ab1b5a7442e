package io.javisor.firmware;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.testkit.image.ElfBuilder;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any file as a kernel: an options byte, then the file. The seeds are ELF images. */
class ElfFuzzTest {
    private static final BootHarness HARNESS = new BootHarness(4 * TestMachine.MIB);

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzKernels.input(0, FuzzKernels.linux().bytes()),
                FuzzKernels.input(BootHarness.INITRD, FuzzKernels.linux().bytes()),
                FuzzKernels.input(3, FuzzKernels.linux().bytes()),
                FuzzKernels.input(0, FuzzKernels.pvh32().bytes()),
                FuzzKernels.input(0, FuzzKernels.linux().type(3).bytes()),
                FuzzKernels.input(
                        0,
                        ElfBuilder.elf64()
                                .entry(FuzzKernels.TEXT_GPA)
                                .load(FuzzKernels.TEXT_GPA, ElfBuilder.pattern(16, 1), 16)
                                .notes(
                                        8,
                                        ElfBuilder.note("GNU", 3, new byte[20], 8),
                                        ElfBuilder.note("Xen", 18, ElfBuilder.le(FuzzKernels.TEXT_GPA, 4), 8))
                                .bytes()),
                FuzzKernels.input(0, manyNotes(1)),
                FuzzKernels.input(0, manyNotes(60)),
                FuzzKernels.input(
                        0,
                        FuzzKernels.linux()
                                .segment(ElfBuilder.PT_INTERP, ElfBuilder.pattern(8, 1))
                                .bytes()));
    }

    /** The same 250 notes, named by {@code count} program headers: the last but {@code count - 1} of the file. */
    private static byte[] manyNotes(int count) {
        ElfBuilder builder = FuzzKernels.linux();
        for (int i = 1; i < count; i++) {
            builder.notes(4);
        }
        byte[] bytes = builder.notes(4, new byte[3000]).bytes();
        int tableOffset = 64;
        int headerSize = 56;
        int last = tableOffset + (3 + count) * headerSize;
        for (int i = 1; i < count; i++) {
            System.arraycopy(bytes, last, bytes, last - i * headerSize, headerSize);
        }
        return bytes;
    }

    @MethodSource("seeds")
    @FuzzTest
    void bootsOrIsRefused(byte[] input) {
        if (input.length > 0) {
            HARNESS.boot(input[0], Images.vmlinux(FuzzKernels.image(input)));
        }
    }
}
