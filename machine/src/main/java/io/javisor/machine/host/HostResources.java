package io.javisor.machine.host;

import io.javisor.core.engine.Engine;
import io.javisor.core.host.Cleanup;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.ScratchMemory;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BootConfig.DiskKernelBoot;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.GdbConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.config.TraceConfig;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything of the host's that a machine uses, opened before the first guest instruction: after that the machine opens nothing
 * by name. It outlives a guest's reset.
 */
public final class HostResources implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostResources.class);

    private final MappedFiles files = new MappedFiles();
    private final boolean imagesStayAsTheyAre;
    private final @Nullable DiskBoot bootDisk; // null for a kernel in a file of its own
    private ScratchMemory scratch = new ScratchMemory();
    private BootImages images;
    private final EngineChoice choice;
    private final Cleanup opened = new Cleanup();
    private List<SerialEnd> serialEnds = List.of();
    private final Map<String, VirtioKinds.Opening> virtioOpenings =
            new LinkedHashMap<>(); // by id, in the configuration's order
    private final Map<String, VirtioEnd> virtioEnds = new LinkedHashMap<>(); // likewise
    private @Nullable Engine engine;
    private @Nullable GdbSocket gdb;
    private @Nullable TraceFile trace;

    /** @param disks are this object's from now on, also if this fails */
    private HostResources(MachineConfig config, HostDisks disks, Function<Accel, EngineChoice> choose) {
        opened.add(disks);
        imagesStayAsTheyAre = !config.boot().options().kaslr(); // which writes to the kernel
        try {
            choice = choose.apply(config.accel());
            choice.requireFor(config);
            List<DiskFile> onDisks = disks.files();
            Iterator<DiskFile> ordered = onDisks.iterator(); // in the configuration's order
            for (NamedDevice device : config.devices()) {
                virtioOpenings.put(device.id(), VirtioKinds.of(device.config(), config.name(), onDisks, ordered));
            }
            switch (config.boot()) {
                case KernelBoot boot -> {
                    bootDisk = null;
                    images = BootImages.ofFiles(boot, files, opened);
                }
                case DiskKernelBoot boot -> {
                    bootDisk = new DiskBoot(disks.files().getFirst());
                    images = BootImages.onDisk(boot, bootDisk, config.memory().sizeBytes(), files, scratch);
                }
            }
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            scratch.close();
            files.close();
            throw e;
        }
    }

    /**
     * Opens the images, and looks at all else that {@link #open} opens: nothing is made, locked or changed, and nobody who has something of it
     * learns of that.
     *
     * @param disks those of {@code config}, looked at; they are the result's
     * @throws ConfigException if a machine can't have one of them at this moment
     */
    public static HostResources look(MachineConfig config, HostDisks disks) {
        HostResources resources = new HostResources(config, disks, EngineChoice::of);
        try {
            config.serial().forEach(SerialEnd::check);
            resources.virtioOpenings.forEach((id, opening) -> {
                VirtioEnd seen = opening.look().get();
                if (seen != null) {
                    resources.virtioEnds.put(id, resources.opened.add(seen));
                }
            });
            GdbConfig gdbConfig = config.debug().gdb();
            if (gdbConfig != null) {
                GdbSocket.check(gdbConfig.endpoint());
            }
            TraceConfig traced = config.debug().trace();
            if (traced != null) {
                TraceFile.check(traced);
            }
            disks.requireStillFree();
        } catch (RuntimeException | Error e) {
            resources.close();
            throw e;
        }
        return resources;
    }

    /**
     * Opens the images, the engine, and the host's ends of the serial ports and the virtio devices.
     *
     * @param disks those of {@code config}, opened; they are the result's, or closed if this fails
     * @throws ConfigException if one of them can't be had
     * @throws io.javisor.core.host.HostException if the engine can't be used
     */
    public static HostResources open(MachineConfig config, HostDisks disks) {
        HostResources resources = new HostResources(config, disks, EngineChoice::toOpen);
        try {
            resources.images.notes().forEach(note -> warn(config, note));
            resources.engine = resources.choice.open(config.accel());
            resources.serialEnds = config.serial().stream()
                    .map(sink -> resources.opened.add(SerialEnd.open(sink)))
                    .toList();
            resources.virtioOpenings.forEach((id, opening) -> resources.virtioEnds.put(
                    id, resources.opened.add(opening.open().get())));
            GdbConfig gdbConfig = config.debug().gdb();
            if (gdbConfig != null) {
                resources.gdb = resources.opened.add(GdbSocket.open(gdbConfig.endpoint()));
            }
            TraceConfig traced = config.debug().trace();
            if (traced != null) {
                resources.trace = resources.opened.add(TraceFile.open(traced));
                resources.trace.start();
            }
            resources.serialEnds.forEach(SerialEnd::start);
        } catch (RuntimeException | Error e) {
            resources.close();
            throw e;
        }
        return resources;
    }

    /** Kernel and initrd, and what they are to be told. */
    public BootImages images() {
        return images;
    }

    /** What was in the guest's memory need not be in the host's twice; a reset reads it again. */
    public void imagesAreLoaded() {
        if (bootDisk != null) {
            scratch.close();
        }
        if (bootDisk != null || imagesStayAsTheyAre) {
            files.dropPages();
        }
    }

    /**
     * Before a guest's next life: reads what is on the disk by now, as a machine's firmware does.
     *
     * @return whether there is a disk that boots, so that a plan has to be made anew
     * @throws ConfigException if it can't be read
     * @throws io.javisor.images.ImageException if there is nothing to boot on it any more
     */
    public boolean readBootDiskAgain(MachineConfig config) {
        if (bootDisk == null) {
            return false;
        }
        scratch.close();
        scratch = new ScratchMemory();
        List<String> known = images.notes();
        images = images.readAgain(config, bootDisk, scratch);
        images.notes().stream().filter(note -> !known.contains(note)).forEach(note -> warn(config, note));
        return true;
    }

    private static void warn(MachineConfig config, String note) {
        LOG.warn("disk {}: {}", config.kernelFile(), note);
    }

    /** Memory for a decompressed kernel, which lasts as long as the images: until they are loaded, if they are on a disk. */
    public SegmentAllocator scratch() {
        return scratch;
    }

    /** One a serial port, COM1 first. */
    public List<SerialEnd> serialEnds() {
        return serialEnds;
    }

    /** Connects the host's end of a virtio device to the machine, by the device's id. Once. */
    public VirtioSource connectVirtio(String id, VirtioSource.Surroundings around) {
        return Objects.requireNonNull(virtioEnds.get(id), id).connect(id, around);
    }

    /** A disk's file, by the disk's id; null if that device is no disk. */
    @Nullable
    public DiskFile disk(String id) {
        return virtioEnds.get(id) instanceof DiskEnd(DiskFile file) ? file : null;
    }

    /** How much guest-physical memory a device has of its own, by the device's id: whole pages of 2 MiB; 0 for none. */
    public long memorySizeBytes(String id) {
        return virtioEnds.get(id) instanceof PmemEnd pmem ? pmem.sizeBytes() : 0;
    }

    /**
     * The guest-physical memory that devices have of their own, which lasts as long as this.
     *
     * @param places where it is to be, by the devices' ids, ascending
     */
    public List<GuestMemory.Region> memories(Map<String, GpaRange> places) {
        List<GuestMemory.Region> regions = new ArrayList<>();
        places.forEach((id, place) -> {
            if (virtioEnds.get(id) instanceof PmemEnd pmem) {
                regions.add(pmem.region(place.startGpa()));
            }
        });
        return regions;
    }

    /** Where a debugger connects, or null. */
    @Nullable
    public GdbSocket gdb() {
        return gdb;
    }

    /** Where instructions are to be written down; null for nowhere. */
    @Nullable
    public TraceFile trace() {
        return trace;
    }

    /** Which engine was chosen, whether or not it is opened. */
    public EngineChoice choice() {
        return choice;
    }

    public Engine engine() {
        Engine present = engine;
        if (present == null) {
            throw new IllegalStateException("no engine was opened");
        }
        return present;
    }

    @Override
    public void close() {
        opened.close();
        Engine running = engine;
        if (running != null) {
            running.close();
        }
        scratch.close();
        files.close();
    }
}
