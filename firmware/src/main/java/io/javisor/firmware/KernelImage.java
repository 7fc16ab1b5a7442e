package io.javisor.firmware;

import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.elf.ElfImage;
import io.javisor.firmware.image.BootException;
import io.javisor.firmware.image.ImageFile;
import io.javisor.firmware.image.ImageKind;
import io.javisor.firmware.layout.GpaRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kernel that was read and checked, in one of the formats that can be booted. */
public sealed interface KernelImage permits ElfKernel {
    /** The file it came from. */
    ImageFile file();

    /** What it occupies in guest-physical memory, ascending and disjoint, zero-filled parts included. */
    List<GpaRange> ranges();

    /**
     * The protocol to enter it by.
     *
     * @param wanted the user's choice, or null to choose by the image
     * @throws BootException if the image can't be entered that way
     */
    BootProtocol chooseProtocol(@Nullable BootProtocol wanted);

    /**
     * The guest-physical address of the first instruction.
     *
     * @throws BootException if the image has none for {@code protocol}, or nothing is loaded there
     */
    long entryGpa(BootProtocol protocol);

    /** Copies it to fresh guest memory. */
    void load(GuestMemory memory);

    /**
     * Reads and checks a kernel.
     *
     * @throws BootException in one line, if it is nothing that can be booted
     */
    static KernelImage read(ImageFile file) {
        ImageKind kind = ImageKind.of(file);
        if (kind == ImageKind.ELF) {
            return new ElfKernel(ElfImage.read(file));
        }
        if (kind == ImageKind.BZIMAGE) {
            throw file.problem(
                    "a bzImage (a compressed Linux kernel) can't be booted yet; give the uncompressed vmlinux, an ELF"
                            + " image");
        }
        throw file.problem("not a kernel: it looks like %s%s"
                .formatted(kind.description(), kind.compressed() ? "; decompress it first" : ""));
    }
}
