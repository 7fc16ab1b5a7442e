package io.javisor.machine;

import io.javisor.core.kvm.Kvm;
import io.javisor.core.memory.ScratchMemory;
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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything of the host's that a machine uses, opened before the first guest instruction: after that the machine opens nothing
 * by name. It outlives a guest's reset.
 */
public final class HostResources implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final ScratchMemory scratch = new ScratchMemory();
    private final ImageFile kernel;
    private final @Nullable ImageFile initrd;
    private final KernelCache kernelCache;
    private final Cleanup opened = new Cleanup();
    private List<SerialEnd> serialEnds = List.of();
    private final IdentityHashMap<VirtioDeviceConfig, DiskFile> disks = new IdentityHashMap<>();
    private @Nullable Kvm kvm;

    private HostResources(MachineConfig config) {
        try {
            FileIdentity identity = config.kernelCache() == null ? null : identity(config.kernel());
            kernel = map("kernel", config.kernel());
            kernelCache = kernelCache(config, identity);
            Path initrdPath = config.initrd();
            initrd = initrdPath == null ? null : map("initrd", initrdPath);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
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

    private KernelCache kernelCache(MachineConfig config, @Nullable FileIdentity identity) {
        Path directory = config.kernelCache();
        return directory == null || identity == null
                ? KernelCache.NONE
                : new KernelCacheDirectory(
                        directory, config.kernel(), identity, kernel.bytes(), arena, InstantSource.system());
    }

    /**
     * Opens the images only, which is all that a dry run needs.
     *
     * @throws ConfigException if one can't be read
     */
    static HostResources openImages(MachineConfig config) {
        return new HostResources(config);
    }

    /**
     * Opens the images, KVM, the host's ends of the serial ports, and the disks.
     *
     * @throws ConfigException if one of them can't be had
     * @throws io.javisor.core.kvm.KvmUnavailableException if KVM can't be used
     */
    static HostResources open(MachineConfig config) {
        HostResources resources = openImages(config);
        try {
            resources.kvm = Kvm.open();
            resources.serialEnds = config.serial().stream()
                    .map(sink -> resources.opened.add(SerialEnd.open(sink)))
                    .toList();
            for (VirtioDeviceConfig device : config.virtio()) {
                switch (device) {
                    case DiskConfig disk -> resources.disks.put(disk, resources.opened.add(DiskFile.open(disk)));
                    case CloudInitConfig seed ->
                        resources.disks.put(
                                seed, resources.opened.add(SeedDisk.open(seed.userData(), config.name())));
                    case RngConfig _ -> {}
                }
            }
            resources.serialEnds.forEach(SerialEnd::start);
        } catch (RuntimeException e) {
            resources.close();
            throw e;
        }
        return resources;
    }

    ImageFile kernel() {
        return kernel;
    }

    @Nullable
    ImageFile initrd() {
        return initrd;
    }

    /** Memory for a decompressed kernel, which lasts as long as the images. */
    SegmentAllocator scratch() {
        return scratch;
    }

    /** What is kept of the kernel in a bzImage. */
    KernelCache kernelCache() {
        return kernelCache;
    }

    /** One a serial port, COM1 first. */
    List<SerialEnd> serialEnds() {
        return serialEnds;
    }

    /** The file of one of the configuration's disks. */
    DiskFile disk(VirtioDeviceConfig config) {
        return Objects.requireNonNull(disks.get(config), config::toString);
    }

    Kvm kvm() {
        Kvm device = kvm;
        if (device == null) {
            throw new IllegalStateException("KVM was not opened");
        }
        return device;
    }

    /** Maps a file, which costs nothing for the parts that nobody reads. */
    private ImageFile map(String what, Path path) {
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

    @Override
    public void close() {
        opened.close();
        Kvm device = kvm;
        if (device != null) {
            device.close();
        }
        scratch.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
