package io.javisor.firmware;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.firmware.testing.ElfBuilder;
import io.javisor.firmware.testing.TestMachine;
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
                FuzzKernels.input(
                        0,
                        FuzzKernels.linux()
                                .segment(ElfBuilder.PT_INTERP, ElfBuilder.pattern(8, 1))
                                .bytes()));
    }

    @MethodSource("seeds")
    @FuzzTest
    void bootsOrIsRefused(byte[] input) {
        if (input.length > 0) {
            HARNESS.boot(input[0], ElfBuilder.file(FuzzKernels.image(input)));
        }
    }
}
