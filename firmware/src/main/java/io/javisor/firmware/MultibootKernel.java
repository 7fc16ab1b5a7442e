package io.javisor.firmware;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.multiboot.MultibootImage;
import io.javisor.images.ImageFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kernel that is entered by its Multiboot header. */
record MultibootKernel(MultibootImage image) implements KernelImage {
    @Override
    public ImageFile file() {
        return image.header().file();
    }

    @Override
    public List<GpaRange> ranges() {
        return image.parts().stream().map(MultibootImage.Part::memory).toList();
    }

    @Override
    public BootProtocol chooseProtocol(@Nullable BootProtocol wanted) {
        return BootProtocol.MULTIBOOT;
    }

    @Override
    public long entryGpa(BootProtocol protocol) {
        return image.entryGpa();
    }

    @Override
    public void load(GuestMemory memory) {
        image.load(memory);
    }

    @Override
    public List<String> notes() {
        return image.header().wantsVideoMode()
                ? List.of("the kernel asks for a video mode, but there is no screen: it is told of none")
                : List.of();
    }
}
