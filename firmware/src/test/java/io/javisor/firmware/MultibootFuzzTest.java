package io.javisor.firmware;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.testkit.guest.MultibootProbe;
import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.image.MultibootBuilder;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any file as a Multiboot kernel: an options byte, then the file, whose header's checksum is put right wherever there is a magic number, or a
 * fuzzer would look for sums. The seeds are kernels with and without modules.
 */
class MultibootFuzzTest {
    private static final BootHarness HARNESS = new BootHarness(4 * TestMachine.MIB);
    private static final int MULTIBOOT = 1;

    static Stream<byte[]> seeds() {
        byte[] flat = MultibootProbe.flat();
        return Stream.of(
                FuzzKernels.input(0, MultibootProbe.elf32()),
                FuzzKernels.input(BootHarness.INITRD, MultibootProbe.elf64()),
                FuzzKernels.input(BootHarness.MODULES, flat),
                FuzzKernels.input(MULTIBOOT | BootHarness.INITRD | BootHarness.MODULES, flat),
                FuzzKernels.input(MULTIBOOT, Arrays.copyOf(flat, MultibootBuilder.HEADER_SIZE)),
                FuzzKernels.input(
                        MULTIBOOT,
                        FuzzKernels.pvh32()
                                .load(
                                        0x30_0000,
                                        MultibootBuilder.header(MultibootBuilder.VIDEO_MODE, 0, 0, 0, 0),
                                        0x100)
                                .bytes()),
                FuzzKernels.input(0, ElfBuilder.kernel().bytes()));
    }

    @MethodSource("seeds")
    @FuzzTest
    void bootsOrIsRefused(byte[] input) {
        if (input.length > 0) {
            byte[] image = FuzzKernels.image(input);
            mendChecksum(image);
            HARNESS.boot(input[0], Images.vmlinux(image));
        }
    }

    private static void mendChecksum(byte[] image) {
        for (int at = 0; at + 12 <= image.length; at += 4) {
            if (word(image, at) == MultibootBuilder.MAGIC) {
                byte[] sum = ElfBuilder.le(-MultibootBuilder.MAGIC - word(image, at + 4), 4);
                System.arraycopy(sum, 0, image, at + 8, 4);
                return;
            }
        }
    }

    private static int word(byte[] image, int at) {
        return (image[at] & 0xFF)
                | (image[at + 1] & 0xFF) << 8
                | (image[at + 2] & 0xFF) << 16
                | (image[at + 3] & 0xFF) << 24;
    }
}
