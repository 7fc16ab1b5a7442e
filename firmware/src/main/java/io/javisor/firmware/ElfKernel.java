package io.javisor.firmware;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.elf.ElfImage;
import io.javisor.firmware.elf.ElfSegment;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An uncompressed kernel: Linux's vmlinux, or any other ELF kernel with a PVH entry note.
 *
 * <p>The choice of the protocol: a 64-bit image with a note of Linux's own goes by LINUX64 although it has a PVH note too, for
 * the PVH entry is a stub that builds a zero page out of start_info and jumps to that same 64-bit entry: it costs the guest
 * instructions and says nothing more. Any other image with a PVH note goes by PVH, which is the only entry that it promises. A 64-bit image
 * with neither note goes by LINUX64.
 */
record ElfKernel(ElfImage image) implements KernelImage {
    /** The entry and all that it needs are identity-mapped, or reached with paging off. */
    private static final long ENTRY_LIMIT = 1L << 32;

    @Override
    public ImageFile file() {
        return image.file();
    }

    @Override
    public List<GpaRange> ranges() {
        return image.segments().stream().map(ElfSegment::memory).toList();
    }

    @Override
    public BootProtocol chooseProtocol(@Nullable BootProtocol wanted) {
        BootProtocol protocol = wanted != null ? wanted : preferredProtocol();
        if (protocol.bzImageEntry()) {
            throw notBzImage(protocol);
        }
        if (protocol == BootProtocol.LINUX64 && !image.is64Bit()) {
            throw file().problem("a 32-bit ELF image has no 64-bit entry"
                    + (image.pvhEntryGpa().isPresent() ? "; boot it by PVH" : ", and it has no PVH entry note"));
        }
        if (protocol == BootProtocol.PVH && image.pvhEntryGpa().isEmpty()) {
            throw file().problem("it has no PVH entry note (XEN_ELFNOTE_PHYS32_ENTRY)");
        }
        return protocol;
    }

    private BootProtocol preferredProtocol() {
        boolean linux64 = image.is64Bit() && image.linux();
        return !linux64 && image.pvhEntryGpa().isPresent() ? BootProtocol.PVH : BootProtocol.LINUX64;
    }

    @Override
    public long entryGpa(BootProtocol protocol) {
        long entry =
                switch (protocol) {
                    case LINUX64 -> image.entry();
                    case PVH -> image.pvhEntryGpa().orElseThrow();
                    case BZIMAGE, BZIMAGE64, BZIMAGE32, BZIMAGE16 -> throw notBzImage(protocol);
                    case MULTIBOOT -> throw new IllegalStateException("a MultibootKernel's: " + protocol);
                };
        if (!image.hasCodeAt(entry)) {
            throw file().problem("the %s entry 0x%x is in no segment that the file fills"
                    .formatted(protocol.optionName(), entry));
        }
        if (entry >= ENTRY_LIMIT) {
            throw file().problem("the %s entry 0x%x is above 4 GiB".formatted(protocol.optionName(), entry));
        }
        return entry;
    }

    private ImageException notBzImage(BootProtocol protocol) {
        return file().problem("an ELF kernel can't be booted by %s: it is no bzImage".formatted(protocol.optionName()));
    }

    @Override
    public void load(GuestMemory memory) {
        image.load(memory);
    }
}
