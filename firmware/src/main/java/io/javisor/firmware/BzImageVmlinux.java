package io.javisor.firmware;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.bzimage.BzImage;
import io.javisor.images.ImageFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kernel inside a bzImage, decompressed on the host and entered like a vmlinux.
 *
 * @param kernel whose file is the decompressed payload, named after the bzImage
 * @param kaslr whether it was moved
 */
record BzImageVmlinux(BzImage bzImage, ElfKernel kernel, boolean kaslr) implements KernelImage {
    @Override
    public ImageFile file() {
        return kernel.file();
    }

    @Override
    public List<GpaRange> ranges() {
        return kernel.ranges();
    }

    @Override
    public BootProtocol chooseProtocol(@Nullable BootProtocol wanted) {
        return kernel.chooseProtocol(wanted);
    }

    @Override
    public long entryGpa(BootProtocol protocol) {
        return kernel.entryGpa(protocol);
    }

    @Override
    public void load(GuestMemory memory) {
        kernel.load(memory);
    }

    @Override
    public List<String> notes() {
        return kaslr
                ? List.of()
                : List.of("the kernel is entered directly, without KASLR; --kaslr moves it to random addresses");
    }
}
