package io.javisor.firmware;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.bzimage.BzImage;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kernel that was read and checked, in one of the formats that can be booted. */
public sealed interface KernelImage permits ElfKernel, BzImageVmlinux, BzImageKernel, MultibootKernel {
    /** The file it came from. */
    ImageFile file();

    /** What it occupies in guest-physical memory, ascending and disjoint, zero-filled parts included. */
    List<GpaRange> ranges();

    /**
     * The protocol to enter it by.
     *
     * @param wanted the user's choice, or null to choose by the image
     * @throws ImageException if the image can't be entered that way
     */
    BootProtocol chooseProtocol(@Nullable BootProtocol wanted);

    /**
     * The guest-physical address of the first instruction.
     *
     * @throws ImageException if the image has none for {@code protocol}, or nothing is loaded there
     */
    long entryGpa(BootProtocol protocol);

    /** Copies it to fresh guest memory. */
    void load(GuestMemory memory);

    /** The bzImage that it came in, whose setup header the kernel gets; null if it came as an ELF file. */
    default @Nullable BzImage bzImage() {
        return null;
    }

    /** Whether its addresses are random. */
    default boolean kaslr() {
        return false;
    }

    /** What the user should know, a line each. */
    default List<String> notes() {
        return List.of();
    }
}
