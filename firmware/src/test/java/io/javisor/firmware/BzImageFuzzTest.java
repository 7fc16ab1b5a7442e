package io.javisor.firmware;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any file as a kernel: an options byte, then the file. The seeds are bzImages. */
class BzImageFuzzTest {
    private static final BootHarness HARNESS = new BootHarness(8 * TestMachine.MIB);

    static Stream<byte[]> seeds() {
        byte[] image = FuzzKernels.bzImage(FuzzKernels.relocatable()).bytes();
        byte[] old = FuzzKernels.bzImage(FuzzKernels.linux().bytes())
                .put(0x206, 2, 0x0208)
                .bytes();
        return Stream.of(
                FuzzKernels.input(0, image),
                FuzzKernels.input(BootHarness.KASLR | BootHarness.INITRD, image),
                FuzzKernels.input(4, image),
                FuzzKernels.input(5 | BootHarness.INITRD, image),
                FuzzKernels.input(6, image),
                FuzzKernels.input(7 | BootHarness.INITRD, image),
                FuzzKernels.input(0, old));
    }

    @MethodSource("seeds")
    @FuzzTest
    void bootsOrIsRefused(byte[] input) {
        if (input.length > 0) {
            HARNESS.boot(input[0], Images.vmlinuz(FuzzKernels.image(input)));
        }
    }
}
