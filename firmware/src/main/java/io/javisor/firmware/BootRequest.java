package io.javisor.firmware;

import io.javisor.firmware.image.ImageFile;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants to boot.
 *
 * @param protocol null: chosen by the image
 * @param initrd null: none
 * @param commandLine as the kernel gets it
 * @param kaslr whether a bzImage's kernel is moved to random addresses
 */
public record BootRequest(
        ImageFile kernel,
        @Nullable BootProtocol protocol,
        @Nullable ImageFile initrd,
        String commandLine,
        boolean kaslr) {
    /** Without KASLR. */
    public BootRequest(
            ImageFile kernel, @Nullable BootProtocol protocol, @Nullable ImageFile initrd, String commandLine) {
        this(kernel, protocol, initrd, commandLine, false);
    }
}
