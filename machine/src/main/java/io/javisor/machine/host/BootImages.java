package io.javisor.machine.host;

import io.javisor.core.host.Cleanup;
import io.javisor.firmware.image.KernelCache;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageFile;
import io.javisor.machine.config.BootConfig;
import io.javisor.machine.config.BootConfig.DiskKernelBoot;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a guest starts with: from files of their own, or from a disk's partitions.
 *
 * @param modules those of the configuration, in its order
 * @param commandLine what the disk's boot loader would pass, or null
 * @param cache what is kept of the kernel in a bzImage
 * @param notes what the user should know of the disk, a line each
 */
public record BootImages(
        ImageFile kernel,
        @Nullable ByteSource initrd,
        List<ImageFile> modules,
        @Nullable String commandLine,
        KernelCache cache,
        List<String> notes) {
    /**
     * Opens them where the kernel is in a file of its own.
     *
     * @param files what is mapped lasts as long as this
     * @param opened closes what stays open until then
     * @throws ConfigException if one can't be read
     */
    static BootImages ofFiles(KernelBoot boot, MappedFiles files, Cleanup opened) {
        InputFile file = opened.add(InputFile.open("kernel", boot.kernel()));
        ImageFile kernel = map(file, files);
        Path directory = boot.cache();
        KernelCache cache = directory == null
                ? KernelCache.NONE
                : new KernelCacheDirectory(directory, file, kernel.bytes(), files, InstantSource.system());
        return new BootImages(
                kernel, initrd(boot.options(), files), modules(boot.options(), files), null, cache, List.of());
    }

    private static List<ImageFile> modules(KernelOptions options, MappedFiles files) {
        return options.modules().stream()
                .map(module -> open("module", module.path(), files))
                .toList();
    }

    private static @Nullable ImageFile initrd(KernelOptions options, MappedFiles files) {
        Path initrd = options.initrd();
        return initrd == null ? null : open("initrd", initrd, files);
    }

    /**
     * Opens them where the kernel is on a disk, and reads that.
     *
     * @param disk where it is
     * @param memoryBytes the guest's RAM
     * @param files what is mapped lasts as long as this
     * @param scratch what is read lies here
     * @throws ConfigException if one can't be read
     * @throws io.javisor.images.ImageException if there is nothing to boot on the disk
     */
    static BootImages onDisk(
            DiskKernelBoot boot, DiskBoot disk, long memoryBytes, MappedFiles files, SegmentAllocator scratch) {
        DiskBoot.Images found = disk.read(scratch, memoryBytes);
        ImageFile given = initrd(boot.options(), files);
        return new BootImages(
                found.kernel(),
                given != null ? given : found.initrd(),
                modules(boot.options(), files),
                found.commandLine(),
                KernelCache.NONE,
                found.notes());
    }

    /** As they are by now, for a machine whose kernel is on a disk. What has a file of its own is the same. */
    BootImages readAgain(MachineConfig config, DiskBoot disk, SegmentAllocator scratch) {
        DiskBoot.Images found = disk.read(scratch, config.memory().sizeBytes());
        return new BootImages(
                found.kernel(),
                config.boot().options().initrd() != null ? initrd : found.initrd(),
                modules,
                found.commandLine(),
                KernelCache.NONE,
                found.notes());
    }

    /** Where the kernel is from: its path, or its place on the disk. */
    public String kernelSource(BootConfig boot) {
        return switch (boot) {
            case KernelBoot own -> own.kernel().toString();
            case DiskKernelBoot _ -> kernel.name();
        };
    }

    /** Where the initial RAM disk is from: its path, or its place on the disk; null if there is none. */
    public @Nullable String initrdSource(BootConfig boot) {
        Path given = boot.options().initrd();
        if (given != null) {
            return given.toString();
        }
        return initrd == null ? null : initrd.name();
    }

    private static ImageFile open(String what, Path path, MappedFiles files) {
        try (InputFile file = InputFile.open(what, path)) {
            return map(file, files);
        }
    }

    /** Maps a file, which costs nothing for the parts that nobody reads. */
    private static ImageFile map(InputFile file, MappedFiles files) {
        return new ImageFile(file.name(), files.map(file.fd(), file.sizeBytes()));
    }
}
