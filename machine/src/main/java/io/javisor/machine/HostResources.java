package io.javisor.machine;

import io.javisor.core.engine.Engine;
import io.javisor.core.memory.ScratchMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything of the host's that a machine uses, opened before the first guest instruction: after that the machine opens nothing
 * by name. It outlives a guest's reset.
 */
public final class HostResources implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final ScratchMemory scratch = new ScratchMemory();
    private final BootImages images;
    private final Cleanup opened = new Cleanup();
    private List<SerialEnd> serialEnds = List.of();
    private final IdentityHashMap<VirtioDeviceConfig, DiskFile> disks = new IdentityHashMap<>();
    private final Map<String, NetEnd> nets = new HashMap<>();
    private @Nullable Engine engine;
    private @Nullable GdbSocket gdb;
    private @Nullable TraceFile trace;

    private HostResources(MachineConfig config) {
        try {
            images = BootImages.open(config, arena, scratch);
        } catch (RuntimeException | Error e) {
            scratch.close();
            arena.close();
            throw e;
        }
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
     * Opens the images, the engine, the host's ends of the serial ports and the network cards, and the disks.
     *
     * @throws ConfigException if one of them can't be had
     * @throws io.javisor.core.host.HostException if the engine can't be used
     */
    static HostResources open(MachineConfig config) {
        HostResources resources = openImages(config);
        try {
            resources.engine = EngineChoice.open(config.accel());
            resources.serialEnds = config.serial().stream()
                    .map(sink -> resources.opened.add(SerialEnd.open(sink)))
                    .toList();
            List<DevicePlacement> placements = VirtioSlots.of(config.virtio());
            for (int i = 0; i < placements.size(); i++) {
                switch (config.virtio().get(i)) {
                    case DiskConfig disk -> resources.disks.put(disk, resources.opened.add(DiskFile.open(disk)));
                    case CloudInitConfig seed ->
                        resources.disks.put(seed, resources.opened.add(SeedDisk.open(seed.userData(), config.name())));
                    case NetConfig net ->
                        resources.nets.put(placements.get(i).id(), resources.opened.add(NetEnd.open(net)));
                    case RngConfig _ -> {}
                }
            }
            GdbConfig gdbConfig = config.gdb();
            if (gdbConfig != null) {
                resources.gdb = resources.opened.add(GdbSocket.open(gdbConfig.endpoint()));
            }
            TraceConfig traced = config.trace();
            if (traced != null) {
                resources.trace = resources.opened.add(TraceFile.open(traced));
                resources.trace.start();
            }
            resources.serialEnds.forEach(SerialEnd::start);
        } catch (RuntimeException e) {
            resources.close();
            throw e;
        }
        return resources;
    }

    /** Kernel and initrd, and what they are to be told. */
    BootImages images() {
        return images;
    }

    /** Memory for a decompressed kernel, which lasts as long as the images. */
    SegmentAllocator scratch() {
        return scratch;
    }

    /** One a serial port, COM1 first. */
    List<SerialEnd> serialEnds() {
        return serialEnds;
    }

    /** The file of one of the configuration's disks. */
    DiskFile disk(VirtioDeviceConfig config) {
        return Objects.requireNonNull(disks.get(config), config::toString);
    }

    /** The host's end of a network card's cable, by the card's id. */
    NetEnd net(String id) {
        return Objects.requireNonNull(nets.get(id), id);
    }

    /** Where a debugger connects, or null. */
    @Nullable
    GdbSocket gdb() {
        return gdb;
    }

    /** Where instructions are to be written down; null for nowhere. */
    @Nullable
    TraceFile trace() {
        return trace;
    }

    Engine engine() {
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
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
