package io.javisor.machine;

import io.javisor.firmware.disk.BootFiles;
import io.javisor.firmware.disk.ByteSource;
import io.javisor.firmware.diskboot.BootFinder;
import io.javisor.firmware.image.ImageFile;
import io.javisor.firmware.image.KernelCache;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a guest starts with: from files of their own, or from a disk's partitions.
 *
 * @param modules those of the configuration, in its order
 * @param commandLine what the disk's boot loader would pass, or null
 * @param cache what is kept of the kernel in a bzImage
 */
record BootImages(
        ImageFile kernel,
        @Nullable ImageFile initrd,
        List<ImageFile> modules,
        @Nullable String commandLine,
        KernelCache cache) {
    /** Distributions' kernels have some 10 MiB, and 60 with symbols. */
    private static final long MAX_KERNEL_BYTES = 512L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(BootImages.class);

    /**
     * Opens them.
     *
     * @param arena what is mapped lasts as long as this
     * @param scratch what is read lies here
     * @throws ConfigException if one can't be read
     * @throws io.javisor.firmware.image.BootException if there is nothing to boot on the disk
     */
    static BootImages open(MachineConfig config, Arena arena, SegmentAllocator scratch) {
        return config.kernelOnDisk() ? onDisk(config, arena, scratch) : ofFiles(config, arena);
    }

    private static BootImages ofFiles(MachineConfig config, Arena arena) {
        FileIdentity identity = config.kernelCache() == null ? null : identity(config.kernel());
        ImageFile kernel = map("kernel", config.kernel(), arena);
        KernelCache cache = kernelCache(config, identity, kernel, arena);
        return new BootImages(kernel, initrd(config, arena), modules(config, arena), null, cache);
    }

    private static List<ImageFile> modules(MachineConfig config, Arena arena) {
        return config.modules().stream()
                .map(module -> map("module", module.path(), arena))
                .toList();
    }

    private static @Nullable ImageFile initrd(MachineConfig config, Arena arena) {
        Path initrd = config.initrd();
        return initrd == null ? null : map("initrd", initrd, arena);
    }

    private static BootImages onDisk(MachineConfig config, Arena arena, SegmentAllocator scratch) {
        Path path = config.kernel();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            BootFiles found = BootFinder.find(ByteSource.of("disk " + path, channel, channel.size()))
                    .orElseThrow(() -> new ConfigException("disk " + path + " has no partitions to boot from"));
            LOG.info("disk {} boots {}", path, found.description());
            found.notes().forEach(note -> LOG.info("disk {}: {}", path, note));
            ImageFile given = initrd(config, arena);
            // A file may claim more than the image has: what is no kernel's size is not read at all.
            ImageFile kernel = found.loadKernel(scratch, Math.min(config.memoryBytes(), MAX_KERNEL_BYTES));
            long left = config.memoryBytes() - kernel.bytes().byteSize();
            return new BootImages(
                    kernel,
                    given != null ? given : found.loadInitrd(scratch, left),
                    modules(config, arena),
                    found.commandLine(),
                    KernelCache.NONE);
        } catch (IOException e) {
            throw new ConfigException("disk " + path + " can't be read: " + e.getMessage(), e);
        }
    }

    /** Null where it can't be had, which {@link #map} says better. */
    private static @Nullable FileIdentity identity(Path file) {
        try {
            return FileIdentity.of(file);
        } catch (IOException | RuntimeException _) {
            return null;
        }
    }

    private static KernelCache kernelCache(
            MachineConfig config, @Nullable FileIdentity identity, ImageFile kernel, Arena arena) {
        Path directory = config.kernelCache();
        return directory == null || identity == null
                ? KernelCache.NONE
                : new KernelCacheDirectory(
                        directory, config.kernel(), identity, kernel.bytes(), arena, InstantSource.system());
    }

    /** Maps a file, which costs nothing for the parts that nobody reads. */
    private static ImageFile map(String what, Path path, Arena arena) {
        if (Files.isDirectory(path)) {
            throw new ConfigException(what + " " + path + " is a directory; give the file in it");
        }
        // Before it is opened: a FIFO that nobody writes to would be waited for.
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new ConfigException(what + " " + path + " is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            MemorySegment bytes =
                    size == 0 ? MemorySegment.NULL : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            return new ImageFile(what + " " + path, bytes);
        } catch (NoSuchFileException e) {
            throw new ConfigException(what + " " + path + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new ConfigException(what + " " + path + " is not readable; try: sudo chmod a+r " + path, e);
        } catch (IOException e) {
            throw new ConfigException(what + " " + path + " can't be read: " + e.getMessage(), e);
        }
    }
}
