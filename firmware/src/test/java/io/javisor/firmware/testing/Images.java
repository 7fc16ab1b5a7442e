package io.javisor.firmware.testing;

import io.javisor.images.ImageFile;
import io.javisor.testkit.image.BzImageBuilder;
import io.javisor.testkit.image.ElfBuilder;
import java.lang.foreign.MemorySegment;

/** What was built as files, under names to look for in messages. */
public final class Images {
    public static final String VMLINUX = "guest/vmlinux";
    public static final String VMLINUZ = "guest/vmlinuz";

    private Images() {}

    public static ImageFile file(ElfBuilder image) {
        return vmlinux(image.bytes());
    }

    public static ImageFile file(BzImageBuilder image) {
        return vmlinuz(image.bytes());
    }

    /** {@code bytes} as {@link #VMLINUX}. */
    public static ImageFile vmlinux(byte... bytes) {
        return new ImageFile(VMLINUX, MemorySegment.ofArray(bytes));
    }

    /** {@code bytes} as {@link #VMLINUZ}. */
    public static ImageFile vmlinuz(byte... bytes) {
        return new ImageFile(VMLINUZ, MemorySegment.ofArray(bytes));
    }
}
