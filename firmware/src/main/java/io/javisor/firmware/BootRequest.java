package io.javisor.firmware;

import io.javisor.firmware.image.ImageFile;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants to boot.
 *
 * @param protocol null: chosen by the kernel's notes
 * @param initrd null: none
 * @param commandLine as the kernel gets it
 */
public record BootRequest(
        ImageFile kernel,
        @Nullable BootProtocol protocol,
        @Nullable ImageFile initrd,
        String commandLine) {}
