package io.javisor.firmware;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any file as the kernel inside a bzImage: an options byte, then the file, which is compressed and wrapped here so that a fuzzer gets past the
 * checksum to the ELF image, its relocations and KASLR.
 */
class BzImageVmlinuxFuzzTest {
    private static final BootHarness HARNESS = new BootHarness(8 * TestMachine.MIB);

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzKernels.input(0, FuzzKernels.relocatable()),
                FuzzKernels.input(BootHarness.KASLR, FuzzKernels.relocatable()),
                FuzzKernels.input(BootHarness.KASLR | BootHarness.INITRD, FuzzKernels.relocatableWithTwoLists()),
                FuzzKernels.input(BootHarness.KASLR, FuzzKernels.linux().bytes()),
                FuzzKernels.input(3 | BootHarness.KASLR, FuzzKernels.relocatable()),
                FuzzKernels.input(BootHarness.KASLR, FuzzKernels.pvh32().bytes()));
    }

    @MethodSource("seeds")
    @FuzzTest
    void bootsOrIsRefused(byte[] input) {
        if (input.length > 0) {
            HARNESS.boot(input[0], Images.file(FuzzKernels.bzImage(FuzzKernels.image(input))));
        }
    }
}
