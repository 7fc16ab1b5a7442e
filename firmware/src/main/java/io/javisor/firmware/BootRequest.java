package io.javisor.firmware;

import io.javisor.firmware.multiboot.MultibootModule;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants to boot.
 *
 * @param protocol null: chosen by the image
 * @param initrd null: none
 * @param commandLine as a Linux kernel gets it, and one by PVH
 * @param kaslr whether a bzImage's kernel is moved to random addresses
 * @param multiboot what a Multiboot kernel gets in place of command line and initrd
 */
public record BootRequest(
        ImageFile kernel,
        @Nullable BootProtocol protocol,
        @Nullable ByteSource initrd,
        String commandLine,
        boolean kaslr,
        Multiboot multiboot) {
    /**
     * What a Multiboot kernel gets.
     *
     * @param commandLine by custom the kernel's name first
     * @param initrdText what it is told of the initrd, which is its first module
     * @param modules after the initrd; no other kernel takes any
     */
    public record Multiboot(String commandLine, String initrdText, List<MultibootModule> modules) {
        public Multiboot {
            modules = List.copyOf(modules);
        }
    }

    /** With the same command line for a Multiboot kernel. */
    public BootRequest(
            ImageFile kernel,
            @Nullable BootProtocol protocol,
            @Nullable ByteSource initrd,
            String commandLine,
            boolean kaslr) {
        this(kernel, protocol, initrd, commandLine, kaslr, new Multiboot(commandLine, "initrd", List.of()));
    }

    /** Without KASLR. */
    public BootRequest(
            ImageFile kernel, @Nullable BootProtocol protocol, @Nullable ByteSource initrd, String commandLine) {
        this(kernel, protocol, initrd, commandLine, false);
    }
}
