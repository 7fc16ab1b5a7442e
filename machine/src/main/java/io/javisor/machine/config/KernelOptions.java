package io.javisor.machine.config;

import io.javisor.firmware.BootProtocol;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel is started with, and how it is entered, wherever it is from.
 *
 * @param initrd the initial RAM disk's file, which a Multiboot kernel gets as its first module; null for none, or for the one that the disk's boot
 *     loader would give to a kernel on a disk
 * @param modules further files for a Multiboot kernel, which no other kernel takes
 * @param commandLine the kernel's parameters, to which the machine adds what the host needs; null for {@link #DEFAULT_COMMAND_LINE}, or for those
 *     of the disk's boot loader
 * @param protocol how the kernel is entered; null to go by the image
 * @param kaslr whether the kernel in a bzImage is moved to random addresses
 */
public record KernelOptions(
        @Nullable Path initrd,
        List<ModuleConfig> modules,
        @Nullable String commandLine,
        @Nullable BootProtocol protocol,
        boolean kaslr) {

    /** Serial console; reboot through the keyboard controller; a panic ends the machine at once. */
    public static final String DEFAULT_COMMAND_LINE = "console=ttyS0 reboot=k panic=-1";

    /** Nothing of one's own. */
    public static final KernelOptions DEFAULT = new KernelOptions(null, List.of(), null, null, false);

    public KernelOptions {
        modules = List.copyOf(modules);
    }

    /** The same with another initial RAM disk. */
    public KernelOptions withInitrd(@Nullable Path value) {
        return new KernelOptions(value, modules, commandLine, protocol, kaslr);
    }

    /** The same with other modules. */
    public KernelOptions withModules(List<ModuleConfig> value) {
        return new KernelOptions(initrd, value, commandLine, protocol, kaslr);
    }

    /** The same with other parameters. */
    public KernelOptions withCommandLine(@Nullable String value) {
        return new KernelOptions(initrd, modules, value, protocol, kaslr);
    }

    /** The same, entered otherwise. */
    public KernelOptions withProtocol(@Nullable BootProtocol value) {
        return new KernelOptions(initrd, modules, commandLine, value, kaslr);
    }

    /** The same with the kernel moved to random addresses, or not. */
    public KernelOptions withKaslr(boolean value) {
        return new KernelOptions(initrd, modules, commandLine, protocol, value);
    }
}
