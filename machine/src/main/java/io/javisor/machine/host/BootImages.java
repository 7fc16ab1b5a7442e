package io.javisor.machine.host;

import io.javisor.core.host.Cleanup;
import io.javisor.firmware.image.KernelCache;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageFile;
import io.javisor.machine.config.ConfigException;
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
     * Opens them.
     *
     * @param disk where the kernel is; null if it is a file of its own
     * @param files what is mapped lasts as long as this
     * @param scratch what is read lies here
     * @param opened closes what stays open until then
     * @throws ConfigException if one can't be read
     * @throws io.javisor.images.ImageException if there is nothing to boot on the disk
     */
    static BootImages open(
            MachineConfig config,
            @Nullable DiskBoot disk,
            MappedFiles files,
            SegmentAllocator scratch,
            Cleanup opened) {
        return disk != null ? onDisk(config, disk, files, scratch) : ofFiles(config, files, opened);
    }

    private static BootImages ofFiles(MachineConfig config, MappedFiles files, Cleanup opened) {
        InputFile file = opened.add(InputFile.open("kernel", config.kernel()));
        ImageFile kernel = map(file, files);
        Path directory = config.kernelCache();
        KernelCache cache = directory == null
                ? KernelCache.NONE
                : new KernelCacheDirectory(directory, file, kernel.bytes(), files, InstantSource.system());
        return new BootImages(kernel, initrd(config, files), modules(config, files), null, cache, List.of());
    }

    private static List<ImageFile> modules(MachineConfig config, MappedFiles files) {
        return config.modules().stream()
                .map(module -> open("module", module.path(), files))
                .toList();
    }

    private static @Nullable ImageFile initrd(MachineConfig config, MappedFiles files) {
        Path initrd = config.initrd();
        return initrd == null ? null : open("initrd", initrd, files);
    }

    private static BootImages onDisk(MachineConfig config, DiskBoot disk, MappedFiles files, SegmentAllocator scratch) {
        DiskBoot.Images found = disk.read(scratch, config.memoryBytes());
        ImageFile given = initrd(config, files);
        return new BootImages(
                found.kernel(),
                given != null ? given : found.initrd(),
                modules(config, files),
                found.commandLine(),
                KernelCache.NONE,
                found.notes());
    }

    /** As they are by now, for a machine whose kernel is on a disk. What has a file of its own is the same. */
    BootImages readAgain(MachineConfig config, DiskBoot disk, SegmentAllocator scratch) {
        DiskBoot.Images found = disk.read(scratch, config.memoryBytes());
        return new BootImages(
                found.kernel(),
                config.initrd() != null ? initrd : found.initrd(),
                modules,
                found.commandLine(),
                KernelCache.NONE,
                found.notes());
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
