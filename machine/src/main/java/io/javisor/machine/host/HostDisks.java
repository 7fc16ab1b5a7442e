package io.javisor.machine.host;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The disks of a machine, each opened once: what is on the first decides what boots, so they are there before all else of {@link HostResources}.
 * All are locked before one is read: they may be another machine's. Not for use by several threads at once.
 */
public final class HostDisks implements AutoCloseable {
    private final List<DiskFile> files = new ArrayList<>();

    private HostDisks(List<DiskConfig> disks, boolean locked) {
        try {
            for (DiskConfig disk : disks) {
                files.add(locked ? DiskFile.open(disk, files) : DiskFile.look(disk, files));
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Opens and locks them, for a machine that is to run.
     *
     * @throws ConfigException naming the first that can't be had, or that another machine has
     */
    public static HostDisks open(List<DiskConfig> disks) {
        return new HostDisks(disks, true);
    }

    /**
     * Opens them to be looked at: for reading only, and without a lock, so that whoever wants them at this moment gets them.
     *
     * @throws ConfigException if {@link #open} would throw one
     */
    public static HostDisks look(List<DiskConfig> disks) {
        return new HostDisks(disks, false);
    }

    /**
     * What the first one is to a machine without a kernel; null if there is none.
     *
     * @throws io.javisor.images.ImageException if its partition table is damaged, or it can't be read
     */
    public @Nullable BootDisk first() {
        return files.isEmpty() ? null : BootDisk.of(files.getFirst());
    }

    /** In the machine's order. */
    List<DiskFile> files() {
        return List.copyOf(files);
    }

    /**
     * After what was read without a lock.
     *
     * @throws ConfigException if another machine has one of them by now
     */
    void requireStillFree() {
        files.forEach(DiskFile::requireStillFree);
    }

    /** Closes them, and ends their locks. Does nothing the second time. */
    @Override
    public void close() {
        files.forEach(DiskFile::close);
    }
}
