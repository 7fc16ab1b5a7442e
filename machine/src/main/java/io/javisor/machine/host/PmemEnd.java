package io.javisor.machine.host;

import io.javisor.core.io.StitchedMapping;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.pmem.PmemCounters;
import io.javisor.devices.virtio.pmem.PmemDevice;
import io.javisor.machine.config.PmemConfig;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An image's files, as memory. It outlives the guest's memory, of which it is a part. */
final class PmemEnd implements VirtioEnd {
    private final ImageFiles files;
    private final @Nullable StitchedMapping mapping; // null for who only looks

    private PmemEnd(ImageFiles files, @Nullable StitchedMapping mapping) {
        this.files = files;
        this.mapping = mapping;
    }

    static PmemEnd open(PmemConfig config, List<DiskFile> disks) {
        ImageFiles files = ImageFiles.open(config.files(), disks);
        try {
            return new PmemEnd(files, StitchedMapping.of(files.file()));
        } catch (RuntimeException | Error e) {
            files.close();
            throw e;
        }
    }

    static PmemEnd look(PmemConfig config, List<DiskFile> disks) {
        return new PmemEnd(ImageFiles.look(config.files(), disks), null);
    }

    /** How much of the guest's addresses it takes, in bytes. */
    long sizeBytes() {
        return StitchedMapping.sizeBytes(files.file());
    }

    GuestMemory.Region region(long startGpa) {
        return new GuestMemory.Region(startGpa, Objects.requireNonNull(mapping).segment());
    }

    @Override
    public VirtioSource connect(String id, VirtioSource.Surroundings around) {
        PmemCounters counters = new PmemCounters();
        GpaRange place = Objects.requireNonNull(around.memories().get(id), id);
        return () -> new PmemDevice(id, place, counters);
    }

    @Override
    public void close() {
        if (mapping != null) {
            mapping.close();
        }
        files.close(); // whose locks last as long as the mapping
    }
}
